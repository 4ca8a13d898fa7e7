/** Messages one by one: found by id or phone number, with all that was told of them; contradictions; receipts nobody's message claims. */

import { z } from "zod";
import { iso } from "../kernel/clock.ts";
import { AppError, notFound } from "../kernel/errors.ts";
import type { Directory } from "../pairs/directory.ts";
import type { StoryLine } from "../results/journal.ts";
import type { KnownMessage } from "../results/known.ts";
import { phoneIn } from "../results/look-up.ts";
import { type Contradiction, spellings } from "../results/messages.ts";
import type { Orphan } from "../results/orphans.ts";
import type { Results } from "../results/results.ts";
import { readBody } from "./body.ts";
import { parameter, query } from "./given.ts";
import type { Route } from "./route.ts";

export interface MessageServices {
  results: Pick<Results, "messages" | "story" | "receipts" | "phone">;
  directory: Pick<Directory, "session">;
}

const at = z.string().describe("RFC 3339, UTC");
const message = z.object({
  program: z.string(),
  message_id: z.string(),
  pair: z.string(),
  country: z.string(),
  session: z.string().nullable(),
  state: z.string(),
  error_code: z.string().nullable(),
  submitted_at: at.describe("Before a submit was told: when it was first heard of"),
  permit_id: z.string().nullable(),
  gateway: z.string().nullable(),
  gateway_message_id: z.string().nullable(),
  phone: z.string().nullable().describe("Masked"),
  converted_at: at.nullable(),
});
const told = z.object({
  seq: z.int(),
  state: z.string().describe("What was told"),
  at: at.describe("When it was told to have happened"),
  received_at: at,
  told_by: z.string().describe("The session or program that sent it, `gateway:NAME`, or `signalbox`"),
  from: z.string().nullable(),
  to: z.string().nullable().describe("What it moved the message to; null when it moved nothing"),
  why_not: z.string().nullable().describe("lower_rank, same, contradiction, part or converted"),
  late: z.boolean().describe("It came after Signalbox had set the message to unknown"),
  error_code: z.string().nullable(),
  latency_ms: z.number().nullable(),
  permit_id: z.string().nullable(),
  part: z.int().nullable(),
  parts: z.int().nullable(),
  raw: z.string().nullable().describe("What a gateway sent, masked and cut at 1,000 characters"),
});
const limit = z.coerce.number().int().min(1).max(200).default(50);
const search = z
  .strictObject({
    message_id: z.string().trim().min(1).max(128).optional(),
    gateway_message_id: z.string().trim().min(1).max(128).optional(),
    phone: z
      .string()
      .max(40)
      .refine((text) => phoneIn(text) !== null, "must be a phone number of at least 7 digits")
      .optional(),
    limit,
  })
  .refine(
    ({ message_id, gateway_message_id, phone }) => [message_id, gateway_message_id, phone].filter((one) => one !== undefined).length === 1,
    { message: "needs exactly one of message_id, gateway_message_id and phone", path: ["message_id"] },
  );
const asked = z.object({ program: z.string().max(80).optional() });
const paged = z.object({ cursor: z.coerce.number().int().min(0).optional(), limit });

