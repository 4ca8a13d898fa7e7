/** Which sessions a filter means, and what an action would do to each of them. Pure. */

import { createHash } from "node:crypto";
import { matches } from "../kernel/words.ts";
import type { Directory } from "../pairs/directory.ts";
import type { Pair } from "../pairs/pair.ts";
import type { Session } from "../pairs/session.ts";
import type { SessionStatus } from "./fleet.ts";
import type { SelectionFilter } from "./selection-filter.ts";
import { LAMPS, type SessionState } from "./states.ts";

export interface Candidate {
  session: Session;
  pairs: readonly Pair[];
  status: SessionStatus | undefined;
}

export function candidatesOf(directory: Directory, status: (session: string) => SessionStatus | undefined): Candidate[] {
  return directory.sessions().map((session) => ({
    session,
    pairs: session.pairs.flatMap((id) => directory.pair(id) ?? []),
    status: status(session.id),
  }));
}

export function select(filter: SelectionFilter, candidates: readonly Candidate[]): Candidate[] {
  const named = filter.sessions && new Set(filter.sessions);
  const inState = filter.state && new Set<SessionState>(typeof filter.state === "string" ? [filter.state] : filter.state);
  return candidates.filter(({ session, pairs, status }) => {
    if (named && !named.has(session.name) && !named.has(session.id)) return false;
    if (filter.program !== undefined && session.program !== filter.program) return false;
    if (filter.country !== undefined && !pairs.some((pair) => pair.country === filter.country)) return false;
    if (filter.operator !== undefined && !pairs.some((pair) => pair.operator === filter.operator)) return false;
    if (filter.pair !== undefined && !session.pairs.includes(filter.pair)) return false;
    if (filter.tag !== undefined && !pairs.some((pair) => pair.tags.includes(filter.tag!))) return false;
    if (inState && !inState.has(stateOf(status))) return false;
    if (filter.priority !== undefined && isPriority(pairs) !== filter.priority) return false;
    if (filter.restart_pending !== undefined && (status?.restartPending ?? false) !== filter.restart_pending) return false;
    if (filter.code_changed !== undefined && (status?.codeChanged != null) !== filter.code_changed) return false;
    return filter.q === undefined || matches(filter.q, wordsOf(session, stateOf(status)));
  });
}

/** What the filter of the page of sessions looks at: name, program, pairs, the word of its state, its wish. */
function wordsOf({ name, program, pairs, desired }: Session, state: SessionState): string {
  return `${name} ${program} ${pairs.join(" ")} ${LAMPS[state].word} ${desired.state}`;
}

export const ACTIONS = ["start", "stop", "restart", "thaw", "give_up"] as const;
export type Action = (typeof ACTIONS)[number];

/** What the sessions are asked for. */
export interface Order {
  action: Action;
  filter: SelectionFilter;
  reason: string | null;
  /** For start and stop: when the wish ends, wall ms. */
  until: number | null;
  /** Restarts only: one country, or one session, after the other; the first failure ends it. */
  rolling: "country" | "session" | null;
  /** A restarted session counts once it ran this long. */
  settleMs: number;
}

export interface Preview {
  action: Action;
  /** Stands for exactly these sessions: an action begins only with the hash of what was shown. */
  hash: string;
  touched: Candidate[];
  /** What may not be done, and what needs no doing. */
  refused: Left[];
  unchanged: Left[];
  /** How many of each country. */
  spread: { country: string; sessions: number }[];
}

export interface Left {
  candidate: Candidate;
  why: string;
}

export function previewOf(
  { action, filter, until }: Pick<Order, "action" | "filter" | "until">,
  candidates: readonly Candidate[],
): Preview {
  const touched: Candidate[] = [];
  const refused: Left[] = [];
  const unchanged: Left[] = [];
  for (const candidate of select(filter, candidates)) {
    const left = leftBy(action, candidate, until);
    if (!left) touched.push(candidate);
    else (left.refused ? refused : unchanged).push({ candidate, why: left.why });
  }
  const spread = new Map<string, number>();
  for (const candidate of touched) spread.set(countryOf(candidate), (spread.get(countryOf(candidate)) ?? 0) + 1);
  return {
    action,
    hash: hashOf(action, touched),
    touched,
    refused,
    unchanged,
    spread: [...spread].sort(([a], [b]) => (a < b ? -1 : 1)).map(([country, sessions]) => ({ country, sessions })),
  };
}

/** Wanted up, but waiting or resting: to start it means "try now". */
export const RESTING: ReadonlySet<SessionState> = new Set(["backoff", "crashed", "interrupted", "lost", "stopped"]);

function leftBy(action: Action, { session, pairs, status }: Candidate, until: number | null): { refused: boolean; why: string } | null {
  const { desired } = session;
  if (action === "stop") {
    const guarded = guardOf(pairs);
    if (guarded) return { refused: true, why: `${guarded.id} is high priority and cannot be stopped` };
    return desired.state === "down" && desired.until === until ? { refused: false, why: "it is wanted down already" } : null;
  }
  if (action === "thaw") return status?.state === "frozen" ? null : { refused: false, why: "it is not frozen" };
  if (action === "give_up") {
    if (status?.state !== "backoff") return { refused: false, why: "no retry is set" };
    const guarded = guardOf(pairs);
    return guarded ? { refused: true, why: `${guarded.id} is high priority and cannot be given up` } : null;
  }
  if (action === "restart")
    return desired.state === "down" ? { refused: true, why: `it is stopped by ${desired.by}; start it instead` } : null;
  const rests = status !== undefined && RESTING.has(status.state);
  return desired.state === "up" && desired.until === until && !rests ? { refused: false, why: "it is wanted up already" } : null;
}

function hashOf(action: Action, touched: readonly Candidate[]): string {
  const ids = touched.map(({ session }) => session.id).sort();
  return createHash("sha256")
    .update(`${action} ${ids.join(" ")}`)
    .digest("hex")
    .slice(0, 12);
}

export function countryOf({ pairs }: Pick<Candidate, "pairs">): string {
  return pairs[0]?.country ?? "";
}

export function isPriority(pairs: readonly Pair[]): boolean {
  return guardOf(pairs) !== undefined;
}

function guardOf(pairs: readonly Pair[]): Pair | undefined {
  return pairs.find((pair) => pair.priority && pair.retiredAt === null);
}

/** A session that was not looked at yet is on its way. */
function stateOf(status: SessionStatus | undefined): SessionState {
  return status?.state ?? "starting";
}
