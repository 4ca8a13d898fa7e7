/** One item of POST /api/results as programs write it, checked and turned into what the journal stores; or the field that is wrong, and why. */

import { z } from "zod";
import { lazily } from "../kernel/lazily.ts";
import type { CountsItem, Item, MessageItem } from "./journal.ts";
import type { MessageState } from "./message.ts";
import type { Phone } from "./phone.ts";
import type { Place, Refusal } from "./place.ts";
import { readTime } from "./time.ts";

const STATES = [
  "attempt",
  "submitted",
  "buffered",
  "delivered",
  "undelivered",
  "rejected",
  "expired",
  "failed",
  "blocked",
  "unknown",
] as const satisfies readonly MessageState[];

/** Of a message; each may have a few reports, and a message keeps 64. */
export const MOST_PARTS = 16;

// Control characters end lines elsewhere, and never belong into an id.
const word = (most: number) =>
  z
    .string()
    .min(1, "must not be empty")
    .max(most, `must be at most ${most} characters`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
    .regex(/^[^\x00-\x1f\x7f]*$/, "must not hold control characters");
const time = z.union([z.string().max(40), z.number()], "must be a time: RFC 3339 with offset, or seconds since 1970");
const count = z.int("must be a whole number").min(0, "must not be negative").max(1_000_000, "must be at most 1000000");
const part = z.int("must be a whole number").min(1, "must be at least 1").max(MOST_PARTS, `must be at most ${MOST_PARTS}`);

// Unknown fields are let through and ignored: the SMS was sent, and a field too many is no reason not to count it.
const where = {
  country: word(60).nullish(),
  country_code: word(60).nullish(),
  operator: word(120).nullish(),
  operator_name: word(120).nullish(),
};

export const messageResult = z.object({
  ...where,
  message_id: z.union([word(128), z.number()], "is required: the program's own id of the message"),
  state: z.enum(STATES, `must be one of ${STATES.join(", ")}`),
  at: time.nullish(),
  permit_id: word(80).nullish(),
  session: word(80).nullish(),
  phone: z.string().max(40, "must be at most 40 characters").nullish(),
  error_code: z.union([z.string().max(500), z.number()], "must be a number, or at most 500 characters").nullish(),
  gateway: word(80).nullish(),
  credit: z.number("must be a number: what is left at the gateway").nullish(),
  gateway_message_id: z.union([word(128), z.number()], "must be a number, or at most 128 characters without control characters").nullish(),
  converted_at: time.nullish(),
  part: part.nullish(),
  parts: part.nullish(),
});

export const countsResult = z.object({
  ...where,
  messages_sent: count,
  delivered: count.nullish(),
  failed: count.nullish(),
  success_rate: z.number().min(0, "must be 0-1").max(1, "must be 0-1: for 85% write 0.85").nullish(),
  errors: z
    .union(
      [z.array(z.string().max(500)).max(1000), z.record(z.string().max(500), count)],
      'must be a list of at most 1000 codes, or how often each came, like {"E1": 3}',
    )
    .nullish(),
  session_id: word(80).nullish(),
  session: word(80).nullish(),
  timestamp: time,
  credit: z.number("must be a number: what is left at the gateway").nullish(),
  kind: z.enum(["interval", "cumulative"], "must be interval or cumulative").nullish(),
});

// Compiling takes a tenth of a start.
const messageForm = lazily(() => z.compile(messageResult));
const countsForm = lazily(() => z.compile(countsResult));

/** What an item is read with: who reports, our time, and how countries, operators, sessions and numbers are understood. */
export interface Reading {
  program: string;
  /** Fixed by the token of a run; else the item may name one. */
  session: string | null;
  now: number;
  place(country: string, operator: string): Place | Refusal;
  sessionId(idOrName: string): string;
  phone(number: string): Phone;
  /** Whether an error blames the recipient, and so says nothing about the route. */
  excuses(code: string, gateway: string | null): boolean;
  /** Told what is left at a gateway. */
  credit?(gateway: string | null, credit: number, at: number): void;
}

const OLDEST_MS = 48 * 3_600_000;
const NEWEST_MS = 5_000;

export function readResult(raw: unknown, reading: Reading): Item | Refusal {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return refuse("(item)", "must be a JSON object");
  if ("message_id" in raw || "state" in raw) {
    const read = messageForm().safeParse(raw);
    return read.success ? messageItem(read.data, reading) : firstIssue(read.error.issues);
  }
  if ("messages_sent" in raw) {
    const read = countsForm().safeParse(raw);
    return read.success ? countsItem(read.data, reading) : firstIssue(read.error.issues);
  }
  return refuse("message_id", "is required (with state), or messages_sent for a report of counts");
}

export function isRefusal(item: Item | Refusal | Place): item is Refusal {
  return "field" in item;
}

function messageItem(data: z.infer<typeof messageResult>, reading: Reading): MessageItem | Refusal {
  const place = placeOf(data, reading);
  if (isRefusal(place)) return place;
  const at = data.at == null ? reading.now : timeOf("at", data.at, reading.now);
  if (typeof at !== "number") return at;
  const convertedAt = data.converted_at == null ? null : timeOf("converted_at", data.converted_at, reading.now);
  if (convertedAt !== null && typeof convertedAt !== "number") return convertedAt;
  const phone = data.phone ? reading.phone(data.phone) : null;
  if ((data.part == null) !== (data.parts == null) || (data.part ?? 1) > (data.parts ?? 1))
    return refuse("part", "must come with parts and be at most that: part 2 of parts 3");
  const errorCode = data.error_code == null ? null : codeOf(data.error_code);
  const gateway = data.gateway ?? null;
  const item: MessageItem = {
    kind: "message",
    program: reading.program,
    session: sessionOf(reading, data.session),
    pair: place.pair,
    country: place.country,
    messageId: String(data.message_id),
    state: data.state,
    at,
    permitId: data.permit_id ?? null,
    errorCode,
    gateway,
    gatewayMessageId: data.gateway_message_id == null ? null : String(data.gateway_message_id),
    phoneHash: phone?.hash ?? null,
    phoneMask: phone?.mask ?? null,
    convertedAt,
  };
  if (data.credit != null) reading.credit?.(gateway, data.credit, at);
  // What most have not is left out: every item crosses to the writer as text.
  if (data.part != null && data.parts != null) Object.assign(item, { part: data.part, parts: data.parts });
  if (errorCode !== null && data.state !== "delivered" && reading.excuses(errorCode, gateway)) item.excused = true;
  return item;
}

function countsItem(data: z.infer<typeof countsResult>, reading: Reading): CountsItem | Refusal {
  const place = placeOf(data, reading);
  if (isRefusal(place)) return place;
  const at = timeOf("timestamp", data.timestamp, reading.now);
  if (typeof at !== "number") return at;
  const sent = data.messages_sent;
  const delivered = deliveredOf(data);
  if (delivered === null) return refuse("success_rate", "is required, or delivered, or failed: what became of messages_sent");
  if (delivered < 0 || delivered > sent || (data.failed ?? 0) > sent - (data.delivered ?? 0))
    return refuse(data.delivered == null ? "failed" : "delivered", "must not exceed messages_sent (delivered and failed together)");
  if (data.credit != null) reading.credit?.(null, data.credit, at);
  const errors = errorsOf(data.errors);
  const excused = Object.keys(errors).filter((code) => reading.excuses(code, null));
  return {
    kind: "counts",
    program: reading.program,
    session: sessionOf(reading, data.session_id ?? data.session) ?? "",
    pair: place.pair,
    country: place.country,
    at,
    cumulative: data.kind === "cumulative",
    sent,
    delivered,
    failed: sent - delivered,
    errors,
    ...(excused.length > 0 ? { excused } : {}),
  };
}

function deliveredOf({ messages_sent: sent, delivered, failed, success_rate: rate }: z.infer<typeof countsResult>): number | null {
  if (delivered != null) return delivered;
  if (rate != null) return Math.round(sent * rate);
  return failed == null ? (sent === 0 ? 0 : null) : sent - failed;
}

function placeOf(data: { [K in keyof typeof where]?: string | null }, reading: Reading): Place | Refusal {
  const country = data.country ?? data.country_code;
  if (country == null) return refuse("country", "is required: an ISO 3166-1 alpha-2 code, like UZ");
  const operator = data.operator ?? data.operator_name;
  if (operator == null) return refuse("operator", "is required: the operator's slug or name, like uzmobile");
  return reading.place(country, operator);
}

function sessionOf({ session, sessionId }: Reading, named: string | null | undefined): string | null {
  return session ?? (named == null ? null : sessionId(named));
}

export function timeOf(field: string, value: string | number, now: number): number | Refusal {
  const at = readTime(value);
  if (at === null) return refuse(field, "must be RFC 3339 with an offset, like 2026-01-05T12:00:00Z, or seconds since 1970");
  if (at > now + NEWEST_MS) return refuse(field, `lies in the future: it is ${new Date(now).toISOString()} here`);
  if (at < now - OLDEST_MS) return refuse(field, `is more than 48 h ago: it is ${new Date(now).toISOString()} here`);
  return at;
}

/** Codes are kept short and free of what separates them in the journal. */
export function codeOf(code: string | number): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const text = typeof code === "number" ? String(code) : code.replaceAll(/[;\x00-\x1f\x7f]+/g, " ").trim();
  return text === "" ? null : text.slice(0, 64);
}

function errorsOf(errors: string[] | Record<string, number> | null | undefined): Record<string, number> {
  const sums: Record<string, number> = Object.create(null);
  const entries = Array.isArray(errors) ? errors.map((code): [string, number] => [code, 1]) : Object.entries(errors ?? {});
  for (const [raw, n] of entries) {
    const code = codeOf(raw);
    if (code !== null && n > 0) sums[code] = (sums[code] ?? 0) + n;
  }
  return sums;
}

export function firstIssue(issues: readonly { path: readonly PropertyKey[]; message: string }[]): Refusal {
  const issue = issues[0]!;
  const said = /^Invalid input: expected (.+), received (.+)$/.exec(issue.message);
  const message = said ? (said[2] === "undefined" ? `is required (${said[1]})` : `must be ${said[1]}, not ${said[2]}`) : issue.message;
  return refuse(issue.path.map(String).join(".") || "(item)", message);
}

export function refuse(field: string, message: string): Refusal {
  return { field, message };
}
