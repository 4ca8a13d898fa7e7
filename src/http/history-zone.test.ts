import { expect, test } from "bun:test";
import { openHouse } from "../../tests/cast/house.ts";

const house = await openHouse({ timeZone: "Asia/Kolkata" });
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const iso = (ms: number) => new Date(ms).toISOString();
const now = Date.now();
// Midnight of yesterday in India, 18:30 of the day before in UTC.
const MIDNIGHT = now + 5.5 * HOUR - ((now + 5.5 * HOUR) % DAY) - 5.5 * HOUR - DAY;

await house.api("POST", "/api/pairs", { country: "IN", operator: "vi" });
const sent = (id: number, at: number) => ({ country: "IN", operator: "vi", message_id: `m${id}`, state: "submitted", at: iso(at) });
// Two before midnight when that is young enough to be told, three at six in the morning, one an hour before the next midnight.
const early = MIDNIGHT - HOUR > now - 47 * HOUR ? [sent(1, MIDNIGHT - HOUR), sent(2, MIDNIGHT - 1)] : [];
const own = [sent(3, MIDNIGHT), sent(4, MIDNIGHT + 6 * HOUR), sent(5, MIDNIGHT + 6 * HOUR), sent(6, MIDNIGHT + 23 * HOUR)];
await house.api("POST", "/api/results", [...early, ...own]);
const { results, retention } = house.app.services;
await results.loops.find(({ name }) => name === "results.roll")!.runOnce();
await retention.loop.runOnce();

const range = `from=${iso(MIDNIGHT)}&to=${iso(MIDNIGHT + DAY)}`;
const history = async (query: string) => (await house.api("GET", `/api/history?country=IN&${query}`)).json;
const page = async (query: string) =>
  (await fetch(`${house.url}/history?${query}`, { headers: { authorization: `Bearer ${house.viewer}` } })).text();

test("a day is one of the configured time zone, and so is a quarter of it", async () => {
  const json = await history(`${range}&interval=1d`);
  expect(json).toMatchObject({ time_zone: "Asia/Kolkata", interval: "1d", from: iso(MIDNIGHT), to: iso(MIDNIGHT + DAY) });
  expect(json.points).toMatchObject([{ at: iso(MIDNIGHT), to: iso(MIDNIGHT + DAY), sent: 4 }]);
  const quarters = await history(`${range}&interval=6h`);
  expect(quarters.points.map((point: { sent: number }) => point.sent)).toEqual([1, 2, 0, 1]);
});

test("a sheet names the day by its date", async () => {
  const [, row] = String(await history(`${range}&interval=1d&format=csv`)).split("\n");
  const date = iso(MIDNIGHT + 5.5 * HOUR).slice(0, 10);
  expect(row).toStartWith(`${iso(MIDNIGHT)},${iso(MIDNIGHT + DAY)},${date} 00:00,4,4,`);
});

test("the page reads times as the clocks there show them, and shows them so", async () => {
  const date = iso(MIDNIGHT + 5.5 * HOUR).slice(0, 10);
  const next = iso(MIDNIGHT + DAY + 5.5 * HOUR).slice(0, 10);
  const html = await page(`from=${date}&to=${next}&interval=1d`);
  expect(html).toContain(`${date} 00:00 to ${next} 00:00, by 1d`);
  expect(html).toContain(`>${date}</time>`);
  expect(html).toContain("Times of Asia/Kolkata");
});

test("a range that cannot be read is told on the page, above the last day, and stays as it was typed", async () => {
  const answer = await fetch(`${house.url}/history?from=yesterday&to=now`, {
    headers: { authorization: `Bearer ${house.viewer}`, accept: "text/html" },
  });
  const html = await answer.text();
  expect(answer.status).toBe(400);
  expect(html).toContain("This range cannot be shown: from: must be");
  expect(html).toContain('value="yesterday"');
  expect(html).toContain("Times of Asia/Kolkata");
});

test("another time zone after a restart: the days kept are those of the new one", async () => {
  await house.reopen(() => Object.assign(house.config, { timeZone: "Asia/Tokyo" }));
  await house.app.services.retention.loop.runOnce();
  // Three and a half hours earlier: the last message of the Indian day lies in the next one of Tokyo.
  const tokyo = MIDNIGHT - 3.5 * HOUR;
  const json = await history(`from=${iso(tokyo)}&to=${iso(tokyo + 2 * DAY)}&interval=1d`);
  expect(json).toMatchObject({ time_zone: "Asia/Tokyo", from: iso(tokyo) });
  expect(json.points.map((point: { sent: number }) => point.sent)).toEqual([early.length + 3, 1]);
});
