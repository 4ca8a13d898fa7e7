/**
 * Actions on many sessions, carried out step by step. Each step of each operation is a row on disk: after our own restart an operation goes
 * on where it was; after a reboot, or an hour without us, it is shown as interrupted, because by then nobody waits for it any more.
 */

import { type Act, type Actor, act } from "../kernel/act.ts";
import type { Clock } from "../kernel/clock.ts";
import { AppError, conflict, invalid, messageOf, notFound } from "../kernel/errors.ts";
import { timeId } from "../kernel/id.ts";
import { openTurn } from "../kernel/in-turn.ts";
import type { Log } from "../kernel/log.ts";
import { type Loop, openLoop } from "../kernel/loop.ts";
import { openTopic, type Topic } from "../kernel/topic.ts";
import type { DesiredDoor } from "../pairs/desired.ts";
import type { Directory } from "../pairs/directory.ts";
import type { Fleet } from "./fleet.ts";
import { type Operation, type OperationRows, operationOf, type Step, undoOf } from "./operation.ts";
import { advance, closed, halt, type Look } from "./rolling.ts";
import { candidatesOf, type Order, type Preview, previewOf, RESTING } from "./selection.ts";

export interface OperationsOptions {
  directory: Directory;
  desired: DesiredDoor;
  fleet: Pick<Fleet, "status" | "restart" | "retryNow" | "thaw" | "surrender">;
  rows: OperationRows;
  clock: Clock;
  log: Log;
}

export interface Operations {
  preview(order: Pick<Order, "action" | "filter" | "until">): Preview;
  /**
   * Begins what `preview` showed. `expected` is its hash, or how many it would touch. Throws `conflict` when the selection is another by
   * now or nothing would be touched.
   */
  begin(order: Order, expected: string | number, actor: Actor): Promise<Operation>;
  /** Newest first. */
  list(): Operation[];
  /** Throws `not_found`. */
  get(id: string): Operation;
  pause(id: string, actor: Actor): Promise<Operation>;
  resume(id: string, actor: Actor): Promise<Operation>;
  cancel(id: string, actor: Actor): Promise<Operation>;
  /** Puts the wishes back, as an operation of its own. Throws `conflict` for restarts and for what is undone already. */
  undo(id: string, actor: Actor): Promise<Operation>;
  /** Ids of operations that went on. */
  changed: Topic<string>;
  start(): void;
  stop(): Promise<void>;
  loops(): Loop[];
}

const EVERY_MS = 250;
const KEPT = 100;
const RESUMED_WITHIN_MS = 3_600_000;

