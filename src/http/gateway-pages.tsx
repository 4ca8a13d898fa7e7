/** The page of gateways: their limits, alive by the topic `gateways`, and what went through each in a month, by country for the invoice. */

import type { Context } from "hono";
import { GatewaysPage } from "../../views/gateways/gateways.tsx";
import { texts } from "../../views/texts.ts";
import type { GatewayNumbers } from "../results/gateways.ts";
import { add, change, type LimitServices, limitSource, limitsProps, remove, type Wrong } from "./gateway-limits.tsx";
import { csvAnswer, type GatewayTotalsServices, monthQuery, periodOf, rateOf } from "./gateway-totals.ts";
import { query } from "./given.ts";
import { mayAct, page } from "./page.tsx";
import type { Env, Route } from "./route.ts";

type Services = LimitServices & GatewayTotalsServices;

export function gatewayPageRoutes(services: Services): Route[] {
  const source = limitSource(services);
  services.events.resolve((topic) => (topic === "gateways" ? source : undefined));
  const form = (path: string, summary: string, take: typeof add): Route => ({
    ...{ method: "POST", path, least: "admin", summary, page: true },
    handle: (context) => take(context, services, (wrong) => show(context, services, wrong)),
  });
  return [
    {
      method: "GET",
      path: "/gateways",
      least: "viewer",
      summary: "Gateways, their limits, and what went through each in a month",
      query: monthQuery,
      page: true,
      handle: (context) => show(context, services, null),
    },
    form("/gateways", "Add a gateway", add),
    form("/gateways/:id/edits", "Change a gateway's name or limit", change),
    form("/gateways/:id/removals", "Remove a gateway that no pair names", remove),
    {
      method: "GET",
      path: "/gateways/export",
      least: "viewer",
      summary: "The month's sums by gateway and country, as CSV",
      query: monthQuery,
      page: true,
      async handle(context) {
        const { from, to } = periodOf(query(context, monthQuery), services.gatewayTotals.today());
        return csvAnswer(await services.gatewayTotals.report(from, to), from, to);
      },
    },
  ];
}

async function show(context: Context<Env>, services: Services, wrong: Wrong | null): Promise<Response> {
  const today = services.gatewayTotals.today();
  const month = query(context, monthQuery).month ?? today.slice(0, 7);
  const done = context.req.query("done");
  const said = done !== undefined && Object.hasOwn(DONE, done) ? DONE[done] : undefined;
  const { from, to } = periodOf({ month }, today);
  const report = await services.gatewayTotals.report(from, to);
  const row = (one: GatewayNumbers) => ({ gateway: one.gateway, ...one.tally, rate: rateOf(one) });
  const body = (
    <GatewaysPage
      now={services.clock.now()}
      limits={limitsProps(services, mayAct(context, "admin"), wrong)}
      notice={wrong?.text ? { tone: "stop", text: wrong.text } : said ? { tone: "go", text: said } : null}
      month={month}
      earlier={monthBeside(month, -1)}
      later={month < today.slice(0, 7) ? monthBeside(month, 1) : null}
      gateways={report.gateways.map(({ latency, errors, credits, ...one }) => ({ ...row(one), latency, errors, credits }))}
      countries={report.countries.map((one) => ({ ...row(one), country: one.country, name: services.directory.country(one.country).name }))}
    />
  );
  return page(context, services, { title: texts.gateways.title, nav: "permits", topic: "gateways", status: wrong?.status ?? 200, body });
}

const DONE: Record<string, string> = texts.gateways.limits.done;

function monthBeside(month: string, step: 1 | -1): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + step, 1)).toISOString().slice(0, 7);
}
