/** The page of errors: the last 15 minutes by class, and the table that says which code belongs to which class. */

import type { Context } from "hono";
import { ErrorsPage } from "../../views/errors/errors.tsx";
import type { FormState } from "../../views/fields.tsx";
import { texts } from "../../views/texts.ts";
import type { CodeEntry, ErrorClasses } from "../results/error-classes.ts";
import { PRESETS } from "../results/error-presets.ts";
import { ERROR_CLASSES, plainCode } from "../results/errors.ts";
import { pareto } from "../results/pareto.ts";
import { actor } from "./caller.ts";
import { type Fields, one, readFields, refusedForm } from "./form.ts";
import { mayAct, type PageServices, type PageStatus, page, pageStatusOf, seeOther } from "./page.tsx";
import type { Env, Route } from "./route.ts";

const words = texts.errors;

type Services = PageServices & { errorClasses: ErrorClasses };
/** The entries after a form. */
type Change = (entries: readonly CodeEntry[], fields: Fields) => CodeEntry[];

export function errorPageRoutes(services: Services): Route[] {
  const post = (path: string, summary: string, apply: Change): Route => ({
    ...{ method: "POST", path, least: "admin", summary, page: true },
    handle: (context) => change(context, services, apply),
  });
  return [
    {
      ...{ method: "GET", path: "/errors", least: "viewer", summary: "Errors by class, and the classes of codes", page: true },
      handle: (context) => show(context, services, { values: { code: context.req.query("code") ?? "" }, errors: {} }),
    },
    post("/errors/codes", "Give a code its class", (entries, fields) => put(entries, [entryOf(fields)])),
    post("/errors/removals", "Forget what was mapped for a code", (entries, fields) => {
      const gone = entryOf(fields);
      return entries.filter(({ code, gateway }) => code !== gone.code || gateway !== gone.gateway);
    }),
    post("/errors/presets", "Map the codes of a well-known interface", (entries, fields) => {
      const preset = PRESETS.find(({ name }) => name === one(fields, "preset"));
      const gateway = gatewayOf(fields);
      const added = Object.entries(preset?.codes ?? {}).flatMap(([name, codes]) =>
        codes.map((code) => ({ code: plainCode(code), class: name, gateway })),
      );
      return put(entries, added);
    }),
  ];
}

function entryOf(fields: Fields): CodeEntry {
  return { code: plainCode(one(fields, "code")), class: one(fields, "class"), gateway: gatewayOf(fields) };
}

function gatewayOf(fields: Fields): string | null {
  return one(fields, "gateway").toLowerCase() || null;
}

function put(entries: readonly CodeEntry[], added: readonly CodeEntry[]): CodeEntry[] {
  const keyOf = ({ code, gateway }: CodeEntry) => `${gateway ?? ""} ${code}`;
  return [...new Map([...entries, ...added].map((entry) => [keyOf(entry), entry])).values()];
}

async function change(context: Context<Env>, services: Services, apply: Change): Promise<Response> {
  const fields = await readFields(context);
  const { errorClasses } = services;
  try {
    await errorClasses.set(apply(errorClasses.entries(), fields), actor(context), Number(one(fields, "version")));
    return seeOther(context, "/errors?done=1");
  } catch (error) {
    const { form, refusal } = refusedForm(fields, error, (path) => (/code$/.test(path) ? "code" : /class$/.test(path) ? "class" : path));
    return show(context, services, form, pageStatusOf(refusal));
  }
}

function show(context: Context<Env>, services: Services, form: FormState, status: PageStatus = 200): Response | Promise<Response> {
  const { counters, errorClasses, clock } = services;
  const body = (
    <ErrorsPage
      now={clock.now()}
      groups={pareto(counters.fleet().errors, errorClasses)}
      entries={errorClasses.entries()}
      version={errorClasses.version()}
      classes={ERROR_CLASSES}
      presets={PRESETS}
      admin={mayAct(context, "admin")}
      form={form}
      done={context.req.query("done") !== undefined}
    />
  );
  return page(context, services, { title: words.title, nav: "history", status, body });
}
