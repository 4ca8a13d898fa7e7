/** The limits of gateways for people: what the page and its stream show, and the forms that add, change and remove them. */

import type { Context } from "hono";
import type { FormState } from "../../views/fields.tsx";
import { type GatewayRowProps, type LimitsProps, Use } from "../../views/gateways/limits.tsx";
import { texts } from "../../views/texts.ts";
import type { AppError } from "../kernel/errors.ts";
import { addGateway, changeGateway, removeGateway } from "../pairs/gateways.ts";
import { gatewayChange, newGateway } from "../pairs/input.ts";
import type { SharedUse } from "../permits/limiter.ts";
import { actor } from "./caller.ts";
import { checked, type Fields, FormErrors, one, readFields, refusedForm } from "./form.ts";
import { parameter } from "./given.ts";
import { liveSource, type Part } from "./live.ts";
import { type PageServices, type PageStatus, seeOther } from "./page.tsx";
import type { Env } from "./route.ts";

const words = texts.gateways.limits;

export interface LimitServices extends PageServices {
  /** Where the limit of the house was set: `--house-limit`, a line of the file, `default`. */
  houseFrom: string;
}

/** A form that came back. */
export interface Wrong {
  id: string;
  form: FormState;
  status: PageStatus;
  text?: string;
}

export type ShowAgain = (wrong: Wrong) => Response | Promise<Response>;

export function limitsProps(services: LimitServices, defines: boolean, wrong: Wrong | null): LimitsProps {
  const { directory, clock, houseFrom } = services;
  const pairs = directory.pairs();
  const shared = services.permits.shared();
  const countries = new Set(pairs.map(({ country }) => country)).size;
  return {
    now: clock.now(),
    rows: rowsOf(services),
    house: { use: shared.house, from: houseFrom, pairs: pairs.length, countries },
    defines,
    wrong,
  };
}

/** Those that were added, and those that pairs name all the same. */
function rowsOf({ directory, permits }: Pick<PageServices, "directory" | "permits">): GatewayRowProps[] {
  const { gateways } = permits.shared();
  const through = new Map(directory.gateways().map(({ id }) => [id, { pairs: 0, countries: new Set<string>() }]));
  for (const { gateway, country } of directory.pairs()) {
    if (gateway === null) continue;
    const found = through.get(gateway) ?? { pairs: 0, countries: new Set<string>() };
    found.pairs++;
    found.countries.add(country);
    through.set(gateway, found);
  }
  return [...through]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([id, { pairs, countries }]) => ({
      id,
      gateway: directory.gateway(id) ?? null,
      pairs,
      countries: countries.size,
      use: gateways[id] ?? null,
    }));
}

/** The topic `gateways`: what is used of each limit. */
export function limitSource(services: LimitServices) {
  const { permits, directory, clock } = services;
  return liveSource({
    everyMs: 1000,
    urgent: (nudge) => directory.changed.subscribe(nudge),
    now: clock.now,
    parts() {
      const now = clock.now();
      const part = (id: string, use: SharedUse | null): Part => ({
        id: `gateway-use-${id}`,
        // The browser counts the seconds down; only another slot makes it a new drawing.
        key: use === null ? "" : `${use.used} ${use.limit} ${use.nextFreeMs === 0 ? 0 : Math.round((now + use.nextFreeMs) / 1000)}`,
        draw: () => String(<Use id={id} use={use} now={now} />),
        data: () => use,
      });
      return [...rowsOf(services).map(({ id, use }) => part(id, use)), part("house", permits.shared().house)];
    },
  });
}

export async function add(context: Context<Env>, { directory, clock }: LimitServices, again: ShowAgain): Promise<Response> {
  const fields = await readFields(context);
  const errors = new FormErrors();
  const id = one(fields, "id").toLowerCase();
  const input = checked(newGateway, { id, ...limitOf(fields, errors) }, errors);
  // A row of one that pairs name already comes back as that row.
  const place = directory.pairs().some(({ gateway }) => gateway === id) ? id : "";
  if (!input) return again({ id: place, form: { values: fields, errors: errors.errors }, status: 422 });
  try {
    await addGateway(directory, clock, input, actor(context));
    return seeOther(context, "/gateways?done=add");
  } catch (error) {
    const { form, refusal } = refusedForm(fields, error);
    return again({ id: "", form, status: statusOf(refusal) });
  }
}

export async function change(context: Context<Env>, { directory, clock }: LimitServices, again: ShowAgain): Promise<Response> {
  const id = parameter(context, "id");
  const fields = await readFields(context);
  const errors = new FormErrors();
  const input = checked(gatewayChange, limitOf(fields, errors), errors);
  if (!input) return again({ id, form: { values: fields, errors: errors.errors }, status: 422 });
  try {
    await changeGateway(directory, clock, id, input, actor(context), Number(one(fields, "version")));
    return seeOther(context, "/gateways?done=edit");
  } catch (error) {
    const { form, refusal } = refusedForm(fields, error);
    const now = directory.gateway(id);
    if (refusal.details.reason !== "changed" || !now) return again({ id, form, status: statusOf(refusal) });
    // Both stand there: what is saved now in the sentence, what was typed in the fields.
    const limit = now.limit === null ? words.none : words.inWindow(now.limit, now.windowSeconds);
    const said = { values: fields, errors: { "": words.was(now.name, limit) } };
    return again({ id, form: said, status: 409, text: words.changed(id) });
  }
}

export async function remove(context: Context<Env>, { directory, clock }: LimitServices, again: ShowAgain): Promise<Response> {
  const id = parameter(context, "id");
  const fields = await readFields(context);
  try {
    await removeGateway(directory, clock, id, actor(context), Number(one(fields, "version")));
    return seeOther(context, "/gateways?done=remove");
  } catch (error) {
    const { refusal } = refusedForm(fields, error);
    return again({ id: "", form: { values: {}, errors: {} }, status: statusOf(refusal), text: refusal.message });
  }
}

function limitOf(fields: Fields, errors: FormErrors) {
  return {
    name: one(fields, "name") || undefined,
    limit: errors.number(fields, "limit") ?? null,
    window_seconds: errors.number(fields, "window_seconds"),
  };
}

const statusOf = ({ code }: AppError): PageStatus => (code === "conflict" ? 409 : code === "not_found" ? 404 : 422);
