/**
 * What people may say of countries, pairs, programs and sessions, checked. Apart from the things themselves: a start needs those, and
 * these only with the first request.
 */

import { z } from "zod";
import { readCountry } from "./country.ts";
import { DEFAULT_SILENT_AFTER_MS, MOST_GIVE_UP_AFTER } from "./program.ts";
import { checkSchedule } from "./schedule.ts";
import { placeholders, splitTemplate } from "./template.ts";

export const countryCode = z.string().transform((text, context) => {
  const code = readCountry(text);
  if (code !== null) return code;
  context.addIssue({ code: "custom", message: "is not an ISO 3166-1 alpha-2 country code, like UZ" });
  return z.NEVER;
});

export const countryChange = z
  .strictObject({
    limit: z.number().int().min(0).max(100_000),
    window_seconds: z.number().int().min(1).max(86_400),
  })
  .partial();

export const operatorSlug = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "must be letters, digits and dashes, like uzmobile");

export const pairId = z.string().regex(/^[A-Z]{2}_[a-z0-9][a-z0-9-]{0,39}$/, "must look like UZ_uzmobile");

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is they that are refused
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const operatorName = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(120)
  .refine((text) => !CONTROL.test(text) && text.isWellFormed(), "must be one line of text");
const mccmnc = z.array(z.string().regex(/^\d{5,6}$/, "must be 5 or 6 digits, like 43403")).max(20);
export const tag = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9_-]{0,29}$/, "must be a short word, like otp");
const tags = z.array(tag).max(20);

export const gatewayId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,29}$/, "must be letters, digits and dashes, like smpp1");

export const gatewayChange = z
  .strictObject({
    name: z.string().trim().min(1).max(80),
    limit: z.number().int().min(1, "must be at least 1: to stop everything, hold it").max(1_000_000).nullable(),
    window_seconds: z.number().int().min(1).max(86_400),
  })
  .partial();
export const newGateway = gatewayChange.extend({ id: gatewayId });
export type GatewayChange = z.infer<typeof gatewayChange>;
export type NewGateway = z.infer<typeof newGateway>;

const changeable = {
  operator_name: operatorName,
  mccmnc,
  weight: z.number().min(0).max(1000),
  threshold: z.number().min(0).max(1).nullable(),
  limit: z.number().int().min(0).max(100_000).nullable(),
  window_seconds: z.number().int().min(1).max(86_400).nullable(),
  gateway: gatewayId.nullable(),
  active: z.boolean(),
  tags,
};

export const newPair = z.strictObject({ country: countryCode, operator: operatorSlug }).extend(z.object(changeable).partial().shape);
export const pairChange = z.strictObject(changeable).partial();
export type NewPair = z.infer<typeof newPair>;
export type PairChange = z.infer<typeof pairChange>;

export const programName = z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,29}$/, "must be letters, digits and dashes, like program1");

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
  give_up_after: z.number().int().min(1).max(MOST_GIVE_UP_AFTER),
  give_up_window_ms: delayMs.min(1000),
});

const queue = z.strictObject({
  order: z.enum(["oldest", "newest"]).default("oldest"),
  ttl_ms: z.number().int().min(100).max(60_000).nullable().default(null),
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
  queue: queue.default({ order: "oldest", ttl_ms: null }),
  /** A text sets or replaces, null removes, a name left out stays as it is. */
  secrets: z.record(environmentName, z.string().min(1, "must not be empty").max(8000).nullable()).default({}),
  description: z.string().trim().max(500).default(""),
});
export type ProgramInput = z.infer<typeof programInput>;

// screen refuses `/`, matches by prefix and cannot address names near 80 characters
export const sessionName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/, "must be at most 60 letters, digits, _ and -");

export const newSession = z.strictObject({
  program: programName,
  pairs: z.array(pairId).min(1, "must name at least one pair").max(100),
  name: sessionName.optional(),
});
export type NewSession = z.infer<typeof newSession>;

export const rename = z.strictObject({ name: sessionName });

export const desiredChange = z.strictObject({
  state: z.enum(["up", "down"]),
  reason: z.string().trim().max(500).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
});
