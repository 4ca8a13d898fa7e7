/** The history as it lies on disk: runs, acts, wishes. Read past Signalbox. */

import type { Sample } from "../cast/sample.ts";

export interface RunRow {
  run: string;
  session: string;
  program: string;
  started_at: number;
  started_by: string;
  reason: string | null;
  pid: number | null;
  ended_at: number | null;
  exit_code: number | null;
  exit_words: string | null;
  outcome: string | null;
  ended_by: string | null;
  end_reason: string | null;
  last_lines: string;
}

export interface ActRow {
  id: number;
  at: number;
  actor: string;
  verb: string;
  subject: string;
  reason: string | null;
  detail: { until?: number | null; name?: string; active?: boolean; program?: string; pairs?: string[]; undoes?: string } | null;
}

interface Wish {
  state: "up" | "down";
  until: number | null;
}

export interface SessionRow {
  id: string;
  name: string;
  program: string;
  pairs: string[];
  desired: Wish;
  retiredAt: number | null;
}

export interface PairRow {
  id: string;
  active: boolean;
  priority: boolean;
  retiredAt: number | null;
}

export function readRows(sample: Sample) {
  const documents = <T>(kind: string) =>
    sample.store<{ body: string }>(`SELECT body FROM documents WHERE kind = '${kind}'`).map(({ body }) => JSON.parse(body) as T);
  return {
    runs: sample.store<RunRow>("SELECT * FROM runs ORDER BY session, run"),
    acts: sample
      .store<Omit<ActRow, "detail"> & { detail: string | null }>(
        "SELECT id, at, actor, verb, subject, reason, detail FROM acts ORDER BY id",
      )
      .map((row): ActRow => ({ ...row, detail: row.detail === null ? null : JSON.parse(row.detail) })),
    sessions: documents<SessionRow>("session"),
    pairs: documents<PairRow>("pair"),
    programs: documents<{ name: string; retiredAt: number | null }>("program"),
  };
}
export type Rows = ReturnType<typeof readRows>;

/** What each session was asked to be, told by the audit alone. */
export function wishesOf(acts: readonly ActRow[]): Map<string, Wish> {
  const wishes = new Map<string, Wish>();
  for (const { verb, subject, detail } of acts) {
    if (!subject.startsWith("session:")) continue;
    const session = subject.slice("session:".length);
    if (verb === "session.create" || verb === "session.adopt") wishes.set(session, { state: "up", until: null });
    if (verb === "session.start") wishes.set(session, { state: "up", until: detail?.until ?? null });
    if (verb === "session.stop") wishes.set(session, { state: "down", until: detail?.until ?? null });
  }
  return wishes;
}

/** Whether a session has to run, by the rules of docs/states.md and no line of the code that follows them. */
export function isWantedUp(session: SessionRow, { pairs, programs }: Rows): boolean {
  const own = pairs.filter(({ id, retiredAt }) => session.pairs.includes(id) && retiredAt === null);
  if (session.retiredAt !== null || programs.find(({ name }) => name === session.program)?.retiredAt !== null) return false;
  if (own.some(({ priority }) => priority)) return true;
  return session.desired.state === "up" && own.some(({ active }) => active);
}