/** Resolves when what was under way is known; nothing is asked before `start`. */
export async function openOperations(options: OperationsOptions): Promise<Operations> {
  const { directory, desired, fleet, rows, clock } = options;
  const log = options.log.with({ part: "operations" });
  const changed = openTopic<string>((error) => log.error("a listener of the operations failed", { error }));
  const known = new Map<string, Operation>();
  for (const operation of (await rows.recent(KEPT)).reverse()) known.set(operation.id, takenUp(operation, clock));
  const unsaved = new Set([...known.values()].filter(isOpen).map(({ id }) => id));
  const loop = openLoop({ name: "operations", everyMs: EVERY_MS, run: runOnce, log, now: clock.now });

  // Each change from what the one before has stored: a lever that is pulled while a round is stored is not undone by it.
  const inTurn = openTurn();

  async function keep(operation: Operation, acts: readonly Act[] = []): Promise<Operation> {
    const told = { ...operation, wordAt: clock.uptimeMs() };
    await rows.save(told, acts);
    known.set(told.id, told);
    for (const id of known.keys()) if (known.size > KEPT && !isOpen(known.get(id)!)) known.delete(id);
    changed.publish(told.id);
    return told;
  }

  async function runOnce(): Promise<void> {
    for (const operation of [...known.values()].filter(isOpen)) {
      const { operation: next, ask } = advance(operation, look, clock.uptimeMs(), clock.now());
      let steps = next.steps;
      for (const session of ask) {
        const answer = await pull(next, steps.find((step) => step.session === session)!);
        if (answer) steps = steps.map((step) => (step.session === session ? { ...step, ...answer } : step));
      }
      if (!unsaved.delete(operation.id) && ask.length === 0 && sameSteps(operation, next)) continue;
      // Somebody pulled a lever while we were asking: their word stands, with what became of the steps.
      const merged = await inTurn(async () => {
        const now = known.get(operation.id)!;
        const both = now === operation ? { ...next, steps } : { ...now, steps: now.steps.map((step) => latest(step, steps)) };
        await keep(closed(both, clock.now()));
        return both;
      });
      if (merged.endedAt === null && isOver(merged)) log.info("an operation ended", { operation: merged.id, state: merged.state });
    }
  }

  /** Asks for one step; what is refused for good comes back as its end. A store that is away is asked again with the next round. */
  async function pull(operation: Operation, { session, wish }: Step): Promise<Partial<Step> | null> {
    const actor = { name: operation.by, from: operation.from };
    try {
      if (operation.action === "thaw") await fleet.thaw(session, actor);
      else if (operation.action === "give_up") await fleet.surrender(session, actor, operation.reason ?? undefined);
      else if (wish === null) await fleet.restart(session, actor, restartReason(operation));
      else if (wish.until !== null && wish.until <= clock.now()) return { state: "left", why: "its time has passed" };
      else {
        const again = wish.state === "up" && directory.session(session)?.desired.state === "up" && rests(session);
        await desired.set(session, wish, actor);
        if (again) await fleet.retryNow(session, actor, wish.reason ?? undefined);
      }
      return null;
    } catch (error) {
      if (!(error instanceof AppError) || error.code === "unavailable" || error.code === "internal") {
        log.warn("a session could not be asked yet", { operation: operation.id, session, error: messageOf(error) });
        return { state: "waiting", run: null, askedAt: null };
      }
      return { state: "refused", why: error.message };
    }
  }

  function rests(session: string): boolean {
    const state = fleet.status(session)?.state;
    return state !== undefined && RESTING.has(state);
  }

  function look(id: string): Look {
    const session = directory.session(id);
    const status = fleet.status(id);
    const wish = session && session.retiredAt === null ? session.desired : null;
    return { desired: wish, state: status?.state ?? "starting", why: status?.why ?? "not seen yet", run: status?.run ?? null };
  }

  function origin({ name, from }: Actor) {
    const now = clock.now();
    return { id: timeId("o", now), by: name, from, now, uptimeMs: clock.uptimeMs(), bootId: clock.bootId };
  }

  function get(id: string): Operation {
    const operation = known.get(id);
    if (!operation) throw notFound(`Operation ${id}`);
    return operation;
  }

  function lever(id: string, verb: string, actor: Actor, change: (operation: Operation) => Operation): Promise<Operation> {
    return inTurn(async () => {
      const operation = get(id);
      if (!isOpen(operation)) throw conflict(`Operation ${id} is over: ${operation.state}`, "over");
      const next = change(operation);
      if (next === operation) return operation;
      const kept = await keep(closed(next, clock.now()), [act(actor, clock.now(), verb, `operation:${id}`)]);
      loop.nudge();
      return kept;
    });
  }

  async function launch(operation: Operation, actor: Actor, detail: Record<string, unknown>): Promise<Operation> {
    const written = act(actor, operation.createdAt, "operation.begin", `operation:${operation.id}`, { reason: operation.reason, detail });
    const kept = await keep(closed(operation, clock.now()), [written]);
    loop.nudge();
    return kept;
  }

  const preview: Operations["preview"] = (order) => previewOf(order, candidatesOf(directory, fleet.status));

  const operations: Operations = {
    preview,
    async begin(order, expected, actor) {
      if (order.until !== null && order.until <= clock.now())
        throw invalid("until: must lie in the future", [{ field: "until", message: "must lie in the future" }]);
      const seen = preview(order);
      const count = seen.touched.length;
      if (expected !== seen.hash && expected !== count)
        throw conflict(`The selection has changed: it is ${count} now. Look at it again, then confirm.`, "changed");
      if (count === 0) throw conflict("Nothing would be done: no session of this selection needs it and may have it.", "nothing");
      const operation = operationOf(seen, order, origin(actor));
      const { action, filter, rolling } = order;
      return launch(operation, actor, { action, filter, sessions: count, ...(rolling ? { rolling } : {}) });
    },
    list: () => [...known.values()].reverse(),
    get,
    pause: (id, actor) =>
      lever(id, "operation.pause", actor, (found) =>
        found.state === "running" ? { ...found, state: "paused", why: `paused by ${actor.name}` } : found,
      ),
    resume: (id, actor) =>
      lever(id, "operation.resume", actor, (found) => (found.state === "paused" ? { ...found, state: "running", why: null } : found)),
    cancel: (id, actor) =>
      lever(id, "operation.cancel", actor, (found) => halt(found, "cancelled", `cancelled by ${actor.name}`, "not reached")),
    async undo(id, actor) {
      const operation = get(id);
      const { action, undoneBy } = operation;
      if (action !== "start" && action !== "stop") throw conflict("Only starts and stops can be undone", "not_undoable");
      if (undoneBy !== null) throw conflict(`It was undone already: operation ${undoneBy}`, "undone");
      if (isOpen(operation)) await operations.cancel(id, actor);
      const back = undoOf(get(id), (session) => look(session).desired, origin(actor));
      await keep({ ...get(id), undoneBy: back.id });
      return launch(back, actor, { action: "undo", undoes: id, sessions: back.steps.filter(({ state }) => state === "waiting").length });
    },
    changed,
    start: loop.start,
    stop: loop.stop,
    loops: () => [loop],
  };
  return operations;
}

