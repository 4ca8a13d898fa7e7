/** The ledger to take away: every grant and every uncontrolled send of a country or of all, as CSV or NDJSON, as fast as it is read and no faster. */

import type { Context } from "hono";
import { z } from "zod";
import { invalid, notFound } from "../kernel/errors.ts";
import type { Directory } from "../pairs/directory.ts";
import { countryCode } from "../pairs/input.ts";
import type { Ledger, LedgerRange } from "../permits/ledger.ts";
import { CSV_HEAD, csvLineOf, endOf, jsonLineOf, lineOf } from "../permits/ledger-text.ts";
import { check } from "./body.ts";
import { parameter, query } from "./given.ts";
import type { Env, Route } from "./route.ts";
import { streamOf } from "./stream-of.ts";

export interface LedgerServices {
  ledger: Ledger;
  directory: Directory;
}

/** RFC 3339, or what a form's field of a time says: UTC, and empty for none. */
const time = z.union([z.literal(""), z.iso.datetime({ offset: true, local: true })]).optional();

const ledgerQuery = z.strictObject({
  from: time.describe("Of the ledger's own time, which never goes back; default: all that is kept"),
  to: time.describe("Not included; default: now"),
  format: z.enum(["csv", "ndjson"]).default("csv"),
});

export function ledgerRoutes(services: LedgerServices): Route[] {
  return [
    {
      method: "GET",
      path: "/api/permits/ledger",
      least: "viewer",
      summary: "The ledger of all countries, as `signalbox permits verify` replays it; `format=csv` or `ndjson`",
      query: ledgerQuery,
      handle: (context) => give(services, context, undefined),
    },
    {
      method: "GET",
      path: "/api/permits/:country/ledger",
      least: "viewer",
      summary:
        "The ledger of a country: every grant with its times, pair, program, session, lease and report, every uncontrolled send with its reason",
      query: ledgerQuery,
      handle(context) {
        const code = check(countryCode, parameter(context, "country"), "country");
        if (!services.directory.countries().some((country) => country.code === code)) throw notFound(`Country ${code}`);
        return give(services, context, code);
      },
    },
  ];
}

function give({ ledger, directory }: LedgerServices, context: Context<Env>, country: string | undefined): Response {
  const { from, to, format } = query(context, ledgerQuery);
  const range: LedgerRange = { country, from: timeOf(from), to: timeOf(to) };
  if (range.from !== undefined && range.to !== undefined && range.from >= range.to)
    throw invalid("from must lie before to", [{ field: "from", message: "must lie before to" }]);
  // A slow reader is silent for long: its connection stays.
  context.env?.server?.timeout(context.req.raw, 0);
  const nameOf = (session: string) => directory.session(session)?.name ?? null;
  const name = `permits-${country ?? "all"}${from ? `-${from.slice(0, 10)}` : ""}.${format}`;
  return new Response(streamOf(textOf(ledger, range, format, nameOf)), {
    headers: {
      "content-type": format === "csv" ? "text/csv; charset=utf-8; header=present" : "application/x-ndjson",
      "content-disposition": `attachment; filename="${name}"`,
      "cache-control": "no-store",
    },
  });
}

function timeOf(text: string | undefined): number | undefined {
  return text ? Date.parse(/(Z|[+-]\d{2}:\d{2})$/i.test(text) ? text : `${text}Z`) : undefined;
}

async function* textOf(
  ledger: Ledger,
  range: LedgerRange,
  format: "csv" | "ndjson",
  nameOf: (session: string) => string | null,
): AsyncGenerator<string> {
  if (format === "csv") yield CSV_HEAD;
  const write = format === "csv" ? csvLineOf : jsonLineOf;
  let entries = 0;
  for await (const page of ledger.pages(range)) {
    entries += page.length;
    yield page.map((entry) => write(lineOf(entry, nameOf))).join("");
  }
  yield write(endOf(entries));
}
