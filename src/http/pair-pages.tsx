/** Pairs: the list with high priority on top, one pair with its form, priority and retirement. */

import type { Context } from "hono";
import type { FormState } from "../../views/fields.tsx";
import { PairList } from "../../views/pairs/list.tsx";
import { PairPage } from "../../views/pairs/page.tsx";
import type { Difference } from "../../views/pairs/props.ts";
import { texts } from "../../views/texts.ts";
import { AppError } from "../kernel/errors.ts";
import { matches } from "../kernel/words.ts";
import { pairOf } from "../pairs/directory.ts";
import { newPair } from "../pairs/input.ts";
import type { Pair } from "../pairs/pair.ts";
import { lampFor, pairProps } from "./board-model.ts";
import { actor } from "./caller.ts";
import { checked, FormErrors, many, one, readFields, refusedForm, ticked, words as typedWords } from "./form.ts";
import { backTo, mayAct, type PageServices, page, pageStatusOf, seeOther } from "./page.tsx";
import { differencesOf, pairChangeFrom, pairFields } from "./pair-form.ts";
import type { Env, Route } from "./route.ts";
import { askPage } from "./session-pages.tsx";

const words = texts.pair;

export function pairPageRoutes(services: PageServices): Route[] {
  const on = (
    method: "GET" | "POST",
    path: string,
    summary: string,
    handle: (context: Context<Env>) => Response | Promise<Response>,
  ): Route => ({
    method,
    path,
    least: method === "GET" ? "viewer" : "operator",
    summary,
    page: true,
    handle,
  });
  return [
    on("GET", "/pairs", "All pairs", (context) => list(context, services, { values: {}, errors: {} })),
    on("POST", "/pairs", "Add a pair", (context) => add(context, services)),
    on("GET", "/pairs/:id", "One pair", (context) => show(context, services, named(context, services))),
    on("POST", "/pairs/:id/edits", "Change a pair", (context) => edit(context, services)),
    on("GET", "/pairs/:id/priority", "Asks before a priority is taken away", (context) => askPriority(context, services)),
    on("POST", "/pairs/:id/priorities", "Give or take high priority", (context) => setPriority(context, services)),
    on("GET", "/pairs/:id/retirement", "Asks before a pair is retired", (context) => askRetirement(context, services)),
    on("POST", "/pairs/:id/retirements", "Retire a pair", (context) => retire(context, services)),
  ];
}

function named(context: Context<Env>, services: PageServices): Pair {
  return pairOf(services.directory, context.req.param("id") ?? "");
}

function shownPair(services: PageServices, pair: Pair) {
  const { directory, fleet } = services;
  const lamps = new Map(directory.sessionsOfPair(pair.id).map((session) => [session.id, lampFor(session, fleet.status(session.id))]));
  return pairProps(pair, services, lamps);
}

function doneText(context: Context<Env>): string | undefined {
  const done = context.req.query("done") as keyof typeof words.done | undefined;
  return done && Object.hasOwn(words.done, done) ? words.done[done] : undefined;
}

function list(context: Context<Env>, services: PageServices, form: FormState, status: 200 | 409 | 422 = 200): Response | Promise<Response> {
  const { directory } = services;
  const query = (context.req.query("q") ?? "").trim().slice(0, 100);
  const rows = directory
    .pairs()
    .map((pair) => ({ pair, shown: shownPair(services, pair), countryName: directory.country(pair.country).name }));
  const body = (
    <PairList
      now={services.clock.now()}
      pairs={rows.filter(({ pair, shown, countryName }) =>
        matches(
          query,
          [pair.id, pair.operatorName, countryName, ...pair.tags, ...shown.lamps.map((lamp) => `${lamp.session}: ${lamp.word}`)].join(" "),
        ),
      )}
      total={rows.length}
      query={query}
      acts={mayAct(context)}
      notice={doneText(context)}
      form={form}
      programs={directory.programs().map(({ name }) => ({ value: name, label: name }))}
    />
  );
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
    await services.roster.addPair(input, actor(context), many(fields, "programs"));
    return seeOther(context, "/pairs?done=add");
  } catch (error) {
    const { form, refusal } = refusedForm(fields, error);
    return list(context, services, form, refusal.code === "conflict" ? 409 : 422);
  }
}

