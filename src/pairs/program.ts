/** A program: a script that sends. Only an admin defines one, because its command is code that runs here. */

import type { ProgramInput } from "./input.ts";

export interface RestartPolicy {
  policy: "always" | "on-failure" | "never";
  /** First retry delay; doubles up to the cap, each with +-20% jitter. */
  firstDelayMs: number;
  capMs: number;
  /** A run this long counts as stable: the next delay is the first one again. */
  stableAfterMs: number;
  /** Gives up after this many unexpected exits within the window. High priority never gives up. */
  giveUpAfter: number;
  giveUpWindowMs: number;
}

/** How those who wait for one program are served when slots come again: after an outage its old messages may be worth nothing. */
export interface QueuePolicy {
  /** Of those of the program who wait for a pair, who takes its slot. */
  order: "oldest" | "newest";
  /** Whoever waited this long is answered `expired`; null: as long as it asked to. */
  ttlMs: number | null;
}

export const DEFAULT_QUEUE: QueuePolicy = { order: "oldest", ttlMs: null };

export interface Program {
  name: string;
  /** One string per argument; `{country} {operator} {pair} {pairs} {session} {program}` are filled in, no shell reads it. */
  template: string[];
  folder: string;
  /** Plain settings; values are never shown, only names. */
  environment: Record<string, string>;
  /** By variable name, each sealed: opened only when a run starts, and never shown. */
  secrets: Record<string, string>;
  /** The system user it runs as, or null for ours. */
  user: string | null;
  stopSignal: "TERM" | "INT" | "HUP" | "QUIT" | "USR1" | "USR2";
  stopTimeoutMs: number;
  restart: RestartPolicy;
  /** Exit codes that mean it did what it came for. */
  successCodes: number[];
  /** Of all processes of a session together; above it for three looks in a row the session is restarted. */
  memoryLimitMb: number | null;
  /** Five fields of cron in the house's time zone: its sessions are restarted then, one per country at a time. */
  schedule: string | null;
  /** Nothing asked and nothing told for this long, although its country has free slots, is `silent`. null: never. */
  silentAfterMs: number | null;
  /** A silent session is restarted, as after an unexpected exit. */
  silentRestart: boolean;
  /** A frozen terminal is thawed without being asked. */
  autoThaw: boolean;
  queue: QueuePolicy;
  description: string;
  retiredAt: number | null;
  version: number;
  createdAt: number;
  updatedAt: number;
}

/** Exits a retry cannot mend: bad configuration (EX_CONFIG), not executable, not found. */
export const NO_RETRY_CODES: readonly number[] = [78, 126, 127];

export const DEFAULT_SILENT_AFTER_MS = 600_000;

/** What a program stored before these fields were known has. */
export const LATER_FIELDS = {
  queue: DEFAULT_QUEUE,
  secrets: {},
  schedule: null,
  silentAfterMs: DEFAULT_SILENT_AFTER_MS,
  silentRestart: false,
  autoThaw: true,
} as const;

/** A count of ends that can still be told from the runs that are remembered. */
export const MOST_GIVE_UP_AFTER = 500;

export const DEFAULT_RESTART: RestartPolicy = {
  policy: "on-failure",
  firstDelayMs: 2_000,
  capMs: 300_000,
  stableAfterMs: 600_000,
  giveUpAfter: 10,
  giveUpWindowMs: 1_800_000,
};

/** `secrets`: as they are to be kept, sealed. */
export function programFrom(
  input: ProgramInput,
  now: number,
  before?: Program,
  secrets: Record<string, string> = before?.secrets ?? {},
): Program {
  const base = before?.restart ?? DEFAULT_RESTART;
  return {
    name: input.name,
    template: input.template,
    folder: input.folder,
    environment: input.environment,
    secrets,
    user: input.user,
    stopSignal: input.stop_signal,
    stopTimeoutMs: input.stop_timeout_ms,
    restart: {
      policy: input.restart.policy ?? base.policy,
      firstDelayMs: input.restart.first_delay_ms ?? base.firstDelayMs,
      capMs: input.restart.cap_ms ?? base.capMs,
      stableAfterMs: input.restart.stable_after_ms ?? base.stableAfterMs,
      giveUpAfter: input.restart.give_up_after ?? base.giveUpAfter,
      giveUpWindowMs: input.restart.give_up_window_ms ?? base.giveUpWindowMs,
    },
    successCodes: input.success_codes,
    memoryLimitMb: input.memory_limit_mb,
    schedule: input.schedule,
    silentAfterMs: input.silent_after_ms,
    silentRestart: input.silent_restart,
    autoThaw: input.auto_thaw,
    queue: { order: input.queue.order, ttlMs: input.queue.ttl_ms },
    description: input.description,
    retiredAt: null,
    version: before?.version ?? 0,
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
  };
}
