/** Programs over the API. Defining one is running code here, so only an admin does; the environment goes out by names alone. */

import { z } from "zod";
import { iso } from "../kernel/clock.ts";
import { type Directory, programOf } from "../pairs/directory.ts";
import { programInput, programName } from "../pairs/input.ts";
import type { Program } from "../pairs/program.ts";
import type { Roster } from "../pairs/roster.ts";
import type { Rulebook } from "../results/patterns/rulebook.ts";
import { readBody } from "./body.ts";
import { actor } from "./caller.ts";
import { created, etag, ifMatch, parameter } from "./given.ts";
import type { Route } from "./route.ts";

export interface ProgramServices {
  directory: Directory;
  roster: Roster;
  patterns?: { rulebook: Pick<Rulebook, "of"> };
}

const programAnswer = z.object({
  name: z.string(),
  template: z.array(z.string()),
  folder: z.string(),
  environment: z.array(z.string()).describe("Names only: values are never shown"),
  secrets: z.array(z.string()).describe("Names only: a secret is never given out"),
  user: z.string().nullable(),
  stop_signal: z.string(),
  stop_timeout_ms: z.number(),
  restart: z.object({
    policy: z.string(),
    first_delay_ms: z.number(),
    cap_ms: z.number(),
    stable_after_ms: z.number(),
    give_up_after: z.number(),
    give_up_window_ms: z.number(),
  }),
  success_codes: z.array(z.number()),
  memory_limit_mb: z.number().nullable(),
  schedule: z.string().nullable().describe("Five fields of cron: its sessions are restarted then"),
  silent_after_ms: z.number().nullable(),
  silent_restart: z.boolean(),
  auto_thaw: z.boolean(),
  queue: z.object({ order: z.enum(["oldest", "newest"]), ttl_ms: z.number().nullable() }),
  description: z.string(),
  measured_by: z.enum(["reports", "output"]).describe("`output`: patterns count what it prints"),
  sessions: z.array(z.string()),
  version: z.number(),
  created_at: z.string(),
  updated_at: z.string(),
});

/** A PUT names the program in its path. Values of the environment cannot be read back, so leaving it out keeps it. */
const replacement = programInput.extend({
  name: programName.optional(),
  environment: programInput.shape.environment.unwrap().optional(),
});

export function programRoutes({ directory, roster, patterns }: ProgramServices): Route[] {
  const shape = (program: Program) => shapeOf(program, directory, patterns?.rulebook.of(program.name) !== undefined);

  return [
    {
      method: "GET",
      path: "/api/programs",
      least: "viewer",
      summary: "All programs",
      answer: z.object({ programs: z.array(programAnswer) }),
      handle: (context) => context.json({ programs: directory.programs().map(shape) }),
    },
    {
      method: "POST",
      path: "/api/programs",
      least: "admin",
      summary: "Define a program",
      body: programInput,
      answer: programAnswer,
      async handle(context) {
        const program = await roster.addProgram(await readBody(context, programInput), actor(context));
        return context.json(shape(program), 201, created(`/api/programs/${program.name}`, program.version));
      },
    },
    {
      method: "GET",
      path: "/api/programs/:name",
      least: "viewer",
      summary: "One program; its ETag goes into If-Match of a change",
      answer: programAnswer,
      handle(context) {
        const program = programOf(directory, parameter(context, "name"));
        return context.json(shape(program), 200, etag(program.version));
      },
    },
    {
      method: "PUT",
      path: "/api/programs/:name",
      least: "admin",
      summary: "Define a program anew; running sessions keep the old command until their next restart; takes If-Match",
      body: replacement,
      answer: programAnswer,
      async handle(context) {
        const name = parameter(context, "name");
        const given = await readBody(context, replacement);
        const environment = given.environment ?? programOf(directory, name).environment;
        const input = { ...given, name: given.name ?? name, environment };
        const program = await roster.changeProgram(name, input, actor(context), ifMatch(context));
        return context.json(shape(program), 200, etag(program.version));
      },
    },
    {
      method: "DELETE",
      path: "/api/programs/:name",
      least: "admin",
      summary: "Delete a program and its sessions",
      async handle(context) {
        await roster.retireProgram(parameter(context, "name"), actor(context));
        return new Response(null, { status: 204 });
      },
    },
  ];
}

function shapeOf(program: Program, directory: Directory, byOutput: boolean): z.infer<typeof programAnswer> {
  const { restart } = program;
  return {
    name: program.name,
    template: program.template,
    folder: program.folder,
    environment: Object.keys(program.environment),
    secrets: Object.keys(program.secrets),
    user: program.user,
    stop_signal: program.stopSignal,
    stop_timeout_ms: program.stopTimeoutMs,
    restart: {
      policy: restart.policy,
      first_delay_ms: restart.firstDelayMs,
      cap_ms: restart.capMs,
      stable_after_ms: restart.stableAfterMs,
      give_up_after: restart.giveUpAfter,
      give_up_window_ms: restart.giveUpWindowMs,
    },
    success_codes: program.successCodes,
    memory_limit_mb: program.memoryLimitMb,
    schedule: program.schedule,
    silent_after_ms: program.silentAfterMs,
    silent_restart: program.silentRestart,
    auto_thaw: program.autoThaw,
    queue: { order: program.queue.order, ttl_ms: program.queue.ttlMs },
    description: program.description,
    measured_by: byOutput ? "output" : "reports",
    sessions: directory
      .sessions()
      .filter((session) => session.program === program.name)
      .map((session) => session.name),
    version: program.version,
    created_at: iso(program.createdAt),
    updated_at: iso(program.updatedAt),
  };
}
