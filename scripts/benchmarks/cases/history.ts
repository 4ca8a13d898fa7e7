/** Numbers over time out of two years of sums, asked of the store as the pages ask it, and what that does to the event loop meanwhile. */

import { join } from "node:path";
import { openStore } from "../../../src/adapters/sqlite/store.ts";
import { sqliteTrends } from "../../../src/adapters/sqlite/trends.ts";
import { openZone } from "../../../src/kernel/zone.ts";
import { cover } from "../../../src/results/cover.ts";
import { DAY_MS, evenly, HOUR_MS, type TrendOrder } from "../../../src/results/history.ts";
import { timerLagP99 } from "../calibration.ts";
import { type Case, value } from "../case.ts";
import { ms, percentile } from "../figures.ts";
import { COUNTRIES, fillYears, pairOf } from "../years.ts";

const READS = 200;
const LAG_EVERY_MS = 5;

export const history: Case = {
  name: "history",
  summary: "two years of sums of 100 pairs: a pair, all pairs, a country over time, and the event loop meanwhile",
  async run(stage) {
    const path = join(stage.subfolder("history"), "signalbox.db");
    const now = Date.now();
    stage.say("generating two years of sums");
    const { rows } = fillYears(path, now);
    const store = await openStore({
      path,
      onDeath: (which, message) => {
        throw new Error(`${which}: ${message}`);
      },
    });
    // The reader Worker comes up after the first moment; only it is asked from then on.
    await Bun.sleep(1_000);
    const trends = sqliteTrends(store);
    const hour = now - (now % HOUR_MS);
    const day = now - (now % DAY_MS);
    const month = { tier: "1h", bounds: evenly(hour - 30 * DAY_MS, hour, HOUR_MS) } as const;
    const year = { tier: "1d", bounds: evenly(day - 365 * DAY_MS, day, DAY_MS) } as const;
    const lags: number[] = [];
    const quiet = await timerLagP99();
    const meter = watchLag(lags);
    const measure = async (order: (n: number) => TrendOrder) => {
      const took: number[] = [];
      for (let n = 0; n < READS; n++) {
        const from = performance.now();
        const { sums } = await trends.read(order(n));
        took.push(performance.now() - from);
        if (sums[1] === 0) throw new Error("the first step is empty");
      }
      return took;
    };
    // Asked for the first time, a store reads from the disk.
    await measure((n) => ({ where: { pair: pairOf(n % 100) }, ...month }));
    stage.say("one pair, 30 days by the hour");
    const pair = await measure((n) => ({ where: { pair: pairOf(n % 100) }, ...month }));
    stage.say("all pairs together, 30 days by the hour");
    const all = await measure(() => ({ where: {}, ...month }));
    stage.say("a country of 5 pairs, a year by the day");
    const country = await measure((n) => ({ where: { country: pairOf(n % 100).slice(0, 2) }, ...year }));
    stage.say("all countries side by side, 30 days");
    const parts = cover(hour - 30 * DAY_MS, hour, "1h", openZone("UTC"));
    const countries: number[] = [];
    for (let n = 0; n < READS; n++) {
      const from = performance.now();
      const groups = await trends.groups({ where: {}, by: "country", parts });
      countries.push(performance.now() - from);
      if (groups.length !== COUNTRIES) throw new Error(`${groups.length} countries`);
    }
    clearInterval(meter);
    await store.close();
    const row = (what: string, took: number[], atMost: number) =>
      value(
        what,
        "ms",
        percentile(took, 0.99),
        { atMost },
        `p50 ${ms(percentile(took, 0.5))} of ${READS}; ${rows.toLocaleString("en")} rows`,
      );
    return [
      row("one pair, 30 days at 1 h, p99", pair, 5),
      row("all pairs, 30 days at 1 h, p99", all, 60),
      row("country of 5 pairs, a year at 1 d, p99", country, 30),
      row("all countries side by side, 30 days, p99", countries, 60),
      value("event-loop lag meanwhile, p99", "ms", percentile(lags, 0.99), { atMost: 20 }, `of a plain timer without reads ${ms(quiet)}`),
    ];
  },
};

/** How much later than asked for a timer comes. */
function watchLag(lags: number[]): ReturnType<typeof setInterval> {
  let due = performance.now() + LAG_EVERY_MS;
  return setInterval(() => {
    const now = performance.now();
    lags.push(Math.max(0, now - due));
    due = now + LAG_EVERY_MS;
  }, LAG_EVERY_MS);
}
