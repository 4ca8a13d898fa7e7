/** Errors as the outside sees them: problem documents (RFC 9457) for programs, a page for browsers. One table maps codes to statuses. */

import type { AssetUrls } from "../../views/frame.tsx";
import { AppError, type ErrorCode, type ErrorDetails, messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { Asking } from "./route.ts";
import { wholeOf } from "./security.ts";

export const PROBLEMS: Readonly<Record<ErrorCode, { status: number; title: string }>> = {
  invalid: { status: 400, title: "Bad input" },
  unauthorized: { status: 401, title: "Not logged in" },
  forbidden: { status: 403, title: "Not allowed" },
  not_found: { status: 404, title: "Not found" },
  conflict: { status: 409, title: "Conflict" },
  too_large: { status: 413, title: "Too large" },
  unsupported: { status: 415, title: "Unsupported type" },
  rate_limited: { status: 429, title: "Too many requests" },
  internal: { status: 500, title: "Signalbox failed" },
  unavailable: { status: 503, title: "Not available right now" },
};

export interface Problem extends ErrorDetails {
  code: ErrorCode;
  /** The sentence a person can act on. */
  detail: string;
  /** More members of the document: `{ remaining: 0 }`. */
  more?: Record<string, unknown>;
  headers?: Record<string, string>;
}

/** The problem document: `type, title, status, detail, code`, and what applies of `errors`, `reason`, `retry_after_ms`. */
export function problemResponse(context: Asking, problem: Problem): Response {
  const { code, detail, errors, reason, retryAfterMs, more, headers } = problem;
  const { status } = PROBLEMS[code];
  // Written by hand: a fleet that hammers gets thousands of these a second.
  let text = `${HEADS[code]},"detail":${JSON.stringify(detail)},"code":"${code}"`;
  if (errors?.length) text += `,"errors":${JSON.stringify(errors)}`;
  if (reason !== undefined) text += `,"reason":${JSON.stringify(reason)}`;
  if (retryAfterMs !== undefined) text += `,"retry_after_ms":${Math.ceil(retryAfterMs)}`;
  for (const name in more) if (more[name] !== undefined) text += `,${JSON.stringify(name)}:${JSON.stringify(more[name])}`;
  const requestId = context.get("requestId");
  text += requestId === undefined ? "}" : `,"request_id":"${requestId}"}`;
  const own = {
    "retry-after": headers?.["retry-after"] ?? retryAfterOf(retryAfterMs),
    "ratelimit-policy": headers?.["ratelimit-policy"],
    ratelimit: headers?.ratelimit,
  };
  const response = wholeOf(context)(context, "problem", status, text, own);
  for (const name in headers) if (!(name in own)) response.headers.set(name, headers[name]!);
  return response;
}

/** The part that is the same for all of a code. */
const HEADS = Object.fromEntries(
  Object.entries(PROBLEMS).map(([code, { title, status }]) => [
    code,
    `{"type":"urn:signalbox:problem:${code}","title":${JSON.stringify(title)},"status":${status}`,
  ]),
) as Record<ErrorCode, string>;

/** The last resort of every request: an AppError speaks for itself; anything else is a bug, logged whole and told without detail. */
export function onError(log: Log, assets: AssetUrls | null) {
  return (thrown: unknown, context: Asking): Promise<Response> => answer(context, problemOf(thrown, context, log), assets);
}

/** A problem document, or a page for a browser that looks at pages. */
export async function answer(context: Asking, problem: Problem, assets: AssetUrls | null): Promise<Response> {
  if (!wantsPage(context)) return problemResponse(context, problem);
  const { status, title } = PROBLEMS[problem.code];
  // Loaded on the first error only, so that programs never pay for the page.
  const { problemPage } = await import("../../views/problem.tsx");
  const props = { status, title, detail: problem.detail, errors: problem.errors ?? [], requestId: context.get("requestId") ?? "" };
  const html = problemPage(props, assets, context.req.header("hx-request-type") === "partial");
  return new Response(html, { status, headers: { "content-type": "text/html; charset=utf-8", ...headersOf(problem) } });
}

/** A browser looking at pages: `/api` speaks JSON to everybody. */
export function wantsPage(context: Asking): boolean {
  return !context.req.path.startsWith("/api/") && (context.req.header("accept") ?? "").includes("text/html");
}

export function problemOf(thrown: unknown, context: Asking, log: Log): Problem {
  if (thrown instanceof AppError && thrown.code !== "internal") {
    // Away is an outage of a part, not of the caller: the operator wants to see it.
    if (thrown.code === "unavailable") log.warn(`${context.req.method} ${context.req.path}: ${thrown.message}`);
    return { code: thrown.code, detail: thrown.message, ...thrown.details };
  }
  const requestId = context.get("requestId");
  log.error(`${context.req.method} ${context.req.path} failed: ${messageOf(thrown)}`, { error: thrown, request: requestId });
  return { code: "internal", detail: `Something broke here; it is in the log under ${requestId}. Nothing of it was your fault.` };
}

function headersOf({ retryAfterMs, headers }: Problem): Record<string, string> {
  const after = retryAfterOf(retryAfterMs);
  return { ...(after === undefined ? {} : { "retry-after": after }), ...headers };
}

/** Retry-After counts whole seconds (RFC 9110 10.2.3); 0 would invite a storm. */
function retryAfterOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : String(Math.max(1, Math.ceil(ms / 1000)));
}
