/** What every answer carries and every write has to show: headers computed once, the same-origin check, and where a request came from. */

import type { Asking } from "./route.ts";

/** No inline script, no inline style, no eval, nothing from elsewhere. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** What a program's answer may carry beside what all carry. */
export interface OwnFields {
  "retry-after"?: string | undefined;
  "ratelimit-policy"?: string | undefined;
  ratelimit?: string | undefined;
}

/** Makes a program's answer with all it carries, so that its headers are copied once and never looked at again: a fifth of the answer's cost. */
export type Whole = (context: Asking, kind: "json" | "problem", status: number, text: string, own?: OwnFields) => Response;

export interface Stamper {
  /** Writes the headers of every answer that was not made whole; a handler's own `cache-control` stands (assets say `immutable`). */
  stamp(response: Response, page: boolean, requestId: string): Response;
  whole: Whole;
}

export function stamper(https: boolean): Stamper {
  const common: [string, string][] = [
    ["x-content-type-options", "nosniff"],
    ["referrer-policy", "same-origin"],
    ...(https ? [["strict-transport-security", "max-age=31536000"] as [string, string]] : []),
  ];
  const api: [string, string][] = [...common, ["content-security-policy", API_POLICY]];
  const pages: [string, string][] = [
    ...common,
    ["content-security-policy", PAGE_POLICY],
    ["cross-origin-opener-policy", "same-origin"],
    ["permissions-policy", "camera=(), microphone=(), geolocation=()"],
  ];
  return {
    whole: wholeWith(api),
    stamp(response, page, requestId) {
      const { headers } = response;
      for (const [name, value] of page ? pages : api) headers.set(name, value);
      if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
      headers.set("x-request-id", requestId);
      return response;
    },
  };
}

const OWN = ["retry-after", "ratelimit-policy", "ratelimit"] as const;

function wholeWith(common: readonly [string, string][]): Whole {
  const keep = (type: string): Kept => ({
    headers: new Headers([...common, ["content-type", type], ["cache-control", "no-store"]]),
    now: { "retry-after": undefined, "ratelimit-policy": undefined, ratelimit: undefined },
  });
  const kept = { json: keep("application/json"), problem: keep("application/problem+json") };
  return (context, kind, status, text, own = NONE) => {
    // The same ones every time, since a Response takes a copy of them; and of those most stay as they were.
    const { headers, now } = kept[kind];
    for (const name of OWN) {
      const value = own[name];
      if (value === now[name]) continue;
      now[name] = value;
      if (value === undefined) headers.delete(name);
      else headers.set(name, value);
    }
    const requestId = context.get("requestId");
    if (requestId !== undefined) headers.set("x-request-id", requestId);
    const response = new Response(text, { status, headers });
    context.set("whole", response);
    return response;
  };
}

interface Kept {
  headers: Headers;
  /** What the last answer carried. */
  now: Record<(typeof OWN)[number], string | undefined>;
}

const NONE: OwnFields = {};
const UNSTAMPED = wholeWith([]);

/** Of the app that answers; a route that stands alone has nobody to stamp its answers. */
export function wholeOf(context: Asking): Whole {
  return context.get("makeWhole") ?? UNSTAMPED;
}

/**
 * Whether a write comes from our own pages or from no browser at all. Browsers say where a request was born by Sec-Fetch-Site, older
 * ones by Origin; a request with neither is no browser's, so no foreign page can have caused it.
 */
export function sameOrigin(context: Asking, publicUrl: string | null): boolean {
  const site = context.req.header("sec-fetch-site");
  if (site !== undefined) return site === "same-origin" || site === "none";
  const origin = context.req.header("origin");
  if (origin === undefined) return true;
  if (publicUrl !== null && origin === new URL(publicUrl).origin) return true;
  // Behind a proxy that ends TLS the scheme differs; the host the browser named does not.
  return URL.canParse(origin) && new URL(origin).host === context.req.header("host");
}

/** The address of the caller, asked of the kernel when somebody wants to know: the peer, or what a trusted proxy says of it. */
export function addressOf(context: Asking): string {
  const known = context.get("address");
  if (known !== undefined) return known;
  const address = readAddress(context, context.get("trusted") ?? NOBODY);
  context.set("address", address);
  return address;
}

const NOBODY: ReadonlySet<string> = new Set();

function readAddress(context: Asking, trustedProxies: ReadonlySet<string>): string {
  if (context.env?.local) return "socket";
  const peer = plain(context.env?.server?.requestIP(context.req.raw)?.address ?? "unknown");
  if (!trustedProxies.has(peer)) return peer;
  // Read from the right: what stands left of the first untrusted address was written by the caller itself.
  const hops = (context.req.header("x-forwarded-for") ?? "").split(",").map((hop) => plain(hop.trim()));
  return hops.reverse().find((hop) => hop !== "" && !trustedProxies.has(hop)) ?? peer;
}

/** Asked by this machine for itself: what a proxy here passes on comes from loopback too, but says so. */
export function isThisMachine(context: Asking): boolean {
  const address = addressOf(context);
  const passedOn = context.req.header("x-forwarded-for") ?? context.req.header("forwarded");
  return passedOn === undefined && (address === "::1" || address.startsWith("127."));
}

/** A path on this site to go on to after the login, or `/`: never another site (`//evil`, `/\evil`, `https:`). */
export function safeNext(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])[\x21-\x7e]*$/.test(next) ? next : "/";
}

/** IPv4 as IPv4, also when it came in on an IPv6 socket. */
function plain(address: string): string {
  return address.startsWith("::ffff:") ? address.slice(7) : address;
}
