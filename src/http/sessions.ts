/** Sessions over the API: as they are seen, as they are wanted, restarted, and what their runs left. `{name}` is a label or an id. */

import type { Context } from "hono";
import { z } from "zod";
import type { Fleet } from "../fleet/fleet.ts";
import type { SessionState } from "../fleet/states.ts";
import { invalid } from "../kernel/errors.ts";
import type { DesiredDoor } from "../pairs/desired.ts";
import { type Directory, sessionOf } from "../pairs/directory.ts";
import { desiredChange, newSession, rename } from "../pairs/input.ts";
import type { Roster } from "../pairs/roster.ts";
import type { Session } from "../pairs/session.ts";
import { readBody } from "./body.ts";
import { actor } from "./caller.ts";
import { created, parameter, query } from "./given.ts";
import type { Env, Route } from "./route.ts";
import { runAnswer, runShape, type SessionSources, sessionAnswer, sessionShape, sessionShapes } from "./session-answers.ts";

export interface SessionServices extends SessionSources {
  directory: Directory;
  roster: Pick<Roster, "addSession" | "retireSession">;
  desired: DesiredDoor;
  fleet: Pick<Fleet, "status" | "restart" | "retryNow" | "thaw" | "surrender" | "rename" | "history">;
}

/** Wanted up, but waiting or resting: to want it up again means "try now". */
const RESTING: ReadonlySet<SessionState> = new Set(["backoff", "crashed", "interrupted", "lost", "stopped"]);

const why = z.strictObject({ reason: z.string().trim().max(500).optional() });
const nothing = z.strictObject({});
const historyQuery = z.object({ limit: z.coerce.number().int().min(1).max(1000).default(50) });
export function sessionRoutes(services: SessionServices): Route[] {
  const { directory, roster, fleet, clock } = services;
  const named = (context: Context<Env>): Session => sessionOf(directory, parameter(context, "name"));
  const shape = (session: Session) => sessionShape(session, services);

  return [
    {
      method: "GET",
      path: "/api/sessions",
      least: "viewer",
      summary: "All sessions as they are seen now, by name",
      answer: z.object({ sessions: z.array(sessionAnswer) }),
      handle: (context) => context.json({ sessions: sessionShapes(directory.sessions(), services) }),
    },
    {
      method: "POST",
      path: "/api/sessions",
      least: "operator",
      summary: "Add a session of a program for one or more pairs; it is wanted up at once",
      body: newSession,
      answer: sessionAnswer,
      async handle(context) {
        const session = await roster.addSession(await readBody(context, newSession), actor(context));
        return context.json(shape(session), 201, created(`/api/sessions/${session.name}`));
      },
    },
    {
      method: "GET",
      path: "/api/sessions/:name",
      least: "viewer",
      summary: "One session as it is seen now",
      answer: sessionAnswer,
      handle: (context) => context.json(shape(named(context))),
    },
    {
      method: "DELETE",
      path: "/api/sessions/:name",
      least: "operator",
      summary: "Retire a session: it is stopped, its history stays",
      async handle(context) {
        await roster.retireSession(named(context).id, actor(context));
        return new Response(null, { status: 204 });
      },
    },
    {
      method: "PUT",
      path: "/api/sessions/:name/desired",
      least: "operator",
      summary: "Want a session up or down, for ever or until a time; wanted up again while it rests after exits, it is tried now",
      body: desiredChange,
      answer: sessionAnswer,
      handle: (context) => wish(services, context, named(context)),
    },
    {
      method: "POST",
      path: "/api/sessions/:name/restarts",
      least: "operator",
      summary: "Restart a session; of one high-priority pair one session at a time",
      body: why,
      answer: sessionAnswer,
      async handle(context) {
        const { reason } = await readBody(context, why);
        const session = named(context);
        await fleet.restart(session.id, actor(context), reason);
        return context.json(shape(session), 202);
      },
    },
    {
      method: "POST",
      path: "/api/sessions/:name/thaws",
      least: "operator",
      summary: "Make a frozen terminal go on; whether it did is seen in its state, a few seconds later",
      body: nothing,
      answer: sessionAnswer,
      async handle(context) {
        await readBody(context, nothing);
        const session = named(context);
        await fleet.thaw(session.id, actor(context));
        return context.json(shape(session), 202);
      },
    },
    {
      method: "POST",
      path: "/api/sessions/:name/surrenders",
      least: "operator",
      summary: "Give up: no retry follows until somebody starts it; refused for high priority",
      body: why,
      answer: sessionAnswer,
      async handle(context) {
        const { reason } = await readBody(context, why);
        const session = named(context);
        await fleet.surrender(session.id, actor(context), reason);
        return context.json(shape(session), 202);
      },
    },
    {
      method: "PUT",
      path: "/api/sessions/:name/name",
      least: "operator",
      summary: "Rename a session; its program runs on. `shown`: `screen -ls` shows the new name already, otherwise after its next start",
      body: rename,
      answer: sessionAnswer.extend({ shown: z.boolean() }),
      async handle(context) {
        const { name } = await readBody(context, rename);
        const { session, shown } = await fleet.rename(named(context).id, name, actor(context));
        return context.json({ ...shape(session), shown });
      },
    },
    {
      method: "GET",
      path: "/api/sessions/:name/history",
      least: "viewer",
      summary: "Its runs, newest first: when, who, why, exit, last lines",
      answer: z.object({ runs: z.array(runAnswer) }),
      async handle(context) {
        const { limit } = query(context, historyQuery);
        return context.json({ runs: (await fleet.history(named(context).id, limit)).map(runShape) });
      },
    },
  ];

  async function wish({ desired }: SessionServices, context: Context<Env>, session: Session): Promise<Response> {
    const { state, reason, until } = await readBody(context, desiredChange);
    const untilMs = until === undefined ? null : Date.parse(until);
    if (untilMs !== null && untilMs <= clock.now())
      throw invalid("until: must lie in the future", [{ field: "until", message: "must lie in the future" }]);
    const seen = fleet.status(session.id)?.state;
    const again = state === "up" && session.desired.state === "up" && seen !== undefined && RESTING.has(seen);
    const after = await desired.set(session.id, { state, reason, until: untilMs }, actor(context));
    if (again) await fleet.retryNow(session.id, actor(context), reason);
    return context.json(shape(after));
  }
}
