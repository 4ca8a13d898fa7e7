/** One action on many sessions: who asked for what, and how far it has come, session by session. */

import type { Act } from "../kernel/act.ts";
import type { Desired } from "../pairs/session.ts";
import { type Candidate, countryOf, isPriority, type Order, type Preview } from "./selection.ts";

/**
 * `running` goes on, `paused` asks nothing more until it is resumed, `failed` was ended by a session that did not come back, `cancelled`
 * by a person, `interrupted` by a reboot or because Signalbox was away for too long.
 */
export type OperationState = "running" | "paused" | "done" | "failed" | "cancelled" | "interrupted";

/** `asked`: under way. `left`: not touched, because it was not needed any more or not reached. */
export type StepState = "waiting" | "asked" | "done" | "refused" | "failed" | "left";

export interface Step {
  session: string;
  name: string;
  country: string;
  priority: boolean;
  /** Steps of one lane are taken in the order of their batches; lanes do not wait for each other. */
  lane: string;
  batch: number;
  state: StepState;
  why: string | null;
  /** What was wanted before, for the undo. */
  before: Desired;
  /** What is to be wanted; null for what changes no wish. */
  wish: { state: "up" | "down"; reason: string | null; until: number | null } | null;
  /** The newest run when it was asked; another one is the answer. */
  run: string | null;
  /** Ms since boot. */
  askedAt: number | null;
  /** The run that was seen to live after that, and since when (ms since boot). */
  seenRun: string | null;
  seenAt: number | null;
}

export interface Operation {
  /** `o_0mg3k2v8z4f7q2x9`. */
  id: string;
  action: Order["action"] | "undo";
  rolling: Order["rolling"];
  settleMs: number;
  /** How many sessions of a lane are under way at a time. */
  width: number;
  filter: Order["filter"];
  by: string;
  from: string;
  reason: string | null;
  until: number | null;
  state: OperationState;
  why: string | null;
  createdAt: number;
  endedAt: number | null;
  bootId: string;
  /** When it was written last, ms since boot. */
  wordAt: number;
  undoes: string | null;
  undoneBy: string | null;
  steps: Step[];
}

/** Port: operations that are under way or were. */
export interface OperationRows {
  /** The whole operation, new or anew, together with the acts. On disk once it resolves. */
  save(operation: Operation, acts: readonly Act[]): Promise<void>;
  /** Newest first. */
  recent(limit: number): Promise<Operation[]>;
}

export type Counts = Record<StepState, number>;

export function countsOf(operation: Operation): Counts {
  const counts: Counts = { waiting: 0, asked: 0, done: 0, refused: 0, failed: 0, left: 0 };
  for (const step of operation.steps) counts[step.state]++;
  return counts;
}

/** Wishes are cheap to tell and the fleet spreads the starts; of a country only one session at a time is down for a restart. */
const WIDTH = { stop: 10, start: 4, restart: 1, thaw: 10, give_up: 10 };

export interface Origin {
  id: string;
  by: string;
  from: string;
  now: number;
  uptimeMs: number;
  bootId: string;
}

/** The refused ones stand in it as well, so that its page tells the whole story. */
export function operationOf(preview: Preview, order: Order, origin: Origin): Operation {
  const to = order.action === "start" ? ("up" as const) : order.action === "stop" ? ("down" as const) : null;
  const wish = to && { state: to, reason: order.reason, until: order.until };
  const step = ({ candidate, lane, batch }: Placed): Step => stepOf(candidate, lane, batch, wish);
  return {
    ...begin(order, origin),
    width: order.rolling ? Number.MAX_SAFE_INTEGER : WIDTH[order.action],
    steps: [
      ...place(preview.touched, order.rolling).map(step),
      ...preview.refused.map(({ candidate, why }): Step => ({ ...stepOf(candidate, "", 0, wish), state: "refused", why })),
    ],
  };
}

/** Why a session has a wish again for which nobody had given a reason. */
export const PUT_BACK = "as before what was undone";

/** Puts back what each session was asked for before; what somebody changed since is left alone. */
export function undoOf(operation: Operation, nowDesired: (session: string) => Desired | null, origin: Origin): Operation {
  const steps = operation.steps
    .filter(({ state, wish }) => wish !== null && (state === "done" || state === "asked" || state === "failed"))
    .map((step): Step => {
      const { state, reason, until } = step.before;
      const fresh: Step = { ...step, ...UNTOUCHED, wish: { state, reason: reason ?? PUT_BACK, until } };
      const now = nowDesired(step.session);
      const why =
        now === null
          ? "it was retired since"
          : now.by !== operation.by || now.at < operation.createdAt || now.state !== step.wish?.state
            ? `it was changed since, by ${now.by}`
            : until !== null && until <= origin.now
              ? "what was asked before has run out"
              : null;
      return why === null ? fresh : { ...fresh, state: "left", why };
    });
  const order = { action: "undo" as const, rolling: null, settleMs: 0, filter: operation.filter, reason: null, until: null };
  return { ...begin(order, origin), width: WIDTH.stop, undoes: operation.id, steps };
}

function begin(order: Pick<Operation, "action" | "rolling" | "settleMs" | "filter" | "reason" | "until">, origin: Origin) {
  const { action, rolling, settleMs, filter, reason, until } = order;
  const { id, by, from, now, uptimeMs, bootId } = origin;
  const fresh = { state: "running" as const, why: null, endedAt: null, undoes: null, undoneBy: null };
  return { id, action, rolling, settleMs, filter, by, from, reason, until, createdAt: now, wordAt: uptimeMs, bootId, ...fresh };
}

const UNTOUCHED = { state: "waiting", why: null, run: null, askedAt: null, seenRun: null, seenAt: null } as const;

function stepOf({ session, pairs }: Candidate, lane: string, batch: number, wish: Step["wish"]): Step {
  return {
    session: session.id,
    name: session.name,
    country: countryOf({ pairs }),
    priority: isPriority(pairs),
    lane,
    batch,
    before: session.desired,
    wish: wish && { state: wish.state, reason: wish.reason, until: wish.until },
    ...UNTOUCHED,
  };
}

interface Placed {
  candidate: Candidate;
  lane: string;
  batch: number;
}

/**
 * Rolling: one lane, country by country or session by session, high priority last and each alone. Otherwise a lane for each country, and
 * one for all of high priority, so that those too go one at a time.
 */
function place(touched: readonly Candidate[], rolling: Order["rolling"]): Placed[] {
  const sorted = [...touched].sort(
    (a, b) => rank(a) - rank(b) || compare(countryOf(a), countryOf(b)) || compare(a.session.name, b.session.name),
  );
  let batch = 0;
  let before: Candidate | null = null;
  return sorted.map((candidate) => {
    const alone = rolling !== "country" || isPriority(candidate.pairs);
    if (before !== null && (alone || countryOf(before) !== countryOf(candidate))) batch++;
    before = candidate;
    if (rolling) return { candidate, lane: "rolling", batch };
    // Of a lane as many are under way as the operation is wide: one batch.
    return isPriority(candidate.pairs) ? { candidate, lane: "priority", batch } : { candidate, lane: countryOf(candidate), batch: 0 };
  });
}

const rank = ({ pairs }: Candidate) => (isPriority(pairs) ? 1 : 0);
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
