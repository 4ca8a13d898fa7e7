import { expect, test } from "bun:test";
import { fakeClock } from "../kernel/clock.ts";
import { quiet } from "../kernel/log.ts";
import { DAY_MS, openDays } from "./days.ts";
import type { Ledger, LedgerGrant, LedgerRange } from "./ledger.ts";

function house() {
  const clock = fakeClock();
  const asked: LedgerRange[] = [];
  let grants = 1;
  let gate: Promise<void> = Promise.resolve();
  const grant: LedgerGrant = {
    ...{ kind: "grant", country: "UZ", permitId: "p_1", pair: "UZ_a", program: "p", session: null, bootId: clock.bootId },
    ...{ grantedUptimeMs: 1, leaseMs: 1, grantedAt: 1, reportedUptimeMs: null, reportedBootId: null, abandoned: false },
  };
  const ledger: Ledger = {
    async *pages(range) {
      asked.push(range);
      await gate;
      yield Array.from({ length: grants }, () => grant);
    },
  };
  let settled = () => Promise.resolve();
  const days = openDays({ ledger, clock, log: quiet, settled: () => settled() });
  return {
    ...{ clock, days, asked, more: () => grants++, hold: (until: Promise<void>) => (gate = until) },
    writing: (until: () => Promise<void>) => (settled = until),
  };
}

test("is counted when somebody looks, kept while fresh, and counted anew once for all who look", async () => {
  const { clock, days, asked, more } = house();
  expect(days.of("UZ")).toBeNull();
  expect((await days.counted("UZ")).grants).toBe(1);
  expect(asked).toEqual([{ country: "UZ", from: clock.now() - DAY_MS }]);
  more();
  clock.advance(9_000);
  expect((await days.counted("UZ")).grants).toBe(1);
  clock.advance(2_000);
  // The old numbers stand while the new ones are counted.
  expect([days.of("UZ")?.grants, days.of("UZ")?.grants]).toEqual([1, 1]);
  expect((await days.counted("UZ")).grants).toBe(2);
  expect(asked).toHaveLength(2);
});

test("what is forgotten is counted at the next look, also when it is forgotten while it is counted", async () => {
  const { days, asked, more, hold } = house();
  await days.counted("UZ");
  more();
  days.forget("UZ");
  expect((await days.counted("UZ")).grants).toBe(2);
  const { promise, resolve } = Promise.withResolvers<void>();
  hold(promise);
  days.forget("UZ");
  const counting = days.counted("UZ");
  days.forget("UZ");
  resolve();
  await counting;
  await days.counted("UZ");
  expect(asked).toHaveLength(4);
});

test("only so many countries are kept, those that were looked at last", async () => {
  const { days, asked } = house();
  const codes = Array.from({ length: 40 }, (_, i) => `A${i}`);
  for (const code of codes) await days.counted(code);
  asked.length = 0;
  await days.counted("A39");
  expect(asked).toEqual([]);
  await days.counted("A0");
  expect(asked).toHaveLength(1);
});

test("what was settled before somebody looked is in the count, though it is not on disk yet", async () => {
  const { days, asked, more, writing } = house();
  writing(async () => {
    expect(asked).toEqual([]);
    more();
  });
  expect((await days.counted("UZ")).grants).toBe(2);
});