interface Shown {
  form?: FormState;
  differences?: Difference[];
  refusal?: AppError;
  status?: 409 | 422;
}

function show(context: Context<Env>, services: PageServices, pair: Pair, more: Shown = {}): Response | Promise<Response> {
  const done = doneText(context);
  const notice = more.refusal
    ? { tone: "stop" as const, text: more.refusal.message }
    : done
      ? { tone: "go" as const, text: done }
      : undefined;
  const body = (
    <PairPage
      now={services.clock.now()}
      pair={pair}
      shown={shownPair(services, pair)}
      countryName={services.directory.country(pair.country).name}
      acts={mayAct(context)}
      form={more.form ?? { values: pairFields(pair), errors: {} }}
      version={pair.version}
      differences={more.differences ?? null}
      notice={notice}
    />
  );
  const status = more.status ?? (more.refusal ? pageStatusOf(more.refusal) : 200);
  return page(context, services, { title: pair.id, nav: "pairs", status, body });
}

async function edit(context: Context<Env>, services: PageServices): Promise<Response> {
  const before = named(context, services);
  const fields = await readFields(context);
  const errors = new FormErrors();
  const change = pairChangeFrom(fields, errors);
  if (!change) return show(context, services, before, { form: { values: fields, errors: errors.errors }, status: 422 });
  try {
    await services.roster.changePair(before.id, change, actor(context), Number(one(fields, "version")));
    return seeOther(context, `/pairs/${before.id}?done=edit`);
  } catch (error) {
    const { form, refusal } = refusedForm(fields, error);
    const now = named(context, services);
    if (refusal.details.reason === "changed")
      return show(context, services, now, { form, differences: differencesOf(now, fields), status: 409 });
    return show(context, services, now, { form, status: refusal.code === "conflict" ? 409 : 422 });
  }
}

async function setPriority(context: Context<Env>, services: PageServices): Promise<Response> {
  const pair = named(context, services);
  const fields = await readFields(context);
  try {
    await services.roster.setPriority(
      pair.id,
      ticked(fields, "priority"),
      actor(context),
      one(fields, "reason").slice(0, 500) || undefined,
    );
  } catch (error) {
    if (error instanceof AppError) return show(context, services, pair, { refusal: error });
    throw error;
  }
  return seeOther(context, `${backTo(one(fields, "back"), `/pairs/${pair.id}`)}?done=priority`);
}

async function retire(context: Context<Env>, services: PageServices): Promise<Response> {
  const pair = named(context, services);
  const fields = await readFields(context);
  try {
    await services.roster.retirePair(pair.id, actor(context), one(fields, "reason").slice(0, 500) || undefined);
  } catch (error) {
    if (error instanceof AppError) return show(context, services, pair, { refusal: error });
    throw error;
  }
  return seeOther(context, "/pairs?done=retire");
}

function askPriority(context: Context<Env>, services: PageServices): Response | Promise<Response> {
  const pair = named(context, services);
  return askPage(context, services, "pairs", {
    title: words.confirmDeprioritise(pair.id),
    text: words.confirmDeprioritiseText,
    action: `/pairs/${pair.id}/priorities`,
    button: words.deprioritise,
    danger: true,
    back: backTo(context.req.query("back"), `/pairs/${pair.id}`),
    reason: true,
  });
}

function askRetirement(context: Context<Env>, services: PageServices): Response | Promise<Response> {
  const pair = named(context, services);
  const ending = services.directory.sessionsOfPair(pair.id).filter((session) => session.pairs.every((id) => id === pair.id));
  return askPage(context, services, "pairs", {
    title: words.confirmRetire(pair.id),
    text: words.confirmRetireText(ending.map((session) => session.name)),
    action: `/pairs/${pair.id}/retirements`,
    button: words.retire,
    danger: true,
    back: `/pairs/${pair.id}`,
    refused: pair.priority ? words.protected : undefined,
    reason: true,
  });
}
