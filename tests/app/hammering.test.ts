/** Ten programs hammer the real house over HTTP for one country: whoever waits, the country gets its limit and not one more. */

import { expect, test } from "bun:test";
import { openHouse } from "../cast/house.ts";

/** Long enough for a busy disk: a grant that is stored later is not given out. */
const LEASE_MS = 1_000;
const house = await openHouse({ leaseMs: String(LEASE_MS) });

test("200 waits of ten programs at once over two operators get exactly the limit of their country, by weight", async () => {
  for (const [operator, weight] of [
    ["uzmobile", 300],
    ["beeline", 100],
  ] as const)
    await house.api("POST", "/api/pairs", { country: "UZ", operator, weight });
  await house.api("PATCH", "/api/countries/UZ", { limit: 10, window_seconds: 1 });
  const tokens: string[] = [];
  for (let i = 1; i <= 10; i++) {
    await house.api("POST", "/api/programs", { name: `program${i}`, template: "sleep 1", folder: "/tmp" });
    tokens.push((await house.api("POST", "/api/tokens", { name: `p${i}`, scopes: ["permits"], program: `program${i}` })).json.token);
  }
  const waits = Array.from({ length: 200 }, (_, i) => {
    const operator = i % 2 ? "uzmobile" : "beeline";
    return house.api("POST", "/api/permits", { country: "UZ", operator, wait_ms: 3_000 }, tokens[i % 10]);
  });
  const answers = await Promise.all(waits);
  const granted = answers.filter(({ status }) => status === 201).map(({ json }) => json as { granted_uptime_ms: number; pair: string });
  const refused = answers.filter(({ status }) => status === 429);
  // One window and a lease after each other: at 0 and 2 s.
  expect([granted.length, refused.length]).toEqual([20, 180]);
  expect(refused.every(({ json, headers }) => json.reason === "rate" && json.budget === "country" && headers.has("retry-after"))).toBe(
    true,
  );
  granted.sort((a, b) => a.granted_uptime_ms - b.granted_uptime_ms);
  for (let i = 10; i < granted.length; i++)
    expect(granted[i]!.granted_uptime_ms - granted[i - 10]!.granted_uptime_ms).toBeGreaterThanOrEqual(1_000 + LEASE_MS);
  // The first ten found the country empty; the ten after them waited, and were shared three to one.
  const shared = granted.slice(10).filter(({ pair }) => pair === "UZ_uzmobile").length;
  expect(Math.abs(shared - 7.5)).toBeLessThan(1);
});
