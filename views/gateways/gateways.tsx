/** Gateways: their limits, and below them what went through: messages, rate, errors, latency and credit of each in a month; the same by country, as an invoice lists it. */

import type { Credit } from "../../src/results/gateways.ts";
import type { Latency } from "../../src/results/numbers.ts";
import { count, interval, percent, seconds } from "../format.ts";
import { Notice, PageHead } from "../frame.tsx";
import { Ago } from "../parts.tsx";
import { texts } from "../texts.ts";
import { Limits, type LimitsProps, tallyOf } from "./limits.tsx";

const words = texts.gateways;
const columns = words.columns;

interface Row {
  gateway: string;
  sent: number;
  delivered: number;
  undelivered: number;
  failed: number;
  pending: number;
  rate: { value: number; lower: number; upper: number; n: number } | null;
}

export interface GatewaysPageProps {
  now: number;
  limits: LimitsProps;
  notice: { tone: "go" | "stop"; text: string } | null;
  /** `2026-11`. */
  month: string;
  earlier: string;
  later: string | null;
  gateways: (Row & { latency: Latency | null; errors: { code: string; n: number }[]; credits: Credit[] })[];
  countries: (Row & { country: string; name: string })[];
}

export function GatewaysPage({ now, limits, notice, month, earlier, later, gateways, countries }: GatewaysPageProps) {
  return (
    <>
      <PageHead
        title={words.title}
        crumb={{ href: "/permits", text: texts.permit.title }}
        tally={<span class="quiet">{tallyOf(limits.rows)}</span>}
        now={now}
        live
      />
      {notice && <Notice tone={notice.tone}>{notice.text}</Notice>}
      <Limits {...limits} />
      <div class="month" id="month">
        <h2>
          {words.wentThrough} <small>{monthWords(month)}</small>
        </h2>
        <Months earlier={earlier} later={later} />
      </div>
      {gateways.length === 0 ? (
        <p class="quiet">
          {words.emptyTitle(monthWords(month))}. {words.empty}
        </p>
      ) : (
        <>
          <div class="table">
            <table class="dense wide">
              <thead>
                <tr>
                  <th scope="col">{columns.gateway}</th>
                  <Numbers />
                  <th scope="col" class="number">
                    {columns.latency}
                  </th>
                  <th scope="col">{columns.errors}</th>
                  <th scope="col">{columns.credit}</th>
                </tr>
              </thead>
              <tbody>
                {gateways.map((row) => (
                  <tr>
                    <th scope="row" class="wide-cell">
                      {row.gateway || <span class="quiet">{words.none}</span>}
                    </th>
                    <Cells row={row} />
                    <td class="number" data-label={columns.latency}>
                      {row.latency ? `${seconds(row.latency.p50Ms)} / ${seconds(row.latency.p90Ms)}` : texts.none}
                    </td>
                    <td class="wrap" data-label={columns.errors}>
                      {row.errors
                        .slice(0, 3)
                        .map(({ code, n }) => `${code} ×${count(n)}`)
                        .join(", ") || texts.none}
                    </td>
                    <td class="wrap" data-label={columns.credit}>
                      {row.credits.length === 0
                        ? texts.none
                        : row.credits.map(({ program, credit, at }) => (
                            <span class="part" title={words.creditTitle(program)}>
                              {credit.toLocaleString("en")}{" "}
                              <span class="quiet">
                                {program}, <Ago at={at} now={now} />
                              </span>{" "}
                            </span>
                          ))}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <h2>{words.byCountry}</h2>
          <div class="table">
            <table class="dense wide">
              <thead>
                <tr>
                  <th scope="col">{columns.gateway}</th>
                  <th scope="col">{columns.country}</th>
                  <Numbers />
                </tr>
              </thead>
              <tbody>
                {countries.map((row) => (
                  <tr>
                    <th scope="row" class="wide-cell">
                      {row.gateway || <span class="quiet">{words.none}</span>}
                    </th>
                    <td class="wrap" data-label={columns.country}>
                      <b>{row.country}</b> {row.name}
                    </td>
                    <Cells row={row} />
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p class="row">
            <a class="button" href={`/gateways/export?month=${month}`} download>
              {words.export}
            </a>
            <span class="quiet">{words.hint}</span>
          </p>
        </>
      )}
    </>
  );
}

function Months({ earlier, later }: { earlier: string; later: string | null }) {
  return (
    <p class="row">
      <a class="button" href={`/gateways?month=${earlier}#month`}>
        {monthWords(earlier)}
      </a>
      {later !== null && (
        <a class="button" href={`/gateways?month=${later}#month`}>
          {monthWords(later)}
        </a>
      )}
    </p>
  );
}

function Numbers() {
  return (
    <>
      {([columns.sent, columns.delivered, columns.undelivered, columns.failed, columns.pending, columns.rate] as const).map((label) => (
        <th scope="col" class="number">
          {label}
        </th>
      ))}
    </>
  );
}

function Cells({ row }: { row: Row }) {
  const { rate } = row;
  return (
    <>
      {(["sent", "delivered", "undelivered", "failed", "pending"] as const).map((name) => (
        <td class="number" data-label={columns[name]}>
          {count(row[name])}
        </td>
      ))}
      <td class="number wide-cell" data-label={columns.rate}>
        {rate ? (
          <span title={words.rateTitle(rate.n)}>
            {percent(rate.value, 1)} <span class="quiet">{interval(rate.lower, rate.upper)}</span>
          </span>
        ) : (
          texts.none
        )}
      </td>
    </>
  );
}

function monthWords(month: string): string {
  return new Date(`${month}-01T00:00:00Z`).toLocaleDateString("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
}
