/** The life of a message: states, their ranks, and what a new report changes. Pure. Source: docs/architecture.md, "Message states". */

export type MessageState =
  | "attempt"
  | "blocked"
  | "failed"
  | "submitted"
  | "buffered"
  | "delivered"
  | "undelivered"
  | "rejected"
  | "expired"
  | "unknown";

/** attempt < submitted < buffered < unknown (ours, soft) < every real final. */
export const RANK: Record<MessageState, number> = {
  attempt: 0,
  submitted: 1,
  buffered: 2,
  unknown: 3,
  blocked: 4,
  failed: 4,
  delivered: 4,
  undelivered: 4,
  rejected: 4,
  expired: 4,
};

export const FINAL_RANK = 4;

/** Finals that a later `delivered` replaces: the network changed its mind for the better. */
const SOFT_FINALS: ReadonlySet<MessageState> = new Set(["expired", "unknown", "undelivered"]);

export type Transition =
  | { kind: "move"; from: MessageState | null; to: MessageState }
  | { kind: "keep"; why: "lower_rank" | "same" | "contradiction" };

/** What `incoming` does to a message that stands at `current` (null: not known yet). */
export function transition(current: MessageState | null, incoming: MessageState): Transition {
  if (current === null) return { kind: "move", from: null, to: incoming };
  if (current === incoming) return { kind: "keep", why: "same" };
  if (RANK[incoming] > RANK[current]) return { kind: "move", from: current, to: incoming };
  if (incoming === "delivered" && SOFT_FINALS.has(current)) return { kind: "move", from: current, to: incoming };
  if (RANK[incoming] === FINAL_RANK && RANK[current] === FINAL_RANK) return { kind: "keep", why: "contradiction" };
  return { kind: "keep", why: "lower_rank" };
}
