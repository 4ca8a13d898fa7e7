/** Strangers: the list, one adoption, many of them. The topic `strangers` keeps the list alive, by what the regular look finds changed. */

import type { Context } from "hono";
import type { FormState } from "../../views/fields.tsx";
import { ConfirmPage } from "../../views/sessions/page.tsx";
import { Adoption, type AdoptionProps } from "../../views/strangers/adoption.tsx";
import { StrangerList, type StrangerListProps, StrangerRow, StrangersNow } from "../../views/strangers/list.tsx";
import { texts } from "../../views/texts.ts";
import type { Stranger } from "../fleet/stranger.ts";
import type { AdoptionWish } from "../fleet/strangers.ts";
import { notFound } from "../kernel/errors.ts";
import { newSession } from "../pairs/input.ts";
import { actor } from "./caller.ts";
import { checked, FormErrors, many, one, readFields, refusedForm } from "./form.ts";
import { parameter } from "./given.ts";
import { liveSource, type Part } from "./live.ts";
import { fragment, mayAct, type PageServices, type PageStatus, page, pageStatusOf, seeOther, wantsFragment } from "./page.tsx";
import type { Env, Route } from "./route.ts";
import { strangerModel } from "./stranger-model.ts";

const words = texts.stranger;

export function strangerPageRoutes(services: PageServices): Route[] {
  const sources = { true: strangersSource(services, true), false: strangersSource(services, false) };
  services.events.resolve((topic, acts) => (topic === "strangers" ? sources[`${acts}`] : undefined));
  return [
    {
      method: "GET",
      path: "/strangers",
      least: "viewer",
      summary: "Screens that nobody here started",
      page: true,
      async handle(context) {
        await services.strangers.look();
        const adopted = Number(context.req.query("adopted") ?? 0);
        const released = context.req.query("released") !== undefined;
        const done = Number.isInteger(adopted) && adopted > 0 ? words.adopted(adopted) : released ? words.released : undefined;
        const notice = done === undefined ? undefined : { tone: "go" as const, text: done };
        return list(context, services, { notice, refused: [] });
      },
    },
    {
      method: "GET",
      path: "/strangers/:stranger/adoption",
      least: "operator",
      summary: "Asks what a stranger runs",
      page: true,
      async handle(context) {
        await services.strangers.look();
        const { guess } = named(context, services);
        const values = { program: guess.program ?? "", pairs: guess.pairs, name: "" };
        return ask(context, services, { values, errors: {} });
      },
    },
    {
      method: "POST",
      path: "/strangers/:stranger/adoption",
      least: "operator",
      summary: "Adopt a stranger",
      page: true,
      handle: (context) => adopt(context, services),
    },
    {
      method: "POST",
      path: "/strangers/adoptions",
      least: "operator",
      summary: "Adopt the strangers that were ticked, as what they look like",
      page: true,
      handle: (context) => adoptTicked(context, services),
    },
  ];
}

/** Nothing here changes but by a look of the fleet, which tells. */
const REST_MS = 600_000;

function strangersSource({ strangers, directory, clock }: PageServices, acts: boolean) {
  return liveSource({
    groups: ["strangers"],
    everyMs: REST_MS,
    now: clock.now,
    urgent: (nudge) => strangers.changed.subscribe(nudge),
    parts() {
      const all = strangers.list().map((stranger) => strangerModel(stranger, directory));
      const matching = all.filter((stranger) => stranger.matches).length;
      return [
        {
          id: "strangers-now",
          key: `${all.length === 0} ${matching}`,
          draw: () => String(<StrangersNow strangers={all} acts={acts} />),
          data: () => ({ strangers: all.length, matching }),
        },
        ...all.map(
          (stranger): Part => ({
            id: `stranger-${stranger.address}`,
            group: "strangers",
            key: JSON.stringify(stranger),
            draw: () => String(<StrangerRow stranger={stranger} now={clock.now()} acts={acts} />),
            data: () => stranger,
          }),
        ),
      ];
    },
  });
}

