import { expect, test } from "bun:test";
import type { Trimmed, TrimOrder } from "./history.ts";
import { openTrimmer, RUNS_AT_MOST, RUNS_KEPT } from "./trimmer.ts";

const DAY = 86_400_000;

test("goes from session to session, stays where there is more, and begins again at the end", async () => {
  const answers: (Trimmed | null)[] = [
    { session: "s_1", more: true },
    { session: "s_1", more: false },
    { session: "s_2", more: false },
    null,
  ];
  const orders: TrimOrder[] = [];
  const trim = openTrimmer({
    async trim(order) {
      orders.push(order);
      return answers[(orders.length - 1) % answers.length]!;
    },
  });
  for (let minute = 0; minute < 5; minute++) await trim(100 * DAY);
  expect(orders.map(({ last }) => last)).toEqual([null, answers[0]!, answers[1]!, answers[2]!, null]);
  expect(orders[0]).toMatchObject({ before: 10 * DAY, kept: RUNS_KEPT, most: RUNS_AT_MOST });
});

test("a store that is away is asked for the same again", async () => {
  let away = false;
  const seen: (Trimmed | null)[] = [];
  const trim = openTrimmer({
    async trim({ last }) {
      seen.push(last);
      if (away) throw new Error("away");
      return { session: "s_1", more: false };
    },
  });
  await trim(0);
  away = true;
  await trim(0).catch(() => {});
  away = false;
  await trim(0);
  expect(seen).toEqual([null, { session: "s_1", more: false }, { session: "s_1", more: false }]);
});
