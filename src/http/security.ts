/** What every answer carries and every write has to show: headers computed once, the same-origin check, and where a request came from. */

import type { Context } from "hono";
import type { Env } from "./route.ts";

/** No inline script, no inline style, no eval, nothing from elsewhere. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** The headers of a program's answer in whole, to make its Response with: copied as one, a quarter of what setting each of them costs. */
export interface Ready {
  json: Headers;
  problem: Headers;
}

export interface Stamper {
  /** Writes the headers of every answer that was not made with ready ones; a handler's own `cache-control` stands (assets say `immutable`). */
  stamp(response: Response, page: boolean, requestId: string): Response;
  ready: Ready;
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
    ready: readyWith(api),
    stamp(response, page, requestId) {
      const { headers } = response;
      if (page || !headers.has("content-security-policy")) {
        for (const [name, value] of page ? pages : api) headers.set(name, value);
        if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
      }
      headers.set("x-request-id", requestId);
      return response;
    },
  };
}

function readyWith(headers: readonly [string, string][]): Ready {
  const ready = (type: string) => new Headers([...headers, ["content-type", type], ["cache-control", "no-store"]]);
  return { json: ready("application/json"), problem: ready("application/problem+json") };
}

const UNSTAMPED = readyWith([]);

/** Of the app that answers; a route that stands alone has nobody to stamp its answers. */
export function readyOf(context: Context<Env>): Ready {
  return context.get("ready") ?? UNSTAMPED;
}

/**
 * Whether a write comes from our own pages or from no browser at all. Browsers say where a request was born by Sec-Fetch-Site, older
 * ones by Origin; a request with neither is no browser's, so no foreign page can have caused it.
 */
export function sameOrigin(context: Context<Env>, publicUrl: string | null): boolean {
  const site = context.req.header("sec-fetch-site");
  if (site !== undefined) return site === "same-origin" || site === "none";
  const origin = context.req.header("origin");
  if (origin === undefined) return true;
  if (publicUrl !== null && origin === new URL(publicUrl).origin) return true;
  // Behind a proxy that ends TLS the scheme differs; the host the browser named does not.
  return URL.canParse(origin) && new URL(origin).host === context.req.header("host");
}

/** The address of the caller: the peer, or what a trusted proxy says of it. */
export function addressOf(context: Context<Env>, trustedProxies: ReadonlySet<string>): string {
  if (context.env?.local) return "socket";
  const peer = plain(context.env?.server?.requestIP(context.req.raw)?.address ?? "unknown");
  if (!trustedProxies.has(peer)) return peer;
  // Read from the right: what stands left of the first untrusted address was written by the caller itself.
  const hops = (context.req.header("x-forwarded-for") ?? "").split(",").map((hop) => plain(hop.trim()));
  return hops.reverse().find((hop) => hop !== "" && !trustedProxies.has(hop)) ?? peer;
}

/** Asked by this machine for itself: what a proxy here passes on comes from loopback too, but says so. */
export function isThisMachine(context: Context<Env>): boolean {
  const address = context.get("address")();
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
