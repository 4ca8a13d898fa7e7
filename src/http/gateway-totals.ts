/** What went through each gateway, over the API and as CSV: messages, rates, errors, latency, credit; by gateway and country for the invoice. */

import { z } from "zod";
import { iso } from "../kernel/clock.ts";
import { invalid } from "../kernel/errors.ts";
import { wilson } from "../kernel/wilson.ts";
import type { GatewayNumbers, GatewayReport, Gateways } from "../results/gateways.ts";
import { query } from "./given.ts";
import type { Route } from "./route.ts";

export interface GatewayTotalsServices {
  gatewayTotals: Pick<Gateways, "report" | "today">;
}

const monthText = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, "must be a month, like 2026-11");
const dayText = z.iso.date("must be a day, like 2026-11-20");
export const monthQuery = z.object({ month: monthText.optional() });
const totalsQuery = z.object({
  month: monthText.optional(),
  from: dayText.optional(),
  to: dayText.optional(),
  format: z.enum(["json", "csv"]).default("json"),
});

const numbers = {
  attempts: z.number(),
  sent: z.number(),
  delivered: z.number(),
  undelivered: z.number(),
  failed: z.number(),
  blocked: z.number(),
  pending: z.number(),
  success_rate: z
    .object({ value: z.number(), lower: z.number(), upper: z.number(), n: z.number() })
    .nullable()
    .describe("delivered of the finals that do not blame the recipient"),
};
const totalsAnswer = z.object({
  from: z.string(),
  to: z.string(),
  gateways: z.array(
    z.object({
      gateway: z.string().nullable().describe("null: no gateway is known of these"),
      ...numbers,
      latency: z.object({ p50_ms: z.number(), p90_ms: z.number(), p99_ms: z.number(), n: z.number() }).nullable(),
      errors: z.array(z.object({ code: z.string(), n: z.number() })),
      credit: z.array(z.object({ program: z.string(), credit: z.number(), at: z.string() })),
    }),
  ),
  countries: z.array(z.object({ gateway: z.string().nullable(), country: z.string(), ...numbers })),
});

export function gatewayTotalsRoutes({ gatewayTotals }: GatewayTotalsServices): Route[] {
  return [
    {
      method: "GET",
      path: "/api/metrics/gateways",
      least: "viewer",
      summary:
        "What went through each gateway and country in a `month` (this one by default), or `from` a day `to` a day; `format=csv` for the invoice",
      query: totalsQuery,
      answer: totalsAnswer,
      async handle(context) {
        const given = query(context, totalsQuery);
        const { from, to } = periodOf(given, gatewayTotals.today());
        const report = await gatewayTotals.report(from, to);
        if (given.format === "csv") return csvAnswer(report, from, to);
        return context.json({
          from,
          to,
          gateways: report.gateways.map(({ latency, errors, credits, ...one }) => ({
            gateway: one.gateway || null,
            ...shapeOf(one),
            latency: latency && { p50_ms: latency.p50Ms, p90_ms: latency.p90Ms, p99_ms: latency.p99Ms, n: latency.n },
            errors,
            credit: credits.map(({ program, credit, at }) => ({ program, credit, at: iso(at) })),
          })),
          countries: report.countries.map((one) => ({ gateway: one.gateway || null, country: one.country, ...shapeOf(one) })),
        });
      },
    },
  ];
}

/** Both ends included. */
export function periodOf(given: { month?: string | undefined; from?: string | undefined; to?: string | undefined }, today: string) {
  if (given.from === undefined && given.to === undefined) {
    const month = given.month ?? today.slice(0, 7);
    return { from: `${month}-01`, to: `${month}-${lastDayOf(month)}` };
  }
  const to = given.to ?? today;
  const from = given.from ?? to;
  if (from > to) throw invalid("from: must not be after to", [{ field: "from", message: "must not be after to" }]);
  return { from, to };
}

/** `2026-02` -> 28: day 0 of the month that follows. */
function lastDayOf(month: string): number {
  return new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate();
}

export function rateOf({ delivered, counted }: Pick<GatewayNumbers, "delivered" | "counted">) {
  if (counted <= 0) return null;
  const { lower, upper } = wilson(delivered, counted);
  return { value: delivered / counted, lower, upper, n: counted };
}

function shapeOf(one: GatewayNumbers) {
  return { ...one.tally, success_rate: rateOf(one) };
}

/** One line a gateway and country: what an invoice has. */
export async function csvAnswer({ countries }: GatewayReport, from: string, to: string): Promise<Response> {
  const { stringify } = await import("csv-stringify/sync");
  const rows = countries.map((one) => {
    const { attempts, sent, delivered, undelivered, failed, blocked, pending } = one.tally;
    const rate = rateOf(one);
    return [
      from,
      to,
      one.gateway,
      one.country,
      attempts,
      sent,
      delivered,
      undelivered,
      failed,
      blocked,
      pending,
      rate?.value.toFixed(4) ?? "",
    ];
  });
  const head = [
    ...["from", "to", "gateway", "country", "attempts", "sent", "delivered", "undelivered", "failed", "blocked", "pending"],
    "success_rate",
  ];
  return new Response(stringify([head, ...rows], { escape_formulas: true }), {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="gateways-${from}-${to}.csv"`,
      "cache-control": "no-store",
    },
  });
}
