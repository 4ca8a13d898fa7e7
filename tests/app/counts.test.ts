/** Counts as simple programs write them, through HTTP and the store: a line each, cumulative ones by their difference, over a restart. */

import { expect, test } from "bun:test";
import { openHouse } from "../cast/house.ts";

test("sums of simple programs are counted once, by their difference where they are cumulative, also over a restart", async () => {
  const house = await openHouse();
  for (const operator of ["uzmobile", "beeline"]) await house.api("POST", "/api/pairs", { country: "UZ", operator });
  await house.api("POST", "/api/programs", { name: "program2", template: ["sleep", "60"], folder: "/" });
  const token = (await house.api("POST", "/api/tokens", { name: "counts", program: "program2", scopes: ["results"] })).json.token as string;
  const start = Date.now() - 600_000;

  const report = (minute: number, sent: number, rate: number, more: object = {}) => ({
    session_id: "s_simple",
    country_code: "UZ",
    operator_name: "uzmobile",
    messages_sent: sent,
    success_rate: rate,
    errors: [],
    timestamp: new Date(start + minute * 60_000).toISOString(),
    ...more,
  });
  const post = async (...reports: object[]) => {
    const response = await fetch(`${house.url}/api/results`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/x-ndjson" },
      body: reports.map((one) => `${JSON.stringify(one)}\n`).join(""),
    });
    const { accepted, duplicate, rejected } = (await response.json()) as {
      accepted: number;
      duplicate: number;
      rejected: { index: number; field: string }[];
    };
    return [response.status, accepted, duplicate, rejected.map(({ index, field }) => `${index} ${field}`)];
  };
  const sums = async () => {
    const pairs = (await house.api("GET", "/api/metrics/realtime")).json.pairs as { pair: string; total: Record<string, number> }[];
    return Object.fromEntries(pairs.map(({ pair, total }) => [pair, [total.sent, total.delivered, total.failed]]));
  };

  // Intervals, a message between them, and one line that is wrong: it alone is refused.
  const message = { country: "UZ", operator: "uzmobile", message_id: "m-1", state: "delivered" };
  const lines = [report(0, 10, 0.9, { errors: ["30003"] }), message, report(1, 5, 1.5), report(1, 5, 0.8, { errors: { 30008: 1 } })];
  expect(await post(...lines)).toEqual([202, 3, 0, ["2 success_rate"]]);
  expect(await post(...lines)).toEqual([202, 0, 3, ["2 success_rate"]]);
  expect((await sums()).UZ_uzmobile).toEqual([16, 14, 2]);

  const cumulative = (minute: number, sent: number, rate: number) =>
    report(minute, sent, rate, { operator_name: "beeline", kind: "cumulative" });
  expect(await post(cumulative(0, 10, 1), cumulative(1, 20, 0.9))).toEqual([202, 2, 0, []]);
  expect((await sums()).UZ_beeline).toEqual([20, 18, 2]); // 0.9 of 20: of the second ten, eight
  await house.reopen();
  // It goes on; begins anew; a late one of before; the last again.
  expect(await post(cumulative(2, 25, 0.92), cumulative(4, 4, 1), cumulative(3, 26, 0.9), cumulative(4, 4, 1))).toEqual([202, 3, 1, []]);
  expect((await sums()).UZ_beeline).toEqual([29, 27, 2]);
  await house.reopen();
  expect(await sums()).toEqual({ UZ_uzmobile: [16, 14, 2], UZ_beeline: [29, 27, 2] });
});