export function messageRoutes(services: MessageServices): Route[] {
  const { results, directory } = services;
  return [
    {
      method: "POST",
      path: "/api/messages/searches",
      least: "operator",
      summary: "Find messages by `message_id`, `gateway_message_id` (in any spelling) or `phone`; the number is hashed and not kept",
      body: search,
      answer: z.object({ messages: z.array(message) }),
      async handle(context) {
        const wanted = await readBody(context, search);
        const found = await results.messages.find(
          wanted.message_id !== undefined
            ? { messageId: wanted.message_id }
            : wanted.gateway_message_id !== undefined
              ? { gatewayMessageIds: spellings(wanted.gateway_message_id) }
              : { phoneHash: results.phone(wanted.phone ?? "").hash },
          wanted.limit,
        );
        return context.json({ messages: found.map((one) => messageJson(one, directory)) });
      },
    },
    {
      method: "GET",
      path: "/api/messages/:message_id",
      least: "operator",
      summary: "One message and all that was told of it, oldest first; `program` when several programs use the same id",
      query: asked,
      answer: z.object({ message, reports: z.array(told) }),
      async handle(context) {
        const { message, lines } = await storyOf(services, parameter(context, "message_id"), query(context, asked).program);
        return context.json({ message: messageJson(message, directory), reports: lines.map((line) => toldJson(line, message, directory)) });
      },
    },
    {
      method: "GET",
      path: "/api/contradictions",
      least: "operator",
      summary: "Reports that said another end than the one that stands, newest first",
      query: paged,
      answer: z.object({ contradictions: z.array(z.object({ seq: z.int(), program: z.string(), message_id: z.string() })) }),
      async handle(context) {
        const { cursor, limit } = query(context, paged);
        const list = await results.messages.contradictions(cursor ?? null, limit);
        return context.json({ contradictions: list.map(contradictionJson), next_cursor: list.length < limit ? null : list.at(-1)!.seq });
      },
    },
    {
      method: "GET",
      path: "/api/orphans",
      least: "operator",
      summary: "Receipts of gateways that wait for their message for more than ten minutes, newest first",
      query: paged,
      answer: z.object({ orphans: z.array(z.object({ id: z.int(), gateway: z.string(), gateway_message_id: z.string() })) }),
      async handle(context) {
        const { cursor, limit } = query(context, paged);
        const list = await results.receipts.listed(cursor ?? null, limit);
        return context.json({ orphans: list.map(orphanJson), next_cursor: list.length < limit ? null : list.at(-1)!.id });
      },
    },
  ];
}

/** Throws `not_found`, or `conflict` that names the programs when several have a message of that id. */
export async function storyOf(
  { results }: Pick<MessageServices, "results">,
  id: string,
  program: string | undefined,
): Promise<{ message: KnownMessage; lines: StoryLine[] }> {
  let whose = program;
  if (whose === undefined) {
    const found = await results.messages.find({ messageId: id }, 20);
    if (found.length > 1)
      throw new AppError("conflict", `Several programs have a message ${id}: ${found.map((one) => one.program).join(", ")}. Say which.`);
    whose = found[0]?.program;
  }
  const story = whose === undefined ? null : await results.story(whose, id);
  if (!story) throw notFound(`Message ${id}${program === undefined ? "" : ` of ${program}`}`);
  return story;
}

/** Who told a line, by name. */
export function tellerOf(line: StoryLine, message: KnownMessage, directory: MessageServices["directory"]): string {
  const by = line.toldBy ?? (message.session === null ? message.program : `session:${message.session}`);
  if (!by.startsWith("session:")) return by;
  const id = by.slice("session:".length);
  return directory.session(id)?.name ?? id;
}

export function messageJson(one: KnownMessage, directory: MessageServices["directory"]): z.infer<typeof message> {
  return {
    program: one.program,
    message_id: one.messageId,
    pair: one.pair,
    country: one.country,
    session: one.session === null ? null : (directory.session(one.session)?.name ?? one.session),
    state: one.state,
    error_code: one.errorCode,
    submitted_at: iso(one.submitAt),
    permit_id: one.permitId,
    gateway: one.gateway,
    gateway_message_id: one.gatewayMessageId,
    phone: one.phoneMask,
    converted_at: one.convertedAt === null ? null : iso(one.convertedAt),
  };
}

function toldJson(line: StoryLine, message: KnownMessage, directory: MessageServices["directory"]): z.infer<typeof told> {
  const moved = line.kept === null;
  return {
    seq: line.seq,
    state: line.told ?? line.to,
    at: iso(line.at),
    received_at: iso(line.receivedAt),
    told_by: tellerOf(line, message, directory),
    from: line.from,
    to: moved ? line.to : null,
    why_not: line.kept,
    late: moved && line.from === "unknown",
    error_code: line.errorCode,
    latency_ms: line.latencyMs,
    permit_id: line.permitId,
    part: line.part,
    parts: line.parts,
    raw: line.body,
  };
}

function contradictionJson({ seq, program, messageId, pair, stands, told, errorCode, at, receivedAt }: Contradiction) {
  const times = { at: iso(at), received_at: iso(receivedAt) };
  return { seq, program, message_id: messageId, pair, stands, told, error_code: errorCode, ...times };
}

function orphanJson({ id, gateway, gatewayMessageId, state, errorCode, part, parts, at, receivedAt, body }: Orphan) {
  const times = { at: iso(at), received_at: iso(receivedAt) };
  return { id, gateway, gateway_message_id: gatewayMessageId, state, error_code: errorCode, part, parts, ...times, raw: body };
}
