/** What a request gives besides its body: parts of the path, the query, the version it was written against. */

import type { Context } from "hono";
import { invalid } from "../kernel/errors.ts";
import { check, type Parser } from "./body.ts";
import type { Env } from "./route.ts";

/** A `:name` of the route's path. */
export function parameter(context: Context<Env>, name: string): string {
  return context.req.param(name) ?? "";
}

/** The query, checked; every value in it is text. */
export function query<T>(context: Context<Env>, schema: Parser<T>): T {
  return check(schema, context.req.query());
}

/** `If-Match: "3"`: the version the caller saw, or undefined when it does not mind. Throws `invalid`. */
export function ifMatch(context: Context<Env>): number | undefined {
  const header = context.req.header("if-match");
  if (header === undefined || header === "*") return undefined;
  const version = /^"?(\d{1,15})"?$/.exec(header.trim())?.[1];
  if (version === undefined)
    throw invalid(`If-Match must be the ETag of what you read, like "3", not ${header}`, [
      { field: "If-Match", message: 'must be like "3"' },
    ]);
  return Number(version);
}

/** The counterpart: goes out with what was read. */
export function etag(version: number): Record<string, string> {
  return { etag: `"${version}"` };
}

export function created(location: string, version?: number): Record<string, string> {
  return { location, ...(version === undefined ? {} : etag(version)) };
}
