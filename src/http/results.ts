/** POST /api/results: what programs report, one result, an array, or one per line. */

import { z } from "zod";
import type { Principal } from "../access/principal.ts";
import { AppError, invalid } from "../kernel/errors.ts";
import { type Ingest, MOST_BYTES, MOST_ITEMS, NOT_JSON, type Taken } from "../results/ingest.ts";
import { countsResult, messageResult } from "../results/result.ts";
import { parseJson, readText } from "./body.ts";
import type { Route } from "./route.ts";
import { wholeOf } from "./security.ts";

const resultBody = z.union([messageResult, countsResult]);

const answer = z.object({
  accepted: z.int(),
  duplicate: z.int(),
  rejected: z.array(z.object({ index: z.int(), field: z.string(), message: z.string() })),
});

export function resultRoutes({ ingest }: { ingest: Ingest }): Route[] {
  return [
    {
      method: "POST",
      path: "/api/results",
      plain: true,
      least: { scope: "results" },
      summary: `Report what became of messages: one result, an array, or NDJSON, at most ${MOST_ITEMS}. Answered when all accepted is on disk.`,
      body: z.union([resultBody, z.array(resultBody).max(MOST_ITEMS)]),
      answer,
      async handle(context) {
        const type = context.req.header("content-type");
        const { items, single } = readItems(await readText(context, MOST_BYTES), type);
        const { program, session } = senderOf(context.get("principal"));
        const taken = await ingest.accept(program, session, items);
        if (taken.accepted + taken.duplicate === 0) throw nothingTaken(taken, single);
        return wholeOf(context)(context, "json", 202, JSON.stringify(taken));
      },
    },
  ];
}

/** One JSON object, an array, or one object a line, as the content type says. Throws `unsupported` or `invalid`. */
export function readItems(text: string, type: string | undefined): { items: unknown[]; single: boolean } {
  return isLines(type) ? { items: readLines(text), single: false } : readJson(text, type);
}

/** Whose results these are: fixed by the token; what people post by hand is counted as `manual`. */
export function senderOf(principal: Principal | null): { program: string; session: string | null } {
  if (principal?.kind === "run") return { program: principal.program, session: principal.session };
  if (principal?.kind === "token") return { program: principal.program ?? `token:${principal.name}`, session: null };
  return { program: "manual", session: null };
}

const LINES = /^application\/(x-ndjson|ndjson|jsonl|jsonlines)$/;
// curl -d says "form" whatever it sends, so a body that is plainly JSON is read as JSON.
const JSON_TYPES = /^$|^application\/(json|[a-z0-9.-]+\+json|x-www-form-urlencoded)$|^text\/(json|plain)$/;

function mediaType(header: string | undefined): string {
  return (header ?? "").split(";", 1)[0]!.trim().toLowerCase();
}

function isLines(header: string | undefined): boolean {
  const type = mediaType(header);
  if (LINES.test(type)) return true;
  if (JSON_TYPES.test(type)) return false;
  throw new AppError("unsupported", `Cannot read ${type}: send application/json or application/x-ndjson`);
}

function readJson(text: string, header: string | undefined): { items: unknown[]; single: boolean } {
  const start = text.trimStart().charAt(0);
  if (start === "") throw invalid("The body is empty: send a result as a JSON object", [{ field: "(body)", message: "is empty" }]);
  if (start !== "{" && start !== "[" && mediaType(header) === "application/x-www-form-urlencoded")
    throw new AppError("unsupported", "Cannot read a form here: send application/json or application/x-ndjson");
  const value = parseJson(text);
  return Array.isArray(value) ? { items: value, single: false } : { items: [value], single: true };
}

/** A line that is no JSON is rejected alone; empty lines are none. */
function readLines(text: string): unknown[] {
  const items: unknown[] = [];
  for (const line of text.split("\n")) {
    const trimmed = line.trim();
    if (trimmed === "") continue;
    try {
      items.push(JSON.parse(trimmed));
    } catch {
      items.push(NOT_JSON);
    }
  }
  return items;
}

function nothingTaken({ rejected }: Taken, single: boolean): AppError {
  const errors = rejected.map(({ index, field, message }) => ({ field: single ? field : `[${index}].${field}`, message }));
  const first = errors[0];
  if (!first) return invalid("There is no result in the body", [{ field: "(body)", message: "holds no result" }]);
  return invalid(
    `Nothing was accepted. ${first.field}: ${first.message}${errors.length > 1 ? ` (and ${errors.length - 1} more)` : ""}`,
    errors,
  );
}
