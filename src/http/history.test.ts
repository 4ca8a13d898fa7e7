import { expect, test } from "bun:test";
import { openHouse } from "../../tests/cast/house.ts";

const house = await openHouse();
const MINUTE = 60_000;
const now = Date.now();
// Ten minutes that are over and mature, on a quarter of an hour, so that every interval holds them in one step.
const BEGIN = now - (now % (15 * MINUTE)) - 30 * MINUTE;
const iso = (ms: number) => new Date(ms).toISOString();

await house.api("POST", "/api/pairs", { country: "UZ", operator: "uzmobile" });
await house.api("POST", "/api/pairs", { country: "UZ", operator: "beeline" });
await house.api("PATCH", "/api/pairs/UZ_uzmobile", { weight: 50 });
const report = (operator: string, id: number, state: string, after: number, more = {}) => ({
  ...{ country: "UZ", operator, message_id: `${operator}-${id}`, state, at: iso(BEGIN + after), ...more },
});
const first = Array.from({ length: 40 }, (_, id) => report("uzmobile", id, "submitted", id * 10_000));
const receipts = first.slice(0, 30).map((_, id) => report("uzmobile", id, "delivered", id * 10_000 + 5_000));
const refused = [
  report("uzmobile", 30, "undelivered", 300_000, { error_code: "27" }),
  report("beeline", 1, "failed", 0, { error_code: "=x" }),
];
await house.api("POST", "/api/results", [...first, ...receipts, ...refused]);
// Whoever looks within two seconds of a roll sees what it saw.
await house.app.services.results.loops.find(({ name }) => name === "results.roll")!.runOnce();

const history = async (query: string, as?: string) => house.api("GET", `/api/history?${query}`, undefined, as);
const range = `from=${iso(BEGIN)}&to=${iso(BEGIN + 15 * MINUTE)}`;

test("tells a pair's numbers over a range, with gaps, errors by class and the range before", async () => {
  const { status, json } = await history(`pair=UZ_uzmobile&${range}&interval=1m`, house.viewer);
  expect(status).toBe(200);
  expect(json).toMatchObject({ of: { pair: "UZ_uzmobile" }, interval: "1m", step_seconds: 60, from: iso(BEGIN) });
  expect(json.points).toHaveLength(15);
  expect(json.points[0]).toMatchObject({ at: iso(BEGIN), sent: 6, delivered: 6, sent_per_minute: 6, mature: true, gap: false });
  expect(json.points[0].success_rate).toMatchObject({ value: 1, n: 6, basis: "receipts" });
  expect(json.points[0].latency.p50_ms).toBeGreaterThan(4_000);
  expect(json.points[5]).toMatchObject({ undelivered: 1, errors: { absent: 1 } });
  expect(json.points[14]).toMatchObject({ sent: 0, success_rate: null, latency: null, gap: true });
  expect(json.total).toMatchObject({ sent: 40, delivered: 30, undelivered: 1, pending: 9 });
  expect(json.before).toMatchObject({ sent: 0, success_rate: null });
  expect(json.errors).toEqual([{ code: "27", class: "absent", n: 1 }]);
});

test("says the same at every interval, by country, operator, program and fleet", async () => {
  for (const interval of ["1m", "5m", "15m", "1h", "6h", "1d"])
    for (const [of, sent, failed] of [
      ["pair=UZ_uzmobile", 40, 0],
      ["operator=beeline", 0, 1],
      ["country=uz", 40, 1],
      ["program=program1", 0, 0],
      ["", 40, 1],
    ] as const) {
      const { status, json } = await history(`${of}&from=${iso(BEGIN)}&to=${iso(BEGIN + 60_000 * 15)}&interval=${interval}`);
      if (of.startsWith("program")) expect(status).toBe(404);
      else expect([of, interval, json.total.sent, json.total.failed]).toEqual([of, interval, sent, failed]);
    }
});

test("marks what was edited meanwhile", async () => {
  const { json } = await history("pair=UZ_uzmobile&from=-1h");
  expect(json.marks[0]).toMatchObject({ event: "pair.update", subject: "pair:UZ_uzmobile", who: "admin" });
  expect(json.marks[0].words).toBe("Pair edited: UZ_uzmobile, by admin");
  expect((await history("pair=UZ_beeline&from=-1h")).json.marks).toMatchObject([{ event: "pair.create" }]);
});

test("is a sheet too, in which no code is a formula", async () => {
  const { json, headers } = await history(`country=UZ&${range}&interval=15m&format=csv`);
  expect(headers.get("content-disposition")).toContain('filename="history-UZ-15m.csv"');
  const [head, row, ...rest] = String(json).trimEnd().split("\n");
  expect(head).toStartWith("from,to,local_time,attempts,sent,delivered");
  expect(row).toStartWith(`${iso(BEGIN)},${iso(BEGIN + 15 * MINUTE)},${iso(BEGIN).slice(0, 16).replace("T", " ")},41,40,30,1,1,0,9,`);
  expect(row).toEndWith("yes,no,=x=1 27=1".replace("=x", "'=x"));
  expect(rest).toEqual([]);
});

