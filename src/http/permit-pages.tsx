/** Permits: the proof view of every country's window, and the form that changes its limit. The topic `permits` keeps it alive. */

import type { Context } from "hono";
import { z } from "zod";
import type { FormState } from "../../views/fields.tsx";
import { PermitCard, type PermitCardProps, PermitsPage, Totals } from "../../views/permits/permits.tsx";
import { texts } from "../../views/texts.ts";
import { matches } from "../kernel/words.ts";
import { countryChange, countryCode } from "../pairs/input.ts";
import { budgetKey } from "./board.tsx";
import { budgetProps } from "./board-model.ts";
import { check } from "./body.ts";
import { actor } from "./caller.ts";
import { checked, FormErrors, one, readFields, refusedForm } from "./form.ts";
import { parameter } from "./given.ts";
import { liveSource, type Part } from "./live.ts";
import { mayAct, type PageServices, page, seeOther } from "./page.tsx";
import type { Env, Route } from "./route.ts";

const words = texts.permit;
const countryPath = z.object({ code: countryCode });

export function permitPageRoutes(services: PageServices): Route[] {
  const sources = new Map([true, false].map((acts) => [acts, permitSource(services, acts)]));
  services.events.resolve((topic, acts) => (topic === "permits" ? sources.get(acts) : undefined));
  return [
    {
      method: "GET",
      path: "/permits",
      least: "viewer",
      summary: "The budget of every country",
      page: true,
      handle: (context) => show(context, services, null),
    },
    {
      method: "POST",
      path: "/permits/:code/limits",
      least: "operator",
      summary: "Change the limit of a country",
      page: true,
      handle: (context) => change(context, services),
    },
  ];
}

function cards(services: PageServices): PermitCardProps[] {
  const { directory, permits, clock } = services;
  const now = clock.now();
  return directory.countries().map(({ code, name, version }) => {
    const proof = permits.proof(code);
    return { code, name, version, proof, budget: budgetProps(proof, now, services.breaches.current(code) !== null) };
  });
}

function totals(services: PageServices): { granted: number; refused: number } {
  const { granted, refused } = services.permits.totals();
  return { granted, refused: Object.values(refused).reduce((sum, n) => sum + n, 0) };
}

function show(
  context: Context<Env>,
  services: PageServices,
  wrong: { code: string; form: FormState } | null,
  status: 200 | 409 | 422 = 200,
) {
  const query = (context.req.query("q") ?? "").trim().slice(0, 100);
  const all = cards(services);
  const body = (
    <PermitsPage
      now={services.clock.now()}
      cards={all.filter((card) => matches(query, `${card.code} ${card.name}`))}
      total={all.length}
      query={query}
      acts={mayAct(context)}
      programs={services.directory.programs().length}
      defines={mayAct(context, "admin")}
      {...totals(services)}
      notice={context.req.query("done") === "limit" ? words.done.limit : undefined}
      wrong={wrong}
    />
  );
  return page(context, services, { title: words.title, nav: "permits", topic: "permits", status, body });
}

async function change(context: Context<Env>, services: PageServices): Promise<Response> {
  const { code } = check(countryPath, { code: parameter(context, "code") });
  const fields = await readFields(context);
  const errors = new FormErrors();
  const input = checked(
    countryChange.required(),
    { limit: errors.number(fields, "limit") ?? Number.NaN, window_seconds: errors.number(fields, "window_seconds") ?? Number.NaN },
    errors,
  );
  if (!input) return show(context, services, { code, form: { values: fields, errors: errors.errors } }, 422);
  try {
    await services.roster.changeCountry(code, input, actor(context), Number(one(fields, "version")));
    return seeOther(context, "/permits?done=limit");
  } catch (error) {
    const { form, refusal } = refusedForm(fields, error);
    return show(context, services, { code, form }, refusal.code === "conflict" ? 409 : 422);
  }
}

function permitSource(services: PageServices, acts: boolean) {
  return liveSource({
    groups: ["permits"],
    everyMs: 1000,
    urgent: (nudge) => services.directory.changed.subscribe(nudge),
    now: services.clock.now,
    parts() {
      const sum = totals(services);
      return [
        {
          id: "permit-totals",
          key: `${sum.granted} ${sum.refused}`,
          draw: () => String(<Totals granted={sum.granted} refused={sum.refused} />),
          data: () => sum,
        },
        ...cards(services).map(
          (card): Part => ({
            id: `proof-${card.code}`,
            group: "permits",
            key: `${budgetKey(card.budget)} ${card.version} ${JSON.stringify(card.proof.refused)} ${card.proof.uncontrolled} ${card.proof.grants
              .map((grant) => Number(grant.reported))
              .join("")}`,
            draw: () => String(<PermitCard card={card} acts={acts} typed={null} />),
            data: () => card.proof,
          }),
        ),
      ];
    },
  });
}
