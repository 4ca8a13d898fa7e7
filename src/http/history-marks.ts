/** What happened meanwhile: edits, priorities, holds, starts and ends of runs, for the time axis of history. Newest first, at most 200. */

import { texts } from "../../views/texts.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Act } from "../kernel/act.ts";
import type { Directory } from "../pairs/directory.ts";
import type { Documents } from "../pairs/documents.ts";
import type { Session } from "../pairs/session.ts";
import type { Where } from "../results/history.ts";

export const MOST_MARKS = 200;
/** Of more sessions together, single runs say nothing. */
const MOST_SESSIONS = 12;
const RUNS_EACH = 100;
/** Read to find those that count: logins and users are acts too. */
const MOST_ACTS = 2_000;

export interface HistoryMark {
  at: number;
  /** As in the audit, or `run.start`, `run.end`. */
  event: string;
  /** `pair:UZ_uzmobile`, `session:program1_UZ_uzmobile`. */
  subject: string;
  who: string | null;
  why: string | null;
  /** Of a run's end that nobody asked for. */
  trouble: boolean;
}

export interface MarkSources {
  directory: Pick<Directory, "sessions" | "session" | "pair">;
  fleet: Pick<Fleet, "history">;
  documents: Pick<Documents, "acts">;
}

export async function marksOf(sources: MarkSources, where: Where, from: number, to: number): Promise<HistoryMark[]> {
  const sessions = sources.directory.sessions().filter((session) => isOf(session, where));
  const [acts, runs] = await Promise.all([
    sources.documents.acts({ before: to, limit: MOST_ACTS, ...subjectsOf(where, sessions) }),
    sessions.length > MOST_SESSIONS ? [] : Promise.all(sessions.map((session) => runsOf(sources, session))),
  ]);
  return [...acts.filter(counts).map((act) => markOf(act, sources)), ...runs.flat()]
    .filter(({ at }) => at >= from && at < to)
    .sort((a, b) => b.at - a.at)
    .slice(0, MOST_MARKS);
}

function isOf({ program, pairs }: Session, where: Where): boolean {
  if (where.program !== undefined && where.program !== program) return false;
  return pairs.some(
    (id) =>
      (where.pair ?? id) === id && (where.country ?? id.slice(0, 2)) === id.slice(0, 2) && (where.operator ?? id.slice(3)) === id.slice(3),
  );
}

/** None named: everything is looked through. */
function subjectsOf(where: Where, sessions: readonly Session[]): { subject?: string[] } {
  const { pair, country, operator, program } = where;
  if (!pair && !country && !operator && !program) return {};
  const pairs = sessions
    .flatMap((session) => session.pairs)
    .filter((id) => isOf({ pairs: [id], program: program ?? "" } as Session, where));
  const countries = new Set([...pairs, ...(pair ? [pair] : [])].map((id) => id.slice(0, 2)));
  if (country) countries.add(country);
  const programs = new Set(sessions.map((session) => session.program));
  return {
    subject: [
      ...new Set([...pairs, ...(pair ? [pair] : [])].map((id) => `pair:${id}`)),
      ...(program && !pair && !country && !operator ? [] : [...countries].map((code) => `country:${code}`)),
      ...[...programs].map((name) => `program:${name}`),
      "house:all",
      ...sessions.map(({ id }) => `session:${id}`),
    ],
  };
}

const COUNTS = /^(pair|country|program|session|hold|operation|settings?|class|pattern|gateway)\./;
/** Told by the run that follows. */
const SAID_BY_RUNS = /^session\.(create|retry|sweep|silent|rename)$/;

function counts({ verb }: Act): boolean {
  return COUNTS.test(verb) && !SAID_BY_RUNS.test(verb);
}

function markOf({ at, verb, subject, actor, reason }: Act, { directory }: MarkSources): HistoryMark {
  const id = subject.slice(subject.indexOf(":") + 1);
  const named = subject.startsWith("session:") ? `session:${directory.session(id)?.name ?? id}` : subject;
  return {
    at,
    event: verb,
    subject: named,
    who: actor,
    why: reason,
    trouble: verb.startsWith("hold.place") || verb === "country.limit_broken",
  };
}

async function runsOf({ fleet }: MarkSources, { id, name }: Session): Promise<HistoryMark[]> {
  const subject = `session:${name}`;
  const runs = await fleet.history(id, RUNS_EACH);
  return runs.flatMap((run): HistoryMark[] => {
    const start = { at: run.startedAt, event: "run.start", subject, who: run.startedBy, why: run.reason, trouble: false };
    if (run.endedAt === null) return [start];
    const asked = run.outcome === "stopped" || run.outcome === "success";
    return [{ at: run.endedAt, event: "run.end", subject, who: run.endedBy, why: run.exitWords, trouble: !asked }, start];
  });
}

/** `Pair edited: UZ_uzmobile, by anna (summer)` */
export function markWords({ event, subject, who, why }: HistoryMark): string {
  const words = texts.history.events as Record<string, string>;
  const thing = subject.slice(subject.indexOf(":") + 1);
  const by = who === null || event === "run.end" ? "" : `, ${texts.history.by(who)}`;
  return `${words[event] ?? event} ${thing}${by}${why ? ` (${why})` : ""}`;
}
