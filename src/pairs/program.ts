/** A program: a script that sends. Only an admin defines one, because its command is code that runs here. */

import { z } from "zod";
import { checkSchedule } from "./schedule.ts";
import { placeholders, splitTemplate } from "./template.ts";

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
  description: string;
  retiredAt: number | null;
  version: number;
  createdAt: number;
  updatedAt: number;
}

export const programName = z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,29}$/, "must be letters, digits and dashes, like program1");

/** Exits a retry cannot mend: bad configuration (EX_CONFIG), not executable, not found. */
export const NO_RETRY_CODES: readonly number[] = [78, 126, 127];

export const DEFAULT_SILENT_AFTER_MS = 600_000;

/** What a program stored before these fields were known has. */
export const LATER_FIELDS = {
  secrets: {},
  schedule: null,
  silentAfterMs: DEFAULT_SILENT_AFTER_MS,
  silentRestart: false,
  autoThaw: true,
} as const;

export const DEFAULT_RESTART: RestartPolicy = {
  policy: "on-failure",
  firstDelayMs: 2_000,
  capMs: 300_000,
  stableAfterMs: 600_000,
  giveUpAfter: 10,
  giveUpWindowMs: 1_800_000,
};

const template = z
  .union([z.string().trim().min(1).max(4000), z.array(z.string().min(1).max(1000)).min(1).max(100)])
  .transform((value, context) => {
    try {
      const parts = typeof value === "string" ? splitTemplate(value) : value;
      const unknown = placeholders(parts).find((name) => !KNOWN_PLACEHOLDERS.has(name));
      if (unknown !== undefined)
        throw new Error(`knows no {${unknown}}; use ${[...KNOWN_PLACEHOLDERS].map((name) => `{${name}}`).join(" ")}`);
      if (parts.some((part) => part.includes("\0"))) throw new Error("must not hold a zero byte");
      return parts;
    } catch (error) {
      context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
      return z.NEVER;
    }
  });

const KNOWN_PLACEHOLDERS = new Set(["country", "operator", "pair", "pairs", "session", "program"]);

const environmentName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,79}$/, "must be a variable name, like GATEWAY_URL");
const schedule = z
  .string()
  .trim()
  .max(100)
  .superRefine((text, context) => {
    try {
      checkSchedule(text);
    } catch {
      context.addIssue({ code: "custom", message: "must be five fields of cron, like 30 4 * * *, that come at some time" });
    }
  });

const delayMs = z.number().int().min(0).max(86_400_000);

const restart = z.strictObject({
  policy: z.enum(["always", "on-failure", "never"]),
  first_delay_ms: delayMs,
  cap_ms: delayMs,
  stable_after_ms: delayMs,
  give_up_after: z.number().int().min(1).max(100_000),
  give_up_window_ms: delayMs.min(1000),
});

/** What POST and PUT /api/programs take. */
export const programInput = z.strictObject({
  name: programName,
  template,
  folder: z.string().startsWith("/", "must be an absolute path").max(1000),
  environment: z.record(environmentName, z.string().max(4000)).default({}),
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, "must be a system user")
    .nullable()
    .default(null),
  stop_signal: z.enum(["TERM", "INT", "HUP", "QUIT", "USR1", "USR2"]).default("TERM"),
  stop_timeout_ms: z.number().int().min(0).max(600_000).default(10_000),
  restart: restart.partial().default({}),
  success_codes: z.array(z.number().int().min(0).max(255)).max(50).default([0]),
  memory_limit_mb: z.number().int().min(8).max(1_048_576).nullable().default(null),
  schedule: schedule.nullable().default(null),
  silent_after_ms: z.number().int().min(10_000).max(86_400_000).nullable().default(DEFAULT_SILENT_AFTER_MS),
  silent_restart: z.boolean().default(false),
  auto_thaw: z.boolean().default(true),
  /** A text sets or replaces, null removes, a name left out stays as it is. */
  secrets: z.record(environmentName, z.string().min(1, "must not be empty").max(8000).nullable()).default({}),
  description: z.string().trim().max(500).default(""),
});
export type ProgramInput = z.infer<typeof programInput>;

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
    description: input.description,
    retiredAt: null,
    version: before?.version ?? 0,
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
  };
}
