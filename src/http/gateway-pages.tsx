/** The page of gateways: what went through each in a month, by country for the invoice, and its export. */

import type { Context } from "hono";
import { GatewaysPage } from "../../views/gateways/gateways.tsx";
import { texts } from "../../views/texts.ts";
import type { GatewayNumbers } from "../results/gateways.ts";
import { csvAnswer, type GatewayTotalsServices, monthQuery, periodOf, rateOf } from "./gateway-totals.ts";
import { query } from "./given.ts";
import { type PageServices, page } from "./page.tsx";
import type { Env, Route } from "./route.ts";

type Services = PageServices & GatewayTotalsServices;

export function gatewayPageRoutes(services: Services): Route[] {
  return [
    {
      method: "GET",
      path: "/gateways",
      least: "viewer",
      summary: "What went through each gateway in a month",
      query: monthQuery,
      page: true,
      handle: (context) => show(context, services),
    },
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

async function show(context: Context<Env>, services: Services): Promise<Response> {
  const today = services.gatewayTotals.today();
  const month = query(context, monthQuery).month ?? today.slice(0, 7);
  const { from, to } = periodOf({ month }, today);
  const report = await services.gatewayTotals.report(from, to);
  const row = (one: GatewayNumbers) => ({ gateway: one.gateway, ...one.tally, rate: rateOf(one) });
  const body = (
    <GatewaysPage
      now={services.clock.now()}
      month={month}
      earlier={monthBeside(month, -1)}
      later={month < today.slice(0, 7) ? monthBeside(month, 1) : null}
      gateways={report.gateways.map(({ latency, errors, credits, ...one }) => ({ ...row(one), latency, errors, credits }))}
      countries={report.countries.map((one) => ({ ...row(one), country: one.country, name: services.directory.country(one.country).name }))}
    />
  );
  return page(context, services, { title: texts.gateways.title, nav: "pairs", body });
}

function monthBeside(month: string, step: 1 | -1): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + step, 1)).toISOString().slice(0, 7);
}
