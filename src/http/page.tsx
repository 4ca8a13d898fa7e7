/** Answers with pages: a whole one, or for htmx the fragment it asked for. What every page handler needs to know comes in as one bundle. */

import type { Context } from "hono";
import { html, raw } from "hono/html";
import type { Child } from "hono/jsx";
import { Frame, type Nav } from "../../views/frame.tsx";
import type { Role } from "../access/role.ts";
import { atLeast } from "../access/role.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Strangers } from "../fleet/strangers.ts";
import type { Clock } from "../kernel/clock.ts";
import type { AppError, ErrorCode } from "../kernel/errors.ts";
import type { Batches } from "../pairs/batches.ts";
import type { DesiredDoor } from "../pairs/desired.ts";
import type { Directory } from "../pairs/directory.ts";
import type { Roster } from "../pairs/roster.ts";
import type { Asked } from "../permits/asked.ts";
import type { Breaches } from "../permits/breaches.ts";
import type { Days } from "../permits/days.ts";
import type { Holds } from "../permits/holds.ts";
import type { Permits } from "../permits/permit.ts";
import type { ErrorClasses } from "../results/error-classes.ts";
import type { Counters } from "../results/numbers.ts";
import type { Assets } from "./assets.ts";
import type { EventHub } from "./events.ts";
import type { Env } from "./route.ts";

/** What the pages read and call; app.ts puts it together. */
export interface PageServices {
  directory: Directory;
  roster: Roster;
  batches: Batches;
  desired: DesiredDoor;
  fleet: Fleet;
  strangers: Strangers;
  permits: Pick<Permits, "proof" | "totals" | "waiters" | "shared" | "changed">;
  breaches: Pick<Breaches, "current" | "recent" | "changed">;
  days: Days;
  holds: Pick<Holds, "list" | "of" | "place" | "lift" | "changed">;
  /** Of each session, since Signalbox started. */
  asked: Pick<Asked, "of" | "since">;
  counters: Counters;
  errorClasses: Pick<ErrorClasses, "classify">;
  events: EventHub;
  assets: Assets;
  clock: Clock;
  /** Name of this machine, shown in the frame. */
  nodeName: string;
}

export interface Page {
  title: string;
  /** null: a page that is no place in the navigation. */
  nav: Nav | null;
  /** The stream that keeps it alive, or null. */
  topic?: string | null;
  /** It has charts: their scripts are loaded. */
  charts?: boolean;
  body: Child;
  status?: PageStatus;
}

export type PageStatus = 200 | 400 | 403 | 404 | 409 | 422 | 500 | 503;

export function page(context: Context<Env>, services: PageServices, given: Page): Response | Promise<Response> {
  const { name, role } = userOf(context);
  const document = (
    <Frame
      title={given.title}
      nav={given.nav}
      topic={given.topic ?? null}
      user={role === null ? null : { name, role }}
      strangers={services.strangers.list().filter(({ state }) => state === "stranger" || state === "duplicate").length}
      holds={services.holds.list()}
      node={services.nodeName}
      now={services.clock.now()}
      assets={services.assets.frame}
      charts={given.charts ? services.assets.charts : null}
    >
      {given.body}
    </Frame>
  );
  return send(context, String(html`<!DOCTYPE html>${raw(String(document))}`), given.status ?? 200);
}

/** A piece of a page, for an element that asked for it. */
export function fragment(context: Context<Env>, body: Child, status: PageStatus = 200): Response {
  return send(context, String(body), status);
}

/** htmx asks for a piece; everybody else, a reload and a browser without JavaScript included, for the page. */
export function wantsFragment(context: Context<Env>): boolean {
  return context.req.header("HX-Request-Type") === "partial";
}

const LEAST_TO_COMPRESS = 1024;

function send(context: Context<Env>, text: string, status: PageStatus): Response {
  const headers = new Headers({
    "content-type": "text/html; charset=utf-8",
    // Pages show one moment to one person.
    "cache-control": "no-store",
    vary: "accept-encoding, hx-request-type",
  });
  if (text.length < LEAST_TO_COMPRESS || !/\bgzip\b/.test(context.req.header("accept-encoding") ?? ""))
    return context.newResponse(text, { status, headers });
  headers.set("content-encoding", "gzip");
  return context.newResponse(Bun.gzipSync(Buffer.from(text), { level: 4 }), { status, headers });
}

/** After a form: look at what became of it. 303 makes the browser ask anew, so that a reload repeats nothing. */
export function seeOther(context: Context<Env>, to: string): Response {
  return context.redirect(to, 303);
}

export function userOf(context: Context<Env>): { name: string; role: Role | null } {
  const principal = context.get("principal");
  if (!principal || (principal.kind !== "user" && principal.kind !== "local")) return { name: "", role: null };
  return { name: principal.name, role: principal.role };
}

export function mayAct(context: Context<Env>, least: Role = "operator"): boolean {
  const { role } = userOf(context);
  return role !== null && atLeast(role, least);
}

const STATUS: Record<ErrorCode, PageStatus> = {
  invalid: 422,
  unauthorized: 403,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  internal: 500,
  too_large: 422,
  unsupported: 422,
  rate_limited: 503,
  unavailable: 503,
};

export function pageStatusOf(error: AppError): PageStatus {
  return STATUS[error.code];
}

/** Where a form may send its reader back to: a path of ours and nothing else. */
export function backTo(given: string | undefined, otherwise: string): string {
  return given && /^\/(?![/\\])[\w/?=&.%:-]*$/.test(given) ? given : otherwise;
}
