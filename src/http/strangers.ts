/** Strangers over the API: screens that nobody here started, and how they become sessions without a restart. */

import { z } from "zod";
import type { Stranger } from "../fleet/stranger.ts";
import type { AdoptionWish, Strangers } from "../fleet/strangers.ts";
import { iso } from "../kernel/clock.ts";
import { type Directory, sessionOf } from "../pairs/directory.ts";
import { newSession } from "../pairs/input.ts";
import { readBody } from "./body.ts";
import { actor } from "./caller.ts";
import { created, parameter } from "./given.ts";
import type { Route } from "./route.ts";
import { sessionAnswer, sessionShape } from "./session-answers.ts";
import type { SessionServices } from "./sessions.ts";

export interface StrangerServices extends Pick<SessionServices, "directory" | "fleet" | "counters" | "clock" | "permits" | "asked"> {
  strangers: Strangers;
}

const strangerAnswer = z.object({
  stranger: z.string().describe("Its address, `{pid}-{start_ticks}`: what an adoption names"),
  state: z.enum(["stranger", "shell_idle", "duplicate", "dead"]),
  why: z.string(),
  screen_pid: z.number().describe("For `screen -r`"),
  name: z.string(),
  pid: z.number().nullable().describe("Of the program, or of the shell that runs nothing"),
  started_at: z.string().nullable(),
  age_seconds: z.number().nullable(),
  command: z.string().describe("Secrets masked"),
  folder: z.string().nullable(),
  user: z.string(),
  environment: z.array(z.string()).describe("Names only"),
  other_screen: z.string().nullable().describe("Its screen, when it is another binary than ours: 4.9 and 5.0 cannot talk"),
  guess: z.object({ program: z.string().nullable(), pairs: z.array(z.string()), by: z.enum(["command", "name"]).nullable() }),
  doubles: z.string().nullable().describe("The session that runs the same program and pair"),
  refusal: z.string().nullable().describe("Why it cannot be adopted"),
});

const adoption = newSession;
const adoptions = z.strictObject({
  adoptions: z
    .array(newSession.extend({ stranger: z.string().max(40) }))
    .min(1)
    .max(500),
});
const refusedAnswer = z.object({ stranger: z.string(), code: z.string(), reason: z.string().nullable(), detail: z.string() });

export function strangerRoutes(services: StrangerServices): Route[] {
  const { strangers, directory, clock } = services;
  return [
    {
      method: "GET",
      path: "/api/strangers",
      least: "viewer",
      summary: "Screens that nobody here started, as they are seen now: duplicates first",
      answer: z.object({ strangers: z.array(strangerAnswer) }),
      async handle(context) {
        await strangers.look();
        return context.json({ strangers: strangers.list().map((stranger) => strangerShape(stranger, directory, clock.now())) });
      },
    },
    {
      method: "POST",
      path: "/api/strangers/adoptions",
      least: "operator",
      summary: "Adopt many strangers; each is answered for itself",
      body: adoptions,
      answer: z.object({ adopted: z.array(z.object({ stranger: z.string(), session: z.string() })), refused: z.array(refusedAnswer) }),
      async handle(context) {
        const given = await readBody(context, adoptions, ADOPTIONS_MAX_BYTES);
        const wishes = given.adoptions.map(({ stranger, ...rest }): AdoptionWish => ({ ...rest, address: stranger }));
        const answers = await strangers.adoptMany(wishes, actor(context));
        return context.json({
          adopted: answers.flatMap((each) => (each.adopted ? [{ stranger: each.address, session: each.session.name }] : [])),
          refused: answers.flatMap((each) =>
            each.adopted ? [] : [{ stranger: each.address, code: each.code, reason: each.reason, detail: each.message }],
          ),
        });
      },
    },
    {
      method: "POST",
      path: "/api/strangers/:stranger/adoption",
      least: "operator",
      summary: "Make a stranger the run of a new session, without a restart; refused when it is not the process that was named",
      body: adoption,
      answer: sessionAnswer,
      async handle(context) {
        const wish = await readBody(context, adoption);
        const session = await strangers.adopt({ ...wish, address: parameter(context, "stranger") }, actor(context));
        return context.json(sessionShape(session, services), 201, created(`/api/sessions/${session.name}`));
      },
    },
    {
      method: "DELETE",
      path: "/api/sessions/:name/adoption",
      least: "operator",
      summary: "Undo an adoption: the session is deleted, its program goes on by itself and is a stranger again",
      async handle(context) {
        await strangers.release(sessionOf(directory, parameter(context, "name")).id, actor(context));
        return new Response(null, { status: 204 });
      },
    },
  ];
}

/** 500 sessions of a hundred pairs each would be more; nobody has those. */
const ADOPTIONS_MAX_BYTES = 1024 * 1024;

function strangerShape(stranger: Stranger, directory: Directory, now: number): z.infer<typeof strangerAnswer> {
  return {
    stranger: stranger.address,
    state: stranger.state,
    why: stranger.why,
    screen_pid: stranger.screenPid,
    name: stranger.name,
    pid: stranger.pid,
    started_at: stranger.startedAt === null ? null : iso(stranger.startedAt),
    age_seconds: stranger.startedAt === null ? null : Math.max(0, Math.round((now - stranger.startedAt) / 1000)),
    command: stranger.command,
    folder: stranger.folder,
    user: stranger.user,
    environment: [...stranger.variables],
    other_screen: stranger.otherScreen,
    guess: stranger.guess,
    doubles: stranger.doubles === null ? null : (directory.session(stranger.doubles)?.name ?? stranger.doubles),
    refusal: stranger.refusal,
  };
}
