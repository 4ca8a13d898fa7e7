import { expect, test } from "bun:test";
import { openHouse } from "../../tests/cast/house.ts";
import { until } from "../../tests/cast/until.ts";

const house = await openHouse();
const USUAL = { "1m": 14, "15m": 90, "1h": 730, "1d": 3650, messages: 30 };

test("tells how long is kept, and takes a change from an admin alone, once per version", async () => {
  const { json, headers } = await house.api("GET", "/api/settings");
  expect(json).toEqual({ kept_days: USUAL, output_megabytes: 10_240 });
  expect(headers.get("etag")).toBe('"0"');
  const wanted = { kept_days: { ...USUAL, messages: 10 }, output_megabytes: 2_000 };
  expect((await house.api("PUT", "/api/settings", wanted, house.operator)).status).toBe(403);
  expect((await house.api("PUT", "/api/settings", wanted)).json).toEqual(wanted);
  await house.reopen();
  await until("the setting is read again", async () => (await house.api("GET", "/api/settings")).json.kept_days.messages === 10);
  const audit = (await house.api("GET", "/api/audit?subject=setting:retention")).json.acts;
  expect(audit).toMatchObject([
    { verb: "settings.update", actor: "admin", detail: { from: { days: USUAL }, to: { outputMegabytes: 2_000 } } },
  ]);
});

test("refuses what cannot be, field by field", async () => {
  const bad = await house.api("PUT", "/api/settings", { kept_days: { ...USUAL, messages: 1, "15m": 8 }, output_megabytes: 1 });
  expect(bad.status).toBe(400);
  expect(bad.json.errors.map(({ field }: { field: string }) => field)).toEqual(["messages", "output_megabytes", "15m"]);
  expect((await house.api("PUT", "/api/settings", { kept_days: { "1m": 3 } })).status).toBe(400);
});

test("tells how much there is, table by table", async () => {
  const size = await until("the data is measured", async () => {
    const { json } = await house.api("GET", "/api/data");
    return json.measured_at === null ? null : json;
  });
  expect(size.tables.map(({ name }: { name: string }) => name)).toEqual(expect.arrayContaining(["journal", "messages", "trend_1m"]));
  expect(size.disk_free_bytes).toBeGreaterThan(0);
  expect(size.full_at).toBeNull();
  expect((await house.api("GET", "/api/data", undefined, house.viewer)).status).toBe(403);
});

test("the page says the same, and its form comes back with what is wrong", async () => {
  const cookie = { authorization: `Bearer ${house.admin}` };
  const get = async (path: string) => (await fetch(house.url + path, { headers: cookie })).text();
  const post = (fields: Record<string, string>) =>
    fetch(`${house.url}/settings`, {
      method: "POST",
      headers: { ...cookie, "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(fields),
      redirect: "manual",
    });
  const page = await get("/settings");
  expect(page).toContain("How long results are kept");
  const version = /name="version" value="(\d+)"/.exec(page)![1]!;
  const days = { "1m": "14", "15m": "90", "1h": "730", "1d": "3650", messages: "2", output_megabytes: "500" };
  const wrong = await post({ ...days, version });
  expect(wrong.status).toBe(422);
  const said = await wrong.text();
  expect(said).toContain("must be a whole number from 3 to 3650");
  // Beside the field, which has a name for people; above them all it is only said that some are marked.
  expect(said).not.toContain("messages must be");
  expect((await post({ ...days, messages: "20", version })).status).toBe(303);
  expect((await house.api("GET", "/api/settings")).json.kept_days.messages).toBe(20);
  expect((await post({ ...days, messages: "21", version })).status).toBe(409);
});
