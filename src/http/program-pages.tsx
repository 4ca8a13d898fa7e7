/** Programs: viewers read them, an admin defines them. The values of an environment never leave the house. */

import type { Context } from "hono";
import type { FormState } from "../../views/fields.tsx";
import { ProgramList, ProgramPage } from "../../views/programs/programs.tsx";
import { texts } from "../../views/texts.ts";
import { AppError } from "../kernel/errors.ts";
import { programOf } from "../pairs/directory.ts";
import { priorityPairs } from "../pairs/guard.ts";
import type { Program } from "../pairs/program.ts";
import { actor } from "./caller.ts";
import { FormErrors, one, readFields, refusedForm } from "./form.ts";
import { mayAct, type PageServices, page, pageStatusOf, seeOther } from "./page.tsx";
import { newProgramFields, programFieldOf, programFields, programInputFrom } from "./program-form.ts";
import type { Env, Route } from "./route.ts";
import { askPage } from "./session-pages.tsx";

const words = texts.program;

/** `byOutput`: whether patterns count what a program prints. */
interface Services extends PageServices {
  byOutput?: (program: string) => boolean;
}

export function programPageRoutes(services: Services): Route[] {
  const on = (
    method: "GET" | "POST",
    path: string,
    least: "viewer" | "admin",
    summary: string,
    handle: (context: Context<Env>) => Response | Promise<Response>,
  ): Route => ({ method, path, least, summary, page: true, handle });
  return [
    on("GET", "/programs", "viewer", "All programs", (context) => list(context, services, { values: newProgramFields(), errors: {} })),
    on("POST", "/programs", "admin", "Define a program", (context) => add(context, services)),
    on("GET", "/programs/:name", "viewer", "One program", (context) => show(context, services, named(context, services))),
    on("POST", "/programs/:name/edits", "admin", "Change a program", (context) => edit(context, services)),
    on("GET", "/programs/:name/retirement", "admin", "Asks before a program is deleted", (context) => ask(context, services)),
    on("POST", "/programs/:name/retirements", "admin", "Delete a program", (context) => retire(context, services)),
  ];
}

function named(context: Context<Env>, services: Services): Program {
  return programOf(services.directory, context.req.param("name") ?? "");
}

function doneText(context: Context<Env>): string | undefined {
  const done = context.req.query("done") as keyof typeof words.done | undefined;
  return done && Object.hasOwn(words.done, done) ? words.done[done] : undefined;
}

function sessionsOf(services: Services, name: string) {
  return services.directory.sessions().filter((session) => session.program === name);
}

function list(context: Context<Env>, services: Services, form: FormState, status: 200 | 409 | 422 = 200): Response | Promise<Response> {
  const body = (
    <ProgramList
      now={services.clock.now()}
      programs={services.directory.programs().map((program) => ({
        program,
        sessions: sessionsOf(services, program.name).length,
        byOutput: services.byOutput?.(program.name) ?? false,
      }))}
      defines={mayAct(context, "admin")}
      notice={doneText(context)}
      form={form}
    />
  );
  return page(context, services, { title: words.title, nav: "programs", status, body });
}

async function add(context: Context<Env>, services: Services): Promise<Response> {
  const fields = await readFields(context);
  const errors = new FormErrors();
  const input = programInputFrom(fields, one(fields, "name"), {}, errors);
  if (!input) return list(context, services, { values: fields, errors: errors.errors }, 422);
  try {
    await services.roster.addProgram(input, actor(context));
    return seeOther(context, "/programs?done=add");
  } catch (error) {
    const { form, refusal } = refusedForm(fields, error, programFieldOf);
    return list(context, services, form, refusal.code === "conflict" ? 409 : 422);
  }
}

function show(
  context: Context<Env>,
  services: Services,
  program: Program,
  more: { form?: FormState; conflict?: boolean; refusal?: AppError; status?: 409 | 422 } = {},
): Response | Promise<Response> {
  const done = doneText(context);
  const sessions = sessionsOf(services, program.name);
  const guarded = sessions.flatMap((session) => priorityPairs(services.directory, session))[0]?.id ?? null;
  const body = (
    <ProgramPage
      now={services.clock.now()}
      program={program}
      sessions={sessions.map((session) => session.name)}
      defines={mayAct(context, "admin")}
      form={more.form ?? { values: programFields(program), errors: {} }}
      version={program.version}
      conflict={more.conflict ?? false}
      guarded={guarded}
      byOutput={services.byOutput?.(program.name) ?? false}
      notice={more.refusal ? { tone: "stop", text: more.refusal.message } : done ? { tone: "go", text: done } : undefined}
    />
  );
  const status = more.status ?? (more.refusal ? pageStatusOf(more.refusal) : 200);
  return page(context, services, { title: program.name, nav: "programs", status, body });
}

async function edit(context: Context<Env>, services: Services): Promise<Response> {
  const before = named(context, services);
  const fields = await readFields(context);
  const errors = new FormErrors();
  const input = programInputFrom(fields, before.name, before.environment, errors);
  if (!input) return show(context, services, before, { form: { values: fields, errors: errors.errors }, status: 422 });
  try {
    await services.roster.changeProgram(before.name, input, actor(context), Number(one(fields, "version")));
    return seeOther(context, `/programs/${before.name}?done=edit`);
  } catch (error) {
    const { form, refusal } = refusedForm(fields, error, programFieldOf);
    const conflict = refusal.details.reason === "changed";
    return show(context, services, named(context, services), { form, conflict, status: refusal.code === "conflict" ? 409 : 422 });
  }
}

function ask(context: Context<Env>, services: Services): Response | Promise<Response> {
  const program = named(context, services);
  const sessions = sessionsOf(services, program.name);
  const guarded = sessions.flatMap((session) => priorityPairs(services.directory, session))[0];
  return askPage(context, services, "programs", {
    title: words.confirmRetire(program.name),
    text: words.confirmRetireText(sessions.length),
    action: `/programs/${program.name}/retirements`,
    button: words.retire,
    danger: true,
    back: `/programs/${program.name}`,
    refused: guarded ? words.protected(guarded.id) : undefined,
  });
}

async function retire(context: Context<Env>, services: Services): Promise<Response> {
  const program = named(context, services);
  try {
    await services.roster.retireProgram(program.name, actor(context));
  } catch (error) {
    if (error instanceof AppError) return show(context, services, program, { refusal: error });
    throw error;
  }
  return seeOther(context, "/programs?done=retire");
}
