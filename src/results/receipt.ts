/** One receipt as a gateway's callback or a script between tells it: checked, its state in our words, and the body masked for keeping. */

import { z } from "zod";
import { lazily } from "../kernel/lazily.ts";
import type { MessageState } from "./message.ts";
import type { Receipt } from "./orphans.ts";
import type { Refusal } from "./place.ts";
import { codeOf, firstIssue, MOST_PARTS, refuse, timeOf } from "./result.ts";

/** Our words, and those of SMPP text receipts (SMPP 3.4, appendix B). */
const STATES: Record<string, MessageState> = {
  submitted: "submitted",
  buffered: "buffered",
  delivered: "delivered",
  undelivered: "undelivered",
  rejected: "rejected",
  expired: "expired",
  unknown: "unknown",
  acceptd: "submitted",
  enroute: "submitted",
  delivrd: "delivered",
  undeliv: "undelivered",
  failed: "undelivered",
  deleted: "undelivered",
  rejectd: "rejected",
};

const part = z.int().min(1).max(MOST_PARTS);
export const receiptForm = z.object({
  gateway_message_id: z
    .union([z.string().trim().min(1).max(128), z.number()], "is required: the gateway's id of the message")
    .describe("The gateway's id of the message; hexadecimal and decimal, leading zeros and case are told apart by nobody"),
  state: z
    .string("is required: what became of the message")
    .max(40)
    .transform((word) => word.trim().toLowerCase())
    .refine((word) => Object.hasOwn(STATES, word), `must be one of ${Object.keys(STATES).join(", ")}`),
  error_code: z.union([z.string().max(500), z.number()]).nullish(),
  at: z.union([z.string().max(40), z.number()]).nullish(),
  part: part.nullish(),
  parts: part.nullish(),
});
const form = lazily(() => z.compile(receiptForm));

export function readReceipt(raw: unknown, gateway: string, now: number): Receipt | Refusal {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return refuse("(item)", "must be a JSON object");
  const read = form().safeParse(raw);
  if (!read.success) return firstIssue(read.error.issues);
  const { data } = read;
  if ((data.part == null) !== (data.parts == null) || (data.part ?? 1) > (data.parts ?? 1))
    return refuse("part", "must come with parts and be at most that: part 2 of parts 3");
  const at = data.at == null ? now : timeOf("at", data.at, now);
  if (typeof at !== "number") return at;
  return {
    gateway,
    gatewayMessageId: String(data.gateway_message_id).trim(),
    state: STATES[data.state]!,
    errorCode: data.error_code == null ? null : codeOf(data.error_code),
    part: data.part ?? null,
    parts: data.parts ?? null,
    at,
    receivedAt: now,
    body: maskBody(raw as Record<string, unknown>),
  };
}

/** Characters of a kept body. */
const MOST_BODY = 1_000;
const SAFE = new Set(["gateway_message_id", "state", "error_code", "at", "part", "parts"]);

/** What came, for whoever looks into it later: phone numbers and codes are runs of digits, and stay out; so does what the message said. */
export function maskBody(raw: Record<string, unknown>): string {
  const text = JSON.stringify(raw, (key, value: unknown) => {
    if (SAFE.has(key)) return value;
    if (/^(text|message|body|content|sms|msg|short_message)$/i.test(key) && typeof value === "string") return "(left out)";
    if (typeof value === "string") return value.replaceAll(/\d(?:[\s().-]?\d){3,}/g, (run) => run.replaceAll(/\d/g, "*"));
    if (typeof value === "number" && Math.abs(value) >= 1000) return "****";
    return value;
  });
  return text.length > MOST_BODY ? `${text.slice(0, MOST_BODY)}...` : text;
}
