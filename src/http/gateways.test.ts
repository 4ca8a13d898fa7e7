import { expect, test } from "bun:test";
import { openHouse } from "../../tests/cast/house.ts";

const house = await openHouse();
await house.api("POST", "/api/programs", { name: "billing", template: "sleep 1", folder: "/tmp" });
const made = await house.api("POST", "/api/tokens", { name: "billing", scopes: ["permits"], program: "billing" });
const token: string = made.json.token;
for (const country of ["UZ", "IN", "GB"]) await house.api("POST", "/api/pairs", { country, operator: "one", gateway: "smpp1" });
const ask = (country: string) => house.api("POST", "/api/permits", { country, operator: "one" }, token);

test("a gateway's limit spans the countries of its pairs, and a refusal names the budget", async () => {
  const made = await house.api("POST", "/api/gateways", { id: "smpp1", limit: 2 });
  expect(made).toMatchObject({ status: 201, json: { id: "smpp1", limit: 2, window_seconds: 60, pairs: ["GB_one", "IN_one", "UZ_one"] } });
  expect([(await ask("UZ")).status, (await ask("IN")).status]).toEqual([201, 201]);
  const refused = await ask("GB");
  expect(refused).toMatchObject({ status: 429, json: { reason: "rate", budget: "gateway" } });
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(50);
  await house.reopen();
  expect(await ask("GB")).toMatchObject({ status: 429, json: { budget: "gateway" } });
});

test("a changed limit applies at once; two editors do not overwrite each other", async () => {
  const { headers } = await house.api("GET", "/api/gateways/smpp1");
  const change = (limit: number | null, version: string) =>
    fetch(`${house.url}/api/gateways/smpp1`, {
      method: "PATCH",
      headers: { authorization: `Bearer ${house.admin}`, "content-type": "application/json", "if-match": version },
      body: JSON.stringify({ limit }),
    });
  expect((await change(3, headers.get("etag")!)).status).toBe(200);
  expect((await change(9, headers.get("etag")!)).status).toBe(409);
  expect([(await ask("GB")).status, (await ask("GB")).status]).toEqual([201, 429]);
  expect((await house.api("PATCH", "/api/gateways/smpp1", { limit: null })).json.limit).toBeNull();
  expect((await ask("GB")).status).toBe(201);
});

test("only an admin changes gateways; what does not exist says so; none is a lever to stop high priority", async () => {
  expect((await house.api("POST", "/api/gateways", { id: "smpp2" }, house.operator)).status).toBe(403);
  expect((await house.api("POST", "/api/gateways", { id: "smpp1" })).json).toMatchObject({ status: 409, reason: "exists" });
  expect((await house.api("GET", "/api/gateways/smpp9")).status).toBe(404);
  expect((await house.api("PATCH", "/api/gateways/smpp1", { limit: 0 })).status).toBe(400);
});

test("what is used of a limit stands beside it", async () => {
  await house.api("PATCH", "/api/gateways/smpp1", { limit: 5 });
  const { json } = await house.api("GET", "/api/gateways", undefined, house.viewer);
  expect(json.gateways).toEqual([expect.objectContaining({ id: "smpp1", limit: 5, now: { used: 4, next_free_ms: 0 } })]);
  expect(json.house).toEqual({ limit: null, window_seconds: 60, from: "default", now: null });
});

test("a gateway is removed once no pair names it, by whoever saw how it was, and can come again", async () => {
  const { status, json } = await house.api("DELETE", "/api/gateways/smpp1");
  expect([status, json.reason, json.detail]).toEqual([
    409,
    "in_use",
    "GB_one, IN_one, UZ_one go through smpp1: give them another gateway first",
  ]);
  const edit = { filter: { q: "smpp1" }, change: { gateway: null } };
  const { hash, count } = (await house.api("POST", "/api/pairs/edits", { ...edit, preview: true })).json;
  expect(count).toBe(3);
  expect((await house.api("POST", "/api/pairs/edits", { ...edit, expected: hash })).status).toBe(200);
  expect((await house.api("DELETE", "/api/gateways/smpp1", undefined, house.operator)).status).toBe(403);
  const remove = (version: string) =>
    fetch(`${house.url}/api/gateways/smpp1`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${house.admin}`, "if-match": version },
    });
  expect((await remove('"1"')).status).toBe(409);
  expect((await remove((await house.api("GET", "/api/gateways/smpp1")).headers.get("etag")!)).status).toBe(204);
  await house.reopen();
  expect((await house.api("GET", "/api/gateways/smpp1")).status).toBe(404);
  expect((await house.api("POST", "/api/gateways", { id: "smpp1", limit: 7 })).json).toMatchObject({ limit: 7, pairs: [] });
  const acts = (await house.api("GET", "/api/audit?limit=20")).json.acts.map(({ verb }: { verb: string }) => verb);
  expect(acts.filter((verb: string) => verb.startsWith("gateway."))).toContain("gateway.remove");
});

test("a program says how its messages wait, by the API and kept by the form", async () => {
  const program = { name: "otp", template: "sleep 1", folder: "/tmp", queue: { order: "newest", ttl_ms: 20_000 } };
  expect((await house.api("POST", "/api/programs", program)).json.queue).toEqual({ order: "newest", ttl_ms: 20_000 });
  const page = await fetch(`${house.url}/programs/otp`, { headers: { authorization: `Bearer ${house.admin}`, accept: "text/html" } });
  const text = await page.text();
  expect(text).toContain('<option value="newest" selected="">');
  expect(text).toMatch(/name="queue_ttl" value="20"/);
  const wrong = await house.api("POST", "/api/programs", { ...program, name: "ads", queue: { order: "random" } });
  expect([wrong.status, wrong.json.errors[0].field]).toEqual([400, "queue.order"]);
});

test("house_limit bounds all countries together", async () => {
  const bounded = await openHouse({ houseLimit: "2" });
  for (const country of ["UZ", "IN", "GB"]) await bounded.api("POST", "/api/pairs", { country, operator: "one" });
  const answers = [];
  for (const country of ["UZ", "IN", "GB"]) answers.push(await bounded.api("POST", "/api/permits", { country, operator: "one" }));
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 429]);
  expect(answers[2]!.json).toMatchObject({ reason: "rate", budget: "house" });
  const told = (await bounded.api("GET", "/api/gateways")).json.house;
  expect(told).toMatchObject({ limit: 2, window_seconds: 60, from: "--house-limit", now: { used: 2 } });
  expect(told.now.next_free_ms).toBeGreaterThan(50_000);
  const page = (await bounded.api("GET", "/gateways")).json;
  expect(page).toContain("2 in 60 s");
  expect(page).toContain("house_limit, from --house-limit");
  expect((await bounded.api("GET", "/permits/UZ")).json).toContain("all countries together");
});
