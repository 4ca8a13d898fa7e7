/** Sessions and runs as the API gives them. */

import { z } from "zod";
import type { Fleet, RunRecord, SessionStatus } from "../fleet/fleet.ts";
import { LAMPS } from "../fleet/states.ts";
import { iso } from "../kernel/clock.ts";
import type { Directory } from "../pairs/directory.ts";
import { priorityPairs } from "../pairs/guard.ts";
import type { Session } from "../pairs/session.ts";
import type { Counters, Tally } from "../results/numbers.ts";
import { permitsBySession, type SessionPermitSources, sessionPermits } from "./session-permits.ts";

export interface SessionSources extends SessionPermitSources {
  directory: Directory;
  fleet: Pick<Fleet, "status">;
  counters: Pick<Counters, "session">;
}

const time = z.string().nullable();
export const sessionAnswer = z.object({
  id: z.string(),
  name: z.string(),
  program: z.string(),
  pairs: z.array(z.string()),
  priority: z.boolean().describe("It serves a high-priority pair: nothing stops it"),
  desired: z.object({ state: z.enum(["up", "down"]), by: z.string(), reason: z.string().nullable(), at: z.string(), until: time }),
  state: z.string().describe("As observed; the words are listed in docs/states.md"),
  why: z.string(),
  run: z.string().nullable().describe("The newest run"),
  pid: z.number().nullable(),
  screen_pid: z.number().nullable().describe("For `screen -r`"),
  started_at: time,
  uptime_seconds: z.number().nullable(),
  exit: z.object({ code: z.number().nullable(), words: z.string(), at: z.string() }).nullable(),
  restarts: z.number().describe("Unexpected exits within its policy's window"),
  next_try_at: time,
  kill_at: time,
  last_lines: z.array(z.string()),
  cpu: z.number().nullable().describe("Share of one core, all its processes together"),
  memory_bytes: z.number().nullable().describe("Resident, all its processes together"),
  runs_as: z.string().nullable().describe("The name under which its living run was started"),
  adopted: z.boolean().describe("The living run was started by hand"),
  restart_pending: z.boolean().describe("Its program was edited since it started"),
  code_changed: z
    .string()
    .nullable()
    .describe("What changed in its program's folder since it started: `a1b2c3d -> d4e5f6a`; null: nothing, or it cannot be told"),
  observed_at: time,
  total: z
    .object({
      attempts: z.number(),
      sent: z.number(),
      delivered: z.number(),
      undelivered: z.number(),
      failed: z.number(),
      blocked: z.number(),
      pending: z.number(),
    })
    .describe("Since the count began, as in /api/metrics/realtime"),
  rate: z.union([
    z.object({ kind: z.literal("rate"), value: z.number(), lower: z.number(), upper: z.number(), n: z.number() }),
    z.object({ kind: z.literal("insufficient"), n: z.number(), needed: z.number() }),
  ]),
  permits: sessionPermits,
  created_at: z.string(),
});

export const runAnswer = z.object({
  run: z.string(),
  started_at: z.string(),
  started_by: z.string(),
  reason: z.string().nullable(),
  pid: z.number().nullable(),
  ended_at: time,
  exit_code: z.number().nullable(),
  exit_words: z.string().nullable(),
  outcome: z.string().nullable(),
  last_lines: z.array(z.string()),
});

export function sessionShapes(sessions: readonly Session[], sources: SessionSources): z.infer<typeof sessionAnswer>[] {
  const permitsOf = permitsBySession(sources);
  return sessions.map((session) => ({ ...shapeOf(session, sources), permits: permitsOf(session) }));
}

export function sessionShape(session: Session, sources: SessionSources): z.infer<typeof sessionAnswer> {
  return sessionShapes([session], sources)[0]!;
}

function shapeOf(session: Session, { directory, fleet, counters, clock }: SessionSources) {
  const { total, rate } = counters.session(session.id);
  return {
    id: session.id,
    name: session.name,
    program: session.program,
    pairs: session.pairs,
    priority: priorityPairs(directory, session).length > 0,
    desired: { ...session.desired, at: iso(session.desired.at), until: isoOrNull(session.desired.until) },
    ...seenOf(fleet.status(session.id), clock.now()),
    total: tallyShape(total),
    rate: rate.kind === "rate" ? { kind: "rate" as const, value: rate.value, lower: rate.lower, upper: rate.upper, n: rate.n } : rate,
    created_at: iso(session.createdAt),
  };
}

export function tallyShape({ attempts, sent, delivered, undelivered, failed, blocked, pending }: Tally) {
  return { attempts, sent, delivered, undelivered, failed, blocked, pending };
}

function seenOf(status: SessionStatus | undefined, now: number) {
  return {
    // Between its creation and the next look, a quarter of a second.
    state: status?.state ?? "starting",
    why: status?.why ?? LAMPS.starting.meaning,
    run: status?.run ?? null,
    pid: status?.pid ?? null,
    screen_pid: status?.screenPid ?? null,
    started_at: isoOrNull(status?.startedAt),
    uptime_seconds: status?.startedAt ? Math.max(0, Math.round((now - status.startedAt) / 1000)) : null,
    exit: status?.exit ? { ...status.exit, at: iso(status.exit.at) } : null,
    restarts: status?.restarts ?? 0,
    next_try_at: isoOrNull(status?.nextTryAt),
    kill_at: isoOrNull(status?.killAt),
    last_lines: status?.lastLines ?? [],
    cpu: status?.cpu ?? null,
    memory_bytes: status?.memoryBytes ?? null,
    runs_as: status?.runsAs ?? null,
    adopted: status?.adopted ?? false,
    restart_pending: status?.restartPending ?? false,
    code_changed: status?.codeChanged ?? null,
    observed_at: isoOrNull(status?.observedAt),
  };
}

export function runShape(run: RunRecord): z.infer<typeof runAnswer> {
  return {
    run: run.run,
    started_at: iso(run.startedAt),
    started_by: run.startedBy,
    reason: run.reason,
    pid: run.pid,
    ended_at: isoOrNull(run.endedAt),
    exit_code: run.exitCode,
    exit_words: run.exitWords,
    outcome: run.outcome,
    last_lines: run.lastLines,
  };
}

function isoOrNull(at: number | null | undefined): string | null {
  return at === null || at === undefined ? null : iso(at);
}
