/** One change to many pairs, for people: the selection, what would change on each, and a confirmation by their number. */

import type { Context } from "hono";
import { Changes } from "../../views/pairs/changes.tsx";
import { ManyPairs, PairItem } from "../../views/pairs/many.tsx";
import type { ManyPairsProps } from "../../views/pairs/props.ts";
import { texts } from "../../views/texts.ts";
import { AppError } from "../kernel/errors.ts";
import {
  type PairFilter,
  type PairsChange,
  type PairsPreview,
  pairFilter,
  pairsChange,
  previewPairs,
  selectPairs,
} from "../pairs/selection.ts";
import { actor } from "./caller.ts";
import { drawn } from "./drawn.ts";
import { checked, type Fields, FormErrors, one, readFields, words as typedWords } from "./form.ts";
import { type PageServices, type PageStatus, page, seeOther } from "./page.tsx";
import { shareOf } from "./pair-form.ts";
import type { Env, Route } from "./route.ts";

const words = texts.pair.many;

export function manyPairsRoutes(services: PageServices): Route[] {
  return [
    {
      method: "GET",
      path: "/pairs/edits",
      least: "operator",
      summary: "Asks before many pairs are changed",
      page: true,
      handle: (context) => ask(context, services, context.req.query()),
    },
    {
      method: "POST",
      path: "/pairs/edits",
      least: "operator",
      summary: "Change many pairs",
      page: true,
      handle: (context) => change(context, services),
    },
  ];
}

interface Asked {
  errors?: Record<string, string>;
  notice?: string;
  status?: PageStatus;
}

async function ask(context: Context<Env>, services: PageServices, fields: Fields, asked: Asked = {}): Promise<Response> {
  const { directory, clock } = services;
  const errors = new FormErrors();
  const wanted = wantedOf(fields, errors);
  const choice = (value: string) => ({ value, label: value });
  const props: ManyPairsProps = {
    form: { values: { ...fields, typed: "" }, errors: { ...errors.errors, ...asked.errors } },
    choices: {
      country: directory.countries().map(({ code, name }) => ({ value: code, label: `${name} (${code})` })),
      tag: [...new Set(directory.pairs().flatMap((pair) => pair.tags))].sort().map(choice),
    },
    selected: wanted.filter ? (await selectPairs(wanted.filter, directory)).length : 0,
    preview: wanted.filter && wanted.change ? await shown(await previewPairs(wanted.filter, wanted.change, directory, clock.now())) : null,
    notice: asked.notice ?? null,
  };
  const status = asked.status ?? (errors.any() ? 422 : 200);
  return page(context, services, { title: words.title, nav: "pairs", status, body: <ManyPairs {...props} /> });
}

async function shown({ hash, touched, refused, unchanged }: PairsPreview): Promise<ManyPairsProps["preview"]> {
  return {
    hash,
    touched: {
      n: touched.length,
      items: await drawn(touched, ({ pair, changes }) => (
        <PairItem pair={pair}>
          <Changes changes={changes} />
        </PairItem>
      )),
    },
    refused: {
      n: refused.length,
      items: await drawn(refused, ({ pair, why }) => (
        <PairItem pair={pair}>
          <span class="quiet">{why}</span>
        </PairItem>
      )),
    },
    unchanged: { n: unchanged.length, items: await drawn(unchanged, (pair) => <PairItem pair={pair} />) },
  };
}

async function change(context: Context<Env>, services: PageServices): Promise<Response> {
  const fields = await readFields(context);
  const errors = new FormErrors();
  const wanted = wantedOf(fields, errors);
  if (!wanted.filter || !wanted.change) return ask(context, services, fields, { status: 422 });
  const preview = await previewPairs(wanted.filter, wanted.change, services.directory, services.clock.now());
  const n = preview.touched.length;
  if (n === 0 || preview.hash !== one(fields, "expected")) return ask(context, services, fields, { notice: words.changed, status: 409 });
  if (n > 1 && one(fields, "typed") !== String(n))
    return ask(context, services, fields, { errors: { typed: words.typedWrong(n) }, status: 422 });
  try {
    const reason = one(fields, "reason").slice(0, 500) || null;
    const batch = await services.batches.store(preview.edits, actor(context), { kind: "edit", reason });
    return seeOther(context, batch ? `/pairs/batches/${batch.id}` : "/pairs");
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "conflict") throw error;
    return ask(context, services, fields, { notice: words.changed, status: 409 });
  }
}

/** The change is null while none is chosen, and when it is wrong: then `errors` says why. */
function wantedOf(fields: Fields, errors: FormErrors): { filter: PairFilter | null; change: PairsChange | null } {
  const filter = checked(pairFilter, filterOf(fields), new FormErrors()) ?? null;
  const given = changeOf(fields, errors);
  if (errors.any() || Object.keys(given).length === 0) return { filter, change: null };
  return { filter, change: checked(pairsChange, given, errors, (path) => FIELD[path] ?? path) ?? null };
}

const FIELD: Record<string, string> = { active: "set_active" };

/** Nothing chosen means every pair, because the page shows them all before anything is done. */
function filterOf(fields: Fields): Record<string, unknown> {
  const filter: Record<string, unknown> = {};
  const q = one(fields, "q").slice(0, 100);
  if (q) filter.q = q;
  for (const name of ["country", "tag"]) if (one(fields, name)) filter[name] = one(fields, name);
  if (one(fields, "active")) filter.active = one(fields, "active") === "yes";
  return Object.keys(filter).length > 0 ? filter : { all: true };
}

function changeOf(fields: Fields, errors: FormErrors): Record<string, unknown> {
  const change: Record<string, unknown> = {};
  const weight = errors.number(fields, "weight");
  if (weight !== undefined) change.weight = weight;
  for (const name of ["threshold", "limit", "window_seconds"]) {
    const typed = one(fields, name);
    if (typed === "") continue;
    const value = typed.toLowerCase() === NONE ? null : Number(typed.replace(",", "."));
    if (Number.isNaN(value)) errors.add(name, words.wrongNumber);
    else change[name] = value !== null && name === "threshold" ? shareOf(value) : value;
  }
  const gateway = one(fields, "gateway").toLowerCase();
  if (gateway) change.gateway = gateway === NONE ? null : gateway;
  if (typeof change.threshold === "number" && (change.threshold < 0 || change.threshold > 1))
    errors.add("threshold", texts.pair.thresholdWrong);
  if (one(fields, "set_active")) change.active = one(fields, "set_active") === "yes";
  for (const name of ["add_tags", "remove_tags"]) if (one(fields, name)) change[name] = typedWords(fields, name);
  return change;
}

const NONE = "none";