function list(
  context: Context<Env>,
  services: PageServices,
  more: Pick<StrangerListProps, "notice" | "refused">,
  status: PageStatus = 200,
): Response | Promise<Response> {
  const strangers = services.strangers.list().map((stranger) => strangerModel(stranger, services.directory));
  const body = <StrangerList now={services.clock.now()} strangers={strangers} acts={mayAct(context)} {...more} />;
  return page(context, services, { title: words.title, nav: "strangers", topic: "strangers", status, body });
}

function named(context: Context<Env>, { strangers }: PageServices): Stranger {
  const address = parameter(context, "stranger");
  const found = strangers.list().find((stranger) => stranger.address === address);
  if (!found) throw notFound(`Stranger ${address}: it has ended or was adopted; it`);
  return found;
}

function ask(context: Context<Env>, services: PageServices, form: FormState, status: PageStatus = 200): Response | Promise<Response> {
  const { directory } = services;
  const stranger = strangerModel(named(context, services), directory);
  const props: AdoptionProps = {
    stranger,
    form,
    programs: directory.programs().map(({ name }) => ({ value: name, label: name })),
    pairs: directory.pairs().map((pair) => ({ value: pair.id, label: `${pair.id} · ${pair.operatorName}` })),
  };
  if (wantsFragment(context)) return fragment(context, <Adoption {...props} />, status);
  const title = words.adoptTitle(stranger.name);
  const body = (
    <ConfirmPage title={title}>
      <Adoption {...props} />
    </ConfirmPage>
  );
  return page(context, services, { title, nav: "strangers", status, body });
}

async function adopt(context: Context<Env>, services: PageServices): Promise<Response> {
  const fields = await readFields(context);
  const errors = new FormErrors();
  const name = one(fields, "name");
  const input = checked(newSession, { program: one(fields, "program"), pairs: many(fields, "pairs"), ...(name ? { name } : {}) }, errors);
  if (!input) return ask(context, services, { values: fields, errors: errors.errors }, 422);
  try {
    const session = await services.strangers.adopt({ ...input, address: parameter(context, "stranger") }, actor(context));
    return seeOther(context, `/sessions/${session.name}?done=adopt`);
  } catch (error) {
    const { form, refusal } = refusedForm(fields, error);
    const there = services.strangers.list().some((stranger) => stranger.address === parameter(context, "stranger"));
    // Who is gone has no form any more.
    if (!there) return list(context, services, { notice: { tone: "stop", text: refusal.message }, refused: [] }, pageStatusOf(refusal));
    return ask(context, services, form, pageStatusOf(refusal));
  }
}

async function adoptTicked(context: Context<Env>, services: PageServices): Promise<Response> {
  const ticked = new Set(many(await readFields(context), "stranger"));
  const chosen = services.strangers.list().filter((stranger) => ticked.has(stranger.address));
  const nameOf = new Map(chosen.map((stranger) => [stranger.address, stranger.name]));
  const wishes = chosen.flatMap(({ address, guess: { program, pairs } }): AdoptionWish[] =>
    program !== null && pairs.length > 0 ? [{ address, program, pairs }] : [],
  );
  if (wishes.length === 0) return list(context, services, { notice: { tone: "stop", text: words.nothingTicked }, refused: [] }, 422);
  const answers = await services.strangers.adoptMany(wishes, actor(context));
  const adopted = answers.filter((answer) => answer.adopted).length;
  const refused = answers.flatMap((answer) =>
    answer.adopted ? [] : [{ name: nameOf.get(answer.address) ?? answer.address, why: answer.message }],
  );
  if (refused.length === 0) return seeOther(context, `/strangers?adopted=${adopted}`);
  const notice = adopted > 0 ? { tone: "go" as const, text: words.adopted(adopted) } : undefined;
  return list(context, services, { notice, refused }, 409);
}