/** Its timeline says that it did not go alone. */
function restartReason({ rolling, reason }: Operation): string | undefined {
  if (rolling === null) return reason ?? undefined;
  return reason === null ? "rolling restart" : `rolling restart: ${reason}`;
}

function isOpen({ endedAt }: Operation): boolean {
  return endedAt === null;
}

function isOver({ steps }: Operation): boolean {
  return !steps.some(({ state }) => state === "waiting" || state === "asked");
}

/** An operation that was under way when we went down. What was asked may not have been heard: it is asked again unless it is answered. */
function takenUp(operation: Operation, { bootId, uptimeMs, now }: Clock): Operation {
  if (!isOpen(operation)) return operation;
  const steps = operation.steps.map(
    (step): Step => (step.state === "asked" && step.seenAt === null ? { ...step, state: "waiting" } : step),
  );
  const why =
    operation.bootId !== bootId
      ? "the machine went down meanwhile"
      : uptimeMs() - operation.wordAt > RESUMED_WITHIN_MS
        ? "Signalbox was away for more than an hour"
        : null;
  if (why === null) return { ...operation, steps };
  const ended = halt({ ...operation, steps }, "interrupted", why, "not reached");
  return closed(
    {
      ...ended,
      steps: ended.steps.map((step): Step => (step.state === "asked" ? { ...step, state: "left", why: "not followed to its end" } : step)),
    },
    now(),
  );
}

function sameSteps(before: Operation, after: Operation): boolean {
  if (before.state !== after.state || before.endedAt !== after.endedAt) return false;
  return before.steps.every((step, i) => {
    const next = after.steps[i]!;
    return step.state === next.state && step.why === next.why && step.seenAt === next.seenAt && step.run === next.run;
  });
}

/** A step that was not reached when the lever was pulled may have been asked in the same moment. */
function latest(step: Step, asked: readonly Step[]): Step {
  return asked.find(({ session, state }) => session === step.session && state !== "waiting") ?? step;
}
