/** The page of settings that are changed while Signalbox runs. */

import type { Context } from "hono";
import type { FormState } from "../../views/fields.tsx";
import { SettingsPage, type SettingsProps } from "../../views/settings/settings.tsx";
import { texts } from "../../views/texts.ts";
import { AppError } from "../kernel/errors.ts";
import { KEPT, type KeptDays, OUTPUT_MEGABYTES } from "../results/retention.ts";
import { actor } from "./caller.ts";
import { FormErrors, one, readFields, refusedForm } from "./form.ts";
import { type PageServices, type PageStatus, page, seeOther } from "./page.tsx";
import type { Env, Route } from "./route.ts";
import type { SettingsServices } from "./settings.ts";

type Services = PageServices & SettingsServices;

const NAMES = Object.keys(KEPT) as (keyof KeptDays)[];

export function settingsPageRoutes(services: Services): Route[] {
  return [
    {
      method: "GET",
      path: "/settings",
      least: "admin",
      summary: "How long results are kept, and how much there is",
      page: true,
      handle: (context) => show(context, services),
    },
    {
      method: "POST",
      path: "/settings",
      least: "admin",
      summary: "Change how long results are kept",
      page: true,
      handle: (context) => change(context, services),
    },
  ];
}

interface Wrong {
  form: FormState;
  status: PageStatus;
  text?: string;
}

async function show(context: Context<Env>, services: Services, wrong: Wrong | null = null): Promise<Response> {
  const { retention, sizes } = services;
  const saved = {
    ...Object.fromEntries(Object.entries(retention.days()).map(([name, days]) => [name, String(days)])),
    output_megabytes: String(retention.outputMegabytes()),
  };
  const done = context.req.query("done") !== undefined;
  const props: SettingsProps = {
    form: wrong?.form ?? { values: saved, errors: {} },
    version: retention.version(),
    names: NAMES,
    limits: { ...KEPT, output_megabytes: OUTPUT_MEGABYTES },
    size: await sizes.look(),
    budgetMegabytes: retention.outputMegabytes(),
    notice: wrong?.text ? { tone: "stop", text: wrong.text } : done ? { tone: "go", text: texts.settings.done } : null,
  };
  return page(context, services, {
    title: texts.settings.title,
    nav: null,
    status: wrong?.status ?? 200,
    body: <SettingsPage {...props} />,
  });
}

async function change(context: Context<Env>, services: Services): Promise<Response> {
  const fields = await readFields(context);
  const errors = new FormErrors();
  const days = Object.fromEntries(NAMES.map((name) => [name, errors.number(fields, name) ?? Number.NaN])) as KeptDays;
  const outputMegabytes = errors.number(fields, "output_megabytes") ?? Number.NaN;
  if (Object.keys(errors.errors).length > 0)
    return show(context, services, { form: { values: fields, errors: errors.errors }, status: 422 });
  try {
    await services.retention.change({ days, outputMegabytes }, actor(context), Number(one(fields, "version")));
    return seeOther(context, "/settings?done=1");
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { form, refusal } = refusedForm(fields, error);
    // Each stands beside its field, under the field's own name.
    if (refusal.code === "invalid") delete form.errors[""];
    return show(context, services, { form, status: refusal.code === "conflict" ? 409 : 422 });
  }
}
