/** The page of gateways as an admin and a viewer use it, by forms alone. */

import { expect, test } from "bun:test";
import { fullWorld } from "../../tests/cast/board.ts";
import { pagesApp, servicesOf } from "../../tests/cast/pages.ts";
import { boris } from "../../tests/cast/people.ts";
import { fakeClock } from "../kernel/clock.ts";

const clock = fakeClock(Date.now());
const world = await fullWorld(clock, 12);
const app = pagesApp(servicesOf(world));
const get = async (path: string, as = "admin") => (await app.request(path, { headers: { cookie: `as=${as}` } })).text();
const post = (path: string, fields: Record<string, string>, as = "admin") =>
  app.request(path, { method: "POST", body: new URLSearchParams(fields), headers: { cookie: `as=${as}` } });
const gateway = (id: string) => world.directory.gateway(id);

test("a gateway is added with its limit, and lists the pairs that go through it", async () => {
  const added = await post("/gateways", { id: "SMPP1", name: "Tashkent", limit: "60", window_seconds: "" });
  expect([added.status, added.headers.get("location")]).toEqual([303, "/gateways?done=add"]);
  expect(gateway("smpp1")).toMatchObject({ name: "Tashkent", limit: 60, windowSeconds: 60 });
  for (const id of ["UZ_uzmobile", "UZ_ucell", "TJ_tcell"]) await world.roster.changePair(id, { gateway: "smpp1" }, boris);
  world.permits.grant("UZ", "UZ_ucell");
  const page = await get("/gateways?done=add");
  expect(page).toContain("3 pairs in 2 countries");
  expect(page).toContain("<b>1/60</b>");
  expect(page).toContain("The gateway was added.");
  expect(await get("/pairs?q=smpp1")).toContain("pair-TJ_tcell");
  expect(await get("/pairs/UZ_ucell")).toContain("1 of 60 used in 60 s");
  expect(await get("/permits/TJ")).toContain('<a href="/gateways#limits">smpp1</a>');
});

test("one that pairs name already stands there without a limit, and gets one in its row", async () => {
  await world.roster.changePair("UA_3mob", { gateway: "old-route" }, boris);
  expect(await get("/gateways")).toContain('<tr id="gateway-old-route">');
  const wrong = await post("/gateways", { id: "old-route", limit: "many" });
  expect([wrong.status, gateway("old-route")]).toEqual([422, undefined]);
  expect(await wrong.text()).toMatch(/id="limit-old-route" name="limit" size="7" value="many"/);
  expect((await post("/gateways", { id: "old-route", limit: "5", window_seconds: "10" })).status).toBe(303);
  expect(gateway("old-route")).toMatchObject({ limit: 5, windowSeconds: 10 });
});

test("a second editor is told what is saved, and nothing is overwritten", async () => {
  const version = String(gateway("smpp1")!.version);
  expect((await post("/gateways/smpp1/edits", { version, name: "Tashkent", limit: "", window_seconds: "60" })).status).toBe(303);
  const second = await post("/gateways/smpp1/edits", { version, name: "Mine", limit: "9", window_seconds: "60" });
  const page = await second.text();
  expect([second.status, gateway("smpp1")]).toEqual([409, expect.objectContaining({ name: "Tashkent", limit: null })]);
  expect(page).toContain("Saved now: Tashkent, no limit.");
  expect(page).toContain('value="Mine"');
});

test("is removed only while no pair names it", async () => {
  const version = String(gateway("old-route")!.version);
  expect(await get("/gateways")).not.toContain("/gateways/old-route/removals");
  const refused = await post("/gateways/old-route/removals", { version });
  expect([refused.status, await refused.text()]).toEqual([409, expect.stringContaining("UA_3mob goes through old-route")]);
  await world.roster.changePair("UA_3mob", { gateway: null }, boris);
  expect(await get("/gateways")).toContain("/gateways/old-route/removals");
  expect((await post("/gateways/old-route/removals", { version })).status).toBe(303);
  expect(gateway("old-route")).toBeUndefined();
});

test("who is no admin sees limits and use, and has no form", async () => {
  for (const as of ["viewer", "operator"]) {
    const page = await get("/gateways", as);
    expect(page).toContain("smpp1");
    expect(page).not.toContain('action="/gateways');
    expect((await post("/gateways", { id: "x" }, as)).status).toBe(403);
  }
});