test("refuses what it cannot tell, and says what would do", async () => {
  for (const [query, status, words] of [
    ["from=yesterday", 400, "must be RFC 3339"],
    ["from=-7d&interval=1m", 400, "1000 at most"],
    ["from=-1h&to=-2h", 400, "from must lie before to"],
    ["interval=2h", 400, "interval"],
    ["pear=UZ_uzmobile", 400, "pear"],
    ["pair=UZ_nobody", 404, "There is no pair UZ_nobody"],
    ["country=DE", 404, "There is no country DE"],
  ] as const) {
    const { status: told, json } = await history(query);
    expect([query, told, json.detail.includes(words)]).toEqual([query, status, true]);
  }
});

test("comes back as it was after a restart", async () => {
  const before = (await history(`${range}&interval=1m`)).json;
  await house.reopen();
  const after = (await history(`${range}&interval=1m`)).json;
  expect(after.points).toEqual(before.points);
  expect(after.total).toEqual(before.total);
});

test("tells a range by country, operator, pair and program, and a pair and a country by their own addresses", async () => {
  const summary = async (more: string) => (await house.api("GET", `/api/metrics/summary?${range}${more}`, undefined, house.viewer)).json;
  const rows = async (more: string) =>
    (await summary(more)).rows.map(({ key, attempts, sent, failed }: Record<string, unknown>) => [key, attempts, sent, failed]);
  expect(await rows("&by=pair")).toEqual([
    ["UZ_uzmobile", 40, 40, 0],
    ["UZ_beeline", 1, 0, 1],
  ]);
  expect(await rows("")).toEqual([["UZ", 41, 40, 1]]);
  expect(await rows("&by=operator&country=uz")).toEqual([
    ["uzmobile", 40, 40, 0],
    ["beeline", 1, 0, 1],
  ]);
  expect((await rows("&by=program")).length).toBe(1);
  expect(await summary("&by=pair")).toMatchObject({ by: "pair", of: {}, rows: [{ success_rate: { n: 39 }, latency: { n: 30 } }, {}] });
  const pair = await house.api("GET", `/api/metrics/pairs/UZ_uzmobile?${range}&interval=5m`, undefined, house.viewer);
  expect(pair.json.points).toEqual((await history(`pair=UZ_uzmobile&${range}&interval=5m`)).json.points);
  const country = await house.api("GET", `/api/metrics/countries/uz?${range}`, undefined, house.viewer);
  expect(country.json.total).toMatchObject({ attempts: 41, sent: 40 });
  expect((await house.api("GET", "/api/metrics/pairs/UZ_nobody")).status).toBe(404);
  expect((await house.api("GET", "/api/metrics/summary?by=gateway")).status).toBe(400);
});

test("tells live numbers of operators, and of sessions to whoever asks for them", async () => {
  const { json } = await house.api("GET", "/api/metrics/realtime", undefined, house.viewer);
  expect(Object.keys(json)).toEqual(["at", "fleet", "countries", "operators", "pairs", "programs"]);
  expect(json.operators.find(({ operator }: { operator: string }) => operator === "uzmobile").total).toMatchObject({
    attempts: 40,
    delivered: 30,
  });
  const some = await house.api("GET", "/api/metrics/realtime?of=sessions,fleet", undefined, house.viewer);
  expect(some.json).toMatchObject({ sessions: [], fleet: { total: { attempts: 41 } } });
  expect((await house.api("GET", "/api/metrics/realtime?of=people")).status).toBe(400);
});

test("the page tells what a range is made of, and each part leads into its own", async () => {
  const page = async (query: string) =>
    (await fetch(`${house.url}/history?${query}`, { headers: { authorization: `Bearer ${house.viewer}` } })).text();
  const html = await page("from=-6h");
  expect(html).toContain('<a href="/history?country=UZ&amp;from=-6h">Uzbekistan (UZ)</a>');
  expect(html).toContain('<a href="/history?by=pair&amp;from=-6h#by">Pairs</a>');
  const country = await page("country=UZ&from=-6h");
  for (const words of ["Live numbers", "Since the last send", "Since the last receipt", "absent"]) expect(country).toContain(words);
  expect(await page("country=UZ&from=-6h&to=-1h")).not.toContain("Live numbers");
  expect(country).toContain('<a href="/history?pair=UZ_uzmobile&amp;from=-6h">uzmobile</a>');
  expect(country).toContain('<option value="operator:beeline">beeline</option>');
  expect(await page("pair=UZ_uzmobile&from=-6h")).toContain("By program");
  expect(await page("pair=UZ_uzmobile&program=admin&from=-6h").then((text) => text.includes('id="by"'))).toBe(false);
});
