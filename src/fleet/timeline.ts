/** What happened to a session and who did that: its runs and the acts told of it, of its program and of its pairs, woven into one line. Pure. */

import { type Act, SIGNALBOX } from "../kernel/act.ts";
import { invalid } from "../kernel/errors.ts";
import type { RunRecord } from "./fleet.ts";

/** `outside`: somebody or something that is not Signalbox and not the program: a signal by hand, a closed terminal, the machine. */
export type Doer = "person" | "token" | "signalbox" | "program" | "outside";

export interface Moment {
  at: number;
  /** `run.start`, `run.end`, else an act's verb: `session.stop`, `program.update`. */
  event: string;
  by: Doer;
  /** The name of a person, a token, Signalbox. null: not known, or the program itself. */
  who: string | null;
  why: string | null;
  /** What it was done to, when that is not the session itself: `program:program1`. */
  subject: string | null;
  /** Of a run's start and end. */
  run: string | null;
  /** Of a run's end. */
  end: RunEnd | null;
}

export interface RunEnd {
  code: number | null;
  words: string;
  outcome: string;
  lastedMs: number;
  lastLines: string[];
}

export interface TimelinePage {
  /** Where the page before ended. */
  cursor?: string;
  limit: number;
}

export interface Timeline {
  moments: Moment[];
  nextCursor: string | null;
}

/** What a page is read by. Several moments may share a millisecond: the cursor's own is read again, and what was shown of it is skipped. */
export interface Reach {
  before: number;
  shown: number;
  /** Rows to read of each kind: one more than the page can hold tells that there are more. */
  rows: number;
}

export const CURSOR = /^\d{1,15}\.\d{1,6}$/;

export function reachOf({ cursor, limit }: TimelinePage): Reach {
  if (cursor === undefined) return { before: Number.MAX_SAFE_INTEGER, shown: 0, rows: limit + 1 };
  if (!CURSOR.test(cursor)) throw invalid("cursor: must be the next_cursor of a page before", [{ field: "cursor", message: "unknown" }]);
  const [at, shown] = cursor.split(".").map(Number);
  return { before: at! + 1, shown: shown!, rows: limit + shown! + 1 };
}

/** `runs` and `acts` newest first, as many as `reach` says; what was done to its program and pairs before the session was there is not its own. */
export function timelineOf(runs: readonly RunRecord[], acts: readonly Act[], since: number, { before, shown, rows }: Reach): Timeline {
  const told = acts.filter((act) => act.at > since || act.subject.startsWith("session:")).map(actMoment);
  const seen = runs.flatMap((run) => [...(run.endedAt === null ? [] : [endMoment(run, run.endedAt)]), startMoment(run)]);
  const all = [...seen, ...told].filter(({ at }) => at < before).sort((a, b) => b.at - a.at);
  const moments = all.slice(shown, rows - 1);
  const last = moments.at(-1);
  if (all.length < rows || !last) return { moments, nextCursor: null };
  return { moments, nextCursor: `${last.at}.${all.slice(0, rows - 1).filter(({ at }) => at === last.at).length}` };
}

function actMoment({ at, verb, actor, reason, subject, detail }: Act): Moment {
  const other = subject.startsWith("session:") ? null : subject;
  const renamed = verb === "session.rename" && detail ? `${detail.from} -> ${detail.name}` : null;
  return { at, event: verb, by: doerOf(actor), who: actor, why: reason ?? renamed, subject: other, run: null, end: null };
}

function startMoment({ run, startedAt, startedBy, reason }: RunRecord): Moment {
  const base = { at: startedAt, event: "run.start", why: reason, subject: null, run, end: null };
  // Who adopted it did not start it.
  if (reason?.startsWith(ADOPTED)) return { ...base, by: "outside", who: null };
  return { ...base, by: doerOf(startedBy), who: startedBy };
}

const ADOPTED = "adopted from screen";

function endMoment(record: RunRecord, at: number): Moment {
  const { run, startedAt, exitCode, exitWords, outcome, endedBy, endReason, lastLines } = record;
  return {
    ...{ at, event: "run.end", subject: null, run },
    ...(endedBy === null ? { by: endedItself(record), who: null } : { by: doerOf(endedBy), who: endedBy }),
    why: endReason,
    end: { code: exitCode, words: exitWords ?? "", outcome: outcome ?? "", lastedMs: Math.max(0, at - startedAt), lastLines },
  };
}

/** What nobody here asked for: a code is the program's own word, a signal that asks or kills came from elsewhere. */
function endedItself({ exitCode, outcome }: RunRecord): Doer {
  if (outcome === "refused") return "signalbox";
  if (outcome === "lost" || outcome === "terminal_gone" || outcome === "interrupted") return "outside";
  return exitCode === null || SENT.has(exitCode - 128) ? "outside" : "program";
}

/** HUP, INT, QUIT, KILL, TERM: a program seldom sends these to itself. */
const SENT = new Set([1, 2, 3, 9, 15]);

function doerOf(name: string): Doer {
  if (name === SIGNALBOX.name) return "signalbox";
  return /^(token|run):/.test(name) ? "token" : "person";
}
