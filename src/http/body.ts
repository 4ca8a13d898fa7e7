/** Reads what a caller sent: capped in size, JSON or form by its content type, checked by a schema. Bad fields are named as the caller wrote them. */

import { AppError, type FieldError, invalid } from "../kernel/errors.ts";
import { type Issue, plainIssues } from "./issue.ts";
import { whereJsonBreaks } from "./json-break.ts";
import type { Asking } from "./route.ts";

type Reading = Pick<Asking, "req">;

export const DEFAULT_MAX_BYTES = 64 * 1024;

/** A zod schema, or what `z.compile` makes of one. */
export interface Parser<T> {
  safeParse(input: unknown): { success: true; data: T } | { success: false; error: { issues: readonly Issue[] } };
}

/**
 * The body as the schema gives it. Throws `too_large` (413), `unsupported` (415), or `invalid` (400) with the fields.
 * No body reads as `{}`, so that a POST whose fields are all optional needs none.
 */
export async function readBody<T>(context: Reading, schema: Parser<T>, maxBytes = DEFAULT_MAX_BYTES): Promise<T> {
  return bodyOf(context, await readText(context, maxBytes), schema);
}

/** What `readBody` makes of the text: for who has waited for the text itself, which is a promise less. */
export function bodyOf<T>(context: Reading, text: string, schema: Parser<T>): T {
  return check(schema, bodyValue(text, readable(context.req.header("content-type"))));
}

/** The body as text. Throws `too_large` before more than `maxBytes` are held. */
export function readText(context: Reading, maxBytes: number): Promise<string> {
  const request = context.req.raw;
  const length = request.headers.get("content-length");
  if (length !== null) return Number(length) > maxBytes ? Promise.reject(tooLarge(maxBytes)) : request.text();
  return request.body ? readChunks(request.body, maxBytes) : Promise.resolve("");
}

/** The value when the schema accepts it; else `invalid` with one entry for each bad field. For queries and parameters as well as bodies. */
export function check<T>(schema: Parser<T>, value: unknown, whole = BODY): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = fieldErrors(result.error.issues, whole);
  throw invalid(sentence(errors), errors);
}

/** Zod's issues as fields: `pairs[0].country` and what would be accepted; `whole` names what has no fields. */
export function fieldErrors(issues: readonly Issue[], whole = BODY): FieldError[] {
  return plainIssues(issues).map(({ path, message }) => ({ field: fieldName(path) || whole, message }));
}

const BODY = "(body)";

/** The media type, when it can be read. Throws `unsupported`. */
function readable(header: string | undefined): string {
  if (header === JSON_TYPE) return header;
  const type = (header ?? "").split(";", 1)[0]!.trim().toLowerCase();
  if (READABLE.test(type)) return type;
  throw new AppError("unsupported", `Cannot read ${type}: send application/json or application/x-www-form-urlencoded`);
}

function bodyValue(text: string, type: string): unknown {
  const start = text.trimStart().charAt(0);
  if (start === "") return {};
  // curl -d says "form" whatever it sends, so a body that is plainly JSON is read as JSON.
  if (type === FORM && start !== "{" && start !== "[") return formValue(text);
  return parseJson(text);
}

const JSON_TYPE = "application/json";
const FORM = "application/x-www-form-urlencoded";
const READABLE = /^$|^application\/(x-www-form-urlencoded|json|[a-z0-9.-]+\+json)$|^text\/(json|plain)$/;

/** Parses JSON; throws `invalid` that says where it breaks. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(`The body is not valid JSON: ${whereJsonBreaks(text)}`, [{ field: "(body)", message: "is not valid JSON" }]);
  }
}

/** A name given twice, or ending in `[]`, is a list. */
function formValue(text: string): Record<string, string | string[]> {
  const value: Record<string, string | string[]> = Object.create(null);
  for (const [name, field] of new URLSearchParams(text)) {
    const key = name.endsWith("[]") ? name.slice(0, -2) : name;
    const before = value[key];
    if (before === undefined) value[key] = key === name ? field : [field];
    else value[key] = [...(Array.isArray(before) ? before : [before]), field];
  }
  return { ...value };
}

async function readChunks(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream: the rest is never read.
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function tooLarge(maxBytes: number): AppError {
  return new AppError("too_large", `The body is larger than ${maxBytes} bytes: send it in smaller parts`);
}

function fieldName(path: readonly PropertyKey[]): string {
  let name = "";
  for (const part of path) {
    if (typeof part === "number") name += `[${part}]`;
    else name += `${name ? "." : ""}${String(part) || '""'}`;
  }
  return name;
}

function sentence(errors: readonly FieldError[]): string {
  const first = errors[0];
  if (!first) return "The input is not valid";
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return `${first.field}: ${first.message}${more}`;
}
