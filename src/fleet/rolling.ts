/** The next step of an operation: what became of those that were asked, who is asked next, and whether it has to end. Pure. */

import type { Desired } from "../pairs/session.ts";
import type { Operation, Step } from "./operation.ts";
import { spanWords } from "./restarts.ts";
import type { SessionState } from "./states.ts";

/** What is seen of a session now. */
export interface Look {
  /** null: it is retired. */
  desired: Desired | null;
  state: SessionState;
  why: string;
  run: string | null;
}

export interface Advance {
  operation: Operation;
  /** Sessions to be asked now; their steps say so already. */
  ask: readonly string[];
}

/** The wait for an answer that does not come. What is starting or stopping is given the time that takes. */
export const ANSWER_WITHIN_MS = 30_000;

const ALIVE: ReadonlySet<SessionState> = new Set(["running", "silent", "frozen"]);
const BETWEEN: ReadonlySet<SessionState> = new Set(["starting", "stopping"]);
const FALLEN: ReadonlySet<SessionState> = new Set(["backoff", "crashed", "interrupted", "orphan", "duplicate", "stopped", "lost"]);

/** `uptimeMs` and `now` are the same instant on the two clocks. */
export function advance(before: Operation, look: (session: string) => Look, uptimeMs: number, now: number): Advance {
  let operation: Operation = {
    ...before,
    steps: before.steps.map((step) => (step.state === "asked" ? follow(step, look(step.session), before, uptimeMs) : step)),
  };
  const fallen = operation.rolling && operation.steps.find((step) => step.state === "failed");
  if (operation.state === "running" && fallen)
    operation = halt(operation, "failed", `${fallen.name} did not come back: ${fallen.why}`, "not reached");
  const ask: string[] = [];
  if (operation.state === "running") {
    const chosen = choose(operation);
    operation.steps = operation.steps.map((step, i) => {
      if (!chosen.has(i)) return step;
      const seen = look(step.session);
      // Already answered: Signalbox went down between the asking and the writing of it.
      if (step.run === null || seen.run === step.run) ask.push(step.session);
      return { ...step, state: "asked", run: step.run ?? seen.run, askedAt: uptimeMs };
    });
  }
  return { operation: closed(operation, now), ask };
}

/** Nothing more is asked; what is under way is still followed. */
export function halt(operation: Operation, state: "failed" | "cancelled" | "interrupted", why: string, left: string): Operation {
  const steps = operation.steps.map((step): Step => (step.state === "waiting" ? { ...step, state: "left", why: left } : step));
  return { ...operation, state, why, steps };
}

export function closed(operation: Operation, now: number): Operation {
  if (operation.endedAt !== null || operation.steps.some(({ state }) => state === "waiting" || state === "asked")) return operation;
  const ended = operation.state === "running" || operation.state === "paused";
  return { ...operation, state: ended ? "done" : operation.state, endedAt: now };
}

/** Steps that begin now: in each lane those of its first unfinished batch, as many as the operation is wide. */
function choose({ steps, width }: Operation): Set<number> {
  const lanes = new Map<string, { batch: number; room: number }>();
  for (const { lane, batch, state } of steps) {
    if (state !== "waiting" && state !== "asked") continue;
    const own = lanes.get(lane);
    if (!own || batch < own.batch) lanes.set(lane, { batch, room: width });
  }
  for (const { lane, batch, state } of steps) {
    const own = lanes.get(lane);
    if (state === "asked" && own?.batch === batch) own.room--;
  }
  const chosen = new Set<number>();
  steps.forEach(({ lane, batch, state }, i) => {
    const own = lanes.get(lane);
    if (state === "waiting" && own?.batch === batch && own.room-- > 0) chosen.add(i);
  });
  return chosen;
}

function follow(step: Step, look: Look, operation: Operation, uptimeMs: number): Step {
  if (look.desired === null) return { ...step, state: "left", why: "it was retired meanwhile" };
  // What they do is seen in the state of the session; the asking is all there is to follow.
  if (operation.action === "thaw" || operation.action === "give_up") return { ...step, state: "done" };
  const wanted = step.wish?.state ?? "up";
  if (look.desired.state !== wanted) {
    const deed = look.desired.state === "down" ? "stopped" : "started";
    return { ...step, state: "left", why: `it was ${deed} by ${look.desired.by} meanwhile` };
  }
  if (wanted === "down") return look.state === "stopped" ? { ...step, state: "done" } : orLate(step, look, uptimeMs);
  const renewed = look.run !== step.run;
  if (step.seenAt !== null && (look.run !== step.seenRun || FALLEN.has(look.state)))
    return { ...step, state: "failed", why: `it ended within ${spanWords(operation.settleMs)} of its start: ${look.why}` };
  if (ALIVE.has(look.state) && (renewed || step.wish !== null)) {
    const seenAt = step.seenAt ?? uptimeMs;
    return { ...step, seenRun: look.run, seenAt, state: uptimeMs - seenAt >= operation.settleMs ? "done" : "asked" };
  }
  if (renewed && FALLEN.has(look.state)) return { ...step, state: "failed", why: look.why };
  return orLate(step, look, uptimeMs);
}

function orLate(step: Step, look: Look, uptimeMs: number): Step {
  if (BETWEEN.has(look.state) || uptimeMs - (step.askedAt ?? uptimeMs) < ANSWER_WITHIN_MS) return step;
  return { ...step, state: "failed", why: `nothing happened within ${spanWords(ANSWER_WITHIN_MS)}: ${look.why}` };
}
