/** The page of countries: what may be sent to each, and the forms that change it. */

import type { Context } from "hono";
import { z } from "zod";
import { CountriesPage, type CountriesProps } from "../../views/countries/countries.tsx";
import type { FormState } from "../../views/fields.tsx";
import { texts } from "../../views/texts.ts";
import { matches } from "../kernel/words.ts";
import { countryChange, countryCode } from "../pairs/input.ts";
import { check } from "./body.ts";
import { actor } from "./caller.ts";
import { checked, type Fields, FormErrors, one, readFields, refusedForm } from "./form.ts";
import { parameter } from "./given.ts";
import { mayAct, type PageServices, type PageStatus, page, seeOther } from "./page.tsx";
import type { Env, Route } from "./route.ts";

const words = texts.country;
const path = z.object({ code: countryCode });

export function countryPageRoutes(services: PageServices): Route[] {
  return [
    {
      method: "GET",
      path: "/countries",
      least: "viewer",
      summary: "All countries and their budgets",
      page: true,
      handle: (context) => show(context, services, null),
    },
    {
      method: "POST",
      path: "/countries",
      least: "operator",
      summary: "Set the budget of a country that is not listed",
      page: true,
      handle: (context) => set(context, services),
    },
    {
      method: "POST",
      path: "/countries/:code/budgets",
      least: "operator",
      summary: "Change the budget of a country",
      page: true,
      handle: (context) => change(context, services),
    },
  ];
}

interface Wrong {
  code: string;
  form: FormState;
  status: PageStatus;
  text?: string;
}

function show(context: Context<Env>, services: PageServices, wrong: Wrong | null): Response | Promise<Response> {
  const { directory } = services;
  const query = (context.req.query("q") ?? "").trim().slice(0, 100);
  const countries = directory.countries().sort((a, b) => a.name.localeCompare(b.name));
  const pairs = new Map<string, number>();
  for (const { country } of directory.pairs()) pairs.set(country, (pairs.get(country) ?? 0) + 1);
  const props: CountriesProps = {
    rows: countries
      .filter(({ code, name }) => matches(query, `${code} ${name}`))
      .map((country) => ({ country, pairs: pairs.get(country.code) ?? 0 })),
    total: countries.length,
    query,
    acts: mayAct(context),
    notice: wrong?.text
      ? { tone: "stop", text: wrong.text }
      : context.req.query("done") !== undefined
        ? { tone: "go", text: words.done }
        : null,
    wrong,
  };
  return page(context, services, { title: words.title, nav: "permits", status: wrong?.status ?? 200, body: <CountriesPage {...props} /> });
}

async function set(context: Context<Env>, services: PageServices): Promise<Response> {
  const fields = await readFields(context);
  const errors = new FormErrors();
  const named = checked(path, { code: one(fields, "code") }, errors);
  const input = budgetOf(fields, errors);
  if (!named || !input) return show(context, services, { code: "", form: { values: fields, errors: errors.errors }, status: 422 });
  return store(context, services, named.code, input, fields, undefined);
}

async function change(context: Context<Env>, services: PageServices): Promise<Response> {
  const { code } = check(path, { code: parameter(context, "code") });
  const fields = await readFields(context);
  const errors = new FormErrors();
  const input = budgetOf(fields, errors);
  if (!input) return show(context, services, { code, form: { values: fields, errors: errors.errors }, status: 422 });
  return store(context, services, code, input, fields, Number(one(fields, "version")));
}

function budgetOf(fields: Fields, errors: FormErrors) {
  const number = (name: string) => errors.number(fields, name) ?? Number.NaN;
  return checked(countryChange.required(), { limit: number("limit"), window_seconds: number("window_seconds") }, errors);
}

async function store(
  context: Context<Env>,
  services: PageServices,
  code: string,
  input: { limit: number; window_seconds: number },
  fields: Fields,
  version: number | undefined,
): Promise<Response> {
  try {
    await services.roster.changeCountry(code, input, actor(context), version);
    return seeOther(context, "/countries?done=1");
  } catch (error) {
    const { form, refusal } = refusedForm(fields, error);
    const status = refusal.code === "conflict" ? 409 : 422;
    if (refusal.details.reason !== "changed") return show(context, services, { code, form, status });
    // Both stand there: what is saved now in the sentence, what was typed in the fields.
    const now = services.directory.country(code);
    const said = { values: fields, errors: { "": words.was(now.limit, now.windowSeconds) } };
    return show(context, services, { code, form: said, status, text: words.changed(now.name) });
  }
}
