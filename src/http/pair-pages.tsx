/** One pair: its form, priority and retirement. The list and what is done to many pairs: the files named here. */

import type { Context } from "hono";
import { PairPage } from "../../views/pairs/page.tsx";
import type { ConflictProps } from "../../views/pairs/props.ts";
import { texts } from "../../views/texts.ts";
import { AppError } from "../kernel/errors.ts";
import { pairOf } from "../pairs/directory.ts";
import { openCatalogue } from "../pairs/open-catalogue.ts";
import type { Pair } from "../pairs/pair.ts";
import { pareto } from "../results/pareto.ts";
import { actor } from "./caller.ts";
import { type Fields, FormErrors, one, readFields, refusedForm, ticked } from "./form.ts";
import { backTo, mayAct, type PageServices, type PageStatus, page, pageStatusOf, seeOther, wantsFragment } from "./page.tsx";
import { batchPageRoutes } from "./pair-batch-pages.tsx";
import { conflictOf, isInline, pairChangeFrom, pairFields, resolved } from "./pair-form.ts";
import { importPageRoutes } from "./pair-import-pages.tsx";
import { rowOf } from "./pair-list.ts";
import { baseOf, editRow, pairListRoutes, showRow } from "./pair-list-pages.tsx";
import { manyPairsRoutes } from "./pair-many-pages.tsx";
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
    // Before the pairs: their ids come last.
    ...pairListRoutes(services),
    ...manyPairsRoutes(services),
    ...importPageRoutes(services),
    ...batchPageRoutes(services),
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

function doneText(context: Context<Env>): string | undefined {
  const done = context.req.query("done") as keyof typeof words.done | undefined;
  return done && Object.hasOwn(words.done, done) ? words.done[done] : undefined;
}

interface Shown {
  fields?: Fields;
  errors?: Record<string, string>;
  conflict?: ConflictProps;
  refusal?: AppError;
  status?: PageStatus;
}

async function show(context: Context<Env>, services: PageServices, pair: Pair, more: Shown = {}): Promise<Response> {
  const { fields, errors = {} } = more;
  const done = doneText(context);
  const notice = more.refusal
    ? { tone: "stop" as const, text: more.refusal.message }
    : done
      ? { tone: "go" as const, text: done }
      : undefined;
  const { shown, countryName } = rowOf(services, pair);
  const saved = pairFields(pair);
  const numbers = services.counters.pair(pair.id);
  const body = (
    <PairPage
      now={services.clock.now()}
      pair={pair}
      shown={shown}
      gateways={services.directory.gateways().map(({ id }) => id)}
      through={services.permits.shared().gateways[pair.gateway ?? ""] ?? null}
      numbers={numbers}
      errors={pareto(numbers.errors, services.errorClasses)}
      countryName={countryName}
      acts={mayAct(context)}
      form={{ values: fields ?? saved, errors }}
      version={fields ? Number(one(fields, "version")) : pair.version}
      base={baseOf(fields, pair, saved)}
      conflict={more.conflict ?? null}
      warnings={(await openCatalogue()).warnings(pair)}
      notice={notice}
    />
  );
  const status = more.status ?? (more.refusal ? pageStatusOf(more.refusal) : 200);
  return page(context, services, { title: pair.id, nav: "pairs", status, body });
}

/** From the pair's page or from a row of the list, which is answered with the row. */
async function edit(context: Context<Env>, services: PageServices): Promise<Response> {
  const before = named(context, services);
  const fields = resolved(await readFields(context), before);
  const inRow = isInline(fields) && wantsFragment(context);
  const again = (pair: Pair, more: Shown) => (inRow ? editRow(context, services, pair, more) : show(context, services, pair, more));
  const errors = new FormErrors();
  const change = pairChangeFrom(fields, errors);
  if (!change) return again(before, { fields, errors: errors.errors, status: 422 });
  try {
    const pair = await services.roster.changePair(before.id, change, actor(context), Number(one(fields, "version")));
    if (inRow) return showRow(context, services, pair);
    return seeOther(context, isInline(fields) ? "/pairs?done=edit" : `/pairs/${before.id}?done=edit`);
  } catch (error) {
    const { form, refusal } = refusedForm(fields, error);
    const now = named(context, services);
    if (refusal.details.reason === "changed") return again(now, { fields, conflict: conflictOf(now, fields), status: 409 });
    return again(now, { fields, errors: form.errors, status: refusal.code === "conflict" ? 409 : 422 });
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
