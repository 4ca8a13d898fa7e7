/** The proof of a country through the real house: its page, its stream, and what happens when somebody breaks its limit. */

import { expect, test } from "bun:test";
import { openHouse } from "../cast/house.ts";
import { until } from "../cast/until.ts";

const house = await openHouse();
const pageOf = async (path: string) => (await house.api("GET", path, undefined, house.viewer)).json as string;
const permit = (country: string, operator: string, more: object = {}) => house.api("POST", "/api/permits", { country, operator, ...more });
const result = (country: string, operator: string, message_id: string, more: object = {}) =>
  house.api("POST", "/api/results", { country, operator, message_id, state: "submitted", ...more });

for (const [country, operator] of [
  ["UZ", "uzmobile"],
  ["UZ", "beeline"],
  ["IN", "airtel"],
])
  await house.api("POST", "/api/pairs", { country, operator });
await house.api("PATCH", "/api/countries/UZ", { limit: 2, window_seconds: 60 });
await house.api("PATCH", "/api/countries/IN", { limit: 2, window_seconds: 4 });

test("the page says what is used, who holds, who waits and what became of it, without JavaScript", async () => {
  const first = await permit("UZ", "uzmobile");
  await result("UZ", "uzmobile", "m-1", { permit_id: first.json.permit_id });
  await permit("UZ", "beeline");
  const away = new AbortController();
  const headers = { authorization: `Bearer ${house.admin}`, "content-type": "application/json" };
  const body = JSON.stringify({ country: "UZ", operator: "beeline", wait_ms: 60_000 });
  const waiting = fetch(`${house.url}/api/permits`, { method: "POST", headers, body, signal: away.signal }).catch(() => null);
  await until("it waits", () => house.app.services.permits.waiters("UZ").length === 1);
  expect((await permit("UZ", "uzmobile")).status).toBe(429);

  const page = await pageOf("/permits/UZ");
  expect(page).toContain("2/2");
  expect(page).toMatch(/UZ_uzmobile<\/a>.*reported.*UZ_beeline<\/a>.*may leave now/s);
  expect(page).toMatch(/Who waits.*UZ_beeline/s);
  expect(page).toMatch(/granted<\/th><td class="number">2<\/td><td class="number">2</);
  expect(page).toContain("The limit was kept.");
  expect(page).toContain("2 of 2 in 60 s");
  const proof = await house.api("GET", "/api/permits/UZ");
  expect(proof.json).toMatchObject({ used: 2, broken: false, waiters: [{ pair: "UZ_beeline", n: 1 }] });
  expect(proof.json.grants).toMatchObject([
    { pair: "UZ_uzmobile", reported: true, open: false },
    { pair: "UZ_beeline", reported: false, open: true },
  ]);
  away.abort();
  await waiting;
  expect((await house.api("GET", "/permits/DE", undefined, house.viewer)).status).toBe(404);
});

test("a country with nothing says so", async () => {
  const page = await pageOf("/permits/IN");
  for (const said of ["0/2", "No permit was granted", "Nobody waits", "Nothing was granted and nothing sent.", "Never, as far as is kept."])
    expect(page).toContain(said);
});

test("a broken limit is on the page and the board, in the stream, in the API, in the audit and in /metrics, and is over with its window", async () => {
  const messages: { parts: Record<string, unknown> }[] = [];
  const stop = new AbortController();
  const stream = await fetch(`${house.url}/events?topics=permits:IN&format=json`, {
    headers: { authorization: `Bearer ${house.viewer}` },
    signal: stop.signal,
  });
  void (async () => {
    for await (const chunk of stream.body!.pipeThrough(new TextDecoderStream() as never) as unknown as AsyncIterable<string>)
      for (const line of chunk.split("\n")) if (line.startsWith("data: {")) messages.push(JSON.parse(line.slice(6)));
  })().catch(() => {});
  await until("the stream began", () => messages.length > 0);

  await Promise.all([1, 2, 3].map((i) => result("IN", "airtel", `wild-${i}`)));
  await until("it is noticed", () => house.app.services.breaches.current("IN"));
  expect(await pageOf("/permits/IN")).toContain("The limit is broken: 3 of 2 in 4 s.");
  expect(await pageOf("/")).toContain("the limit is broken by sends without a permit");
  const told = (key: string) => messages.some(({ parts }) => JSON.stringify(parts[key] ?? null).includes('"most":3'));
  await until("the stream told it", () => told("proof-broken-IN"));
  stop.abort();
  await until("the last day is counted anew", async () =>
    (await pageOf("/permits/IN")).includes("The limit was broken by sends without a permit."),
  );
  expect((await permit("IN", "airtel")).status).toBe(429);
  const metrics = (await house.api("GET", "/metrics")).json as string;
  expect(metrics).toContain('signalbox_limiter_broken{country="IN"} 1');
  expect(metrics).toContain('signalbox_limit_breaches_total{country="IN"} 1');

  await until("it is over", () => house.app.services.breaches.current("IN") === null);
  await until("its end is on disk", async () => {
    const { json } = await house.api("GET", "/api/permits/breaches?country=IN");
    return json.breaches[0]?.ended_at !== null;
  });
  const { json } = await house.api("GET", "/api/permits/breaches");
  expect(json.breaches).toMatchObject([{ country: "IN", most: 3, uncontrolled: 3, limit: 2, window_ms: 4_000 }]);
  expect(json.breaches[0].by).toEqual([{ pair: "IN_airtel", program: "manual", session: null, reason: "no_permit", n: 3 }]);
  const { acts } = (await house.api("GET", "/api/audit?subject=country:IN")).json;
  expect(acts.slice(0, 2).map((act: { verb: string; actor: string }) => [act.verb, act.actor])).toEqual([
    ["country.limit_kept", "signalbox"],
    ["country.limit_broken", "signalbox"],
  ]);
  await house.reopen();
  expect(await pageOf("/permits/IN")).toMatch(/Times the limit was broken.*3 of 2 in 4 s/s);
});
