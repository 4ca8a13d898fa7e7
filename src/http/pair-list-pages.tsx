/** The page of all pairs: list, adding, editing in a row, suggestions, export. */

import type { Context } from "hono";
import type { FormState } from "../../views/fields.tsx";
import { Suggestions } from "../../views/pairs/add.tsx";
import { PART, PairList, PairSections } from "../../views/pairs/list.tsx";
import type { ConflictProps } from "../../views/pairs/props.ts";
import { EditRow, Row } from "../../views/pairs/row.tsx";
import { texts } from "../../views/texts.ts";
import { readCountry } from "../pairs/country.ts";
import { pairOf } from "../pairs/directory.ts";
import { newPair } from "../pairs/input.ts";
import { openCatalogue } from "../pairs/open-catalogue.ts";
import type { Pair } from "../pairs/pair.ts";
import { actor } from "./caller.ts";
import { checked, type Fields, FormErrors, many, one, readFields, refusedForm, words as typedWords } from "./form.ts";
import { parameter } from "./given.ts";
import { fragment, mayAct, type PageServices, type PageStatus, page, seeOther, wantsFragment } from "./page.tsx";
import { exportPairs } from "./pair-exchange.ts";
import { rowFields } from "./pair-form.ts";
import { partOf, rowOf, viewOf } from "./pair-list.ts";
import type { Env, Handle, Route } from "./route.ts";

const words = texts.pair;

export function pairListRoutes(services: PageServices): Route[] {
  const get = (path: string, least: "viewer" | "operator", summary: string, handle: Handle): Route => ({
    ...{ method: "GET", path, least, summary, page: true, handle },
  });
  return [
    get("/pairs", "viewer", "All pairs", (context) => list(context, services, { values: {}, errors: {} })),
    { method: "POST", path: "/pairs", least: "operator", summary: "Add a pair", page: true, handle: (context) => add(context, services) },
    get("/pairs/operators", "viewer", "Suggests known operators of a country", suggest),
    get("/pairs/export", "operator", "Downloads the pairs", (context) => {
      const { format, q = "" } = context.req.query();
      return exportPairs(context, services.directory, { format: format === "json" ? "json" : "csv", q: q.slice(0, 100), bom: true });
    }),
    get("/pairs/:id/row", "viewer", "One row of the list", (context) =>
      showRow(context, services, pairOf(services.directory, parameter(context, "id"))),
    ),
    get("/pairs/:id/edits", "operator", "One row of the list, to be edited", (context) => {
      const pair = pairOf(services.directory, parameter(context, "id"));
      return wantsFragment(context) ? editRow(context, services, pair) : seeOther(context, `/pairs/${pair.id}`);
    }),
  ];
}

function doneText(context: Context<Env>): string | undefined {
  const done = context.req.query("done") as keyof typeof words.done | undefined;
  return done && Object.hasOwn(words.done, done) ? words.done[done] : undefined;
}

function list(context: Context<Env>, services: PageServices, form: FormState, status: 200 | 409 | 422 = 200): Response | Promise<Response> {
  const { directory } = services;
  const { rows, ...part } = partOf(services, viewOf(context.req.query()), PART);
  const props = { ...part, pairs: rows, acts: mayAct(context) };
  if (wantsFragment(context)) return fragment(context, <PairSections {...props} />);
  const programs = directory.programs().map(({ name }) => ({ value: name, label: name }));
  const body = <PairList {...props} now={services.clock.now()} notice={doneText(context)} form={form} programs={programs} />;
  return page(context, services, { title: words.title, nav: "pairs", status, body });
}

async function add(context: Context<Env>, services: PageServices): Promise<Response> {
  const fields = await readFields(context);
  const errors = new FormErrors();
  const operator = one(fields, "operator");
  const input = checked(
    newPair,
    {
      country: one(fields, "country"),
      operator,
      operator_name: one(fields, "operator_name") || operator,
      mccmnc: typedWords(fields, "mccmnc"),
      tags: typedWords(fields, "tags"),
    },
    errors,
  );
  if (!input) return list(context, services, { values: fields, errors: errors.errors }, 422);
  try {
    const pair = await services.roster.addPair(input, actor(context), many(fields, "programs"));
    const warnings = (await openCatalogue()).warnings(pair);
    // What looks wrong with it stands on its own page.
    return seeOther(context, warnings.length > 0 ? `/pairs/${pair.id}?done=add` : "/pairs?done=add");
  } catch (error) {
    const { form, refusal } = refusedForm(fields, error);
    return list(context, services, form, refusal.code === "conflict" ? 409 : 422);
  }
}

async function suggest(context: Context<Env>): Promise<Response> {
  const country = readCountry(context.req.query("country") ?? "");
  const operators = country === null ? [] : (await openCatalogue()).operators(country);
  return fragment(context, <Suggestions operators={operators} />);
}

export function showRow(context: Context<Env>, services: PageServices, pair: Pair): Response {
  return fragment(context, <Row row={rowOf(services, pair)} acts={mayAct(context)} />);
}

interface EditedRow {
  fields?: Fields;
  errors?: Record<string, string>;
  conflict?: ConflictProps;
  status?: PageStatus;
}

export function editRow(context: Context<Env>, services: PageServices, pair: Pair, edited: EditedRow = {}): Response {
  const { fields, errors = {}, conflict = null, status = 200 } = edited;
  const form: FormState = { values: fields ?? rowFields(pair), errors };
  return fragment(context, <EditRow row={rowOf(services, pair)} form={form} base={baseOf(fields, pair)} conflict={conflict} />, status);
}

/** What was saved when the typing began, also after a form came back. */
export function baseOf(fields: Fields | undefined, pair: Pair, fresh: Record<string, string> = rowFields(pair)): Record<string, string> {
  return fields ? Object.fromEntries(Object.keys(fresh).map((name) => [name, one(fields, `base.${name}`)])) : fresh;
}
