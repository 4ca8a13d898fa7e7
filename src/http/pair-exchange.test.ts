/** Import, export, bulk edits and the catalogue, over HTTP against the real house. */

import { beforeEach, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openHouse } from "../../tests/cast/house.ts";

const house = await openHouse();
const sample = readFileSync(join(import.meta.dir, "../../tests/cast/pairs-sample.csv"), "utf8");

const send = async (path: string, text: string, type = "text/csv", as = house.operator) => {
  const headers = { authorization: `Bearer ${as}`, "content-type": type };
  const response = await fetch(`${house.url}${path}`, { method: "POST", headers, body: text });
  return { status: response.status, json: JSON.parse(await response.text()) };
};
const download = (path: string) => fetch(`${house.url}${path}`, { headers: { authorization: `Bearer ${house.operator}` } });

beforeEach(async () => {
  const { pairs } = (await house.api("GET", "/api/pairs")).json;
  for (const { id, priority } of pairs) {
    if (priority) await house.api("DELETE", `/api/pairs/${id}/priority`);
    await house.api("DELETE", `/api/pairs/${id}`);
  }
});

describe("an import", () => {
  test("of the user's own file says what it would do, does nothing, then does it, and a second time finds nothing to do", async () => {
    const dry = await send("/api/pairs/import?dry_run=true", sample);
    expect(dry.json).toMatchObject({ applied: false, counts: { create: 8, change: 0, unchanged: 0, error: 0 } });
    expect(dry.json.lines[4]).toMatchObject({
      ...{ line: 6, pair: "IN_docomo", verdict: "create" },
      warnings: [{ field: "mccmnc", message: "405037 (TATA DOCOMO Maharashtra & Goa) is listed as not operational" }],
    });
    expect((await house.api("GET", "/api/pairs")).json.pairs).toEqual([]);
    const done = await send(`/api/pairs/import?expected=${dry.json.hash}`, sample);
    expect([done.status, done.json.applied]).toEqual([200, true]);
    expect((await house.api("GET", "/api/pairs/IN_docomo")).json.mccmnc).toEqual(["405037"]);
    expect((await send("/api/pairs/import", sample)).json.counts).toEqual({ create: 0, change: 0, unchanged: 8, error: 0 });
  });

  test("with one bad line stores nothing and names line and field; asked for the good lines it takes those", async () => {
    const file = "country,operator,weight\nUZ,uzmobile,50\nUZ,beeline,heavy\n";
    const refused = await send("/api/pairs/import", file);
    expect(refused).toMatchObject({
      ...{ status: 400 },
      json: {
        detail: "1 of 2 lines are bad: nothing was imported",
        errors: [{ field: "line 3: weight", message: "must be a number, not heavy" }],
      },
    });
    expect((await house.api("GET", "/api/pairs")).json.pairs).toEqual([]);
    expect((await send("/api/pairs/import?good_lines=true", file)).json.counts).toMatchObject({ create: 1, error: 1 });
    expect((await house.api("GET", "/api/pairs")).json.pairs).toMatchObject([{ id: "UZ_uzmobile", weight: 50 }]);
  });

  test("would stop a high-priority pair: 409 with the reason, as on every other path; a file that is wrong besides is bad input", async () => {
    await send("/api/pairs/import", "country,operator\nUZ,uzmobile\n");
    await house.api("PUT", "/api/pairs/UZ_uzmobile/priority");
    const refused = await send("/api/pairs/import", "country,operator,active\nUZ,uzmobile,no\nUA,3mob,yes\n");
    expect(refused).toMatchObject({
      ...{ status: 409 },
      json: {
        reason: "high_priority",
        errors: [{ field: "line 2: priority", message: expect.stringContaining("cannot be switched off") }],
      },
    });
    const both = await send("/api/pairs/import", "country,operator,weight\nUZ,uzmobile,0\nUA,3mob,heavy\n");
    expect([both.status, both.json.errors.length]).toEqual([400, 2]);
    expect((await house.api("GET", "/api/pairs")).json.pairs).toMatchObject([{ id: "UZ_uzmobile", active: true, weight: 100 }]);
  });

  test("is refused when a pair was changed since the dry run", async () => {
    await send("/api/pairs/import", "country,operator\nUZ,uzmobile\n");
    const file = "country,operator,weight\nUZ,uzmobile,50\n";
    const { hash } = (await send("/api/pairs/import?dry_run=1", file)).json;
    await house.api("PATCH", "/api/pairs/UZ_uzmobile", { tags: ["otp"] });
    expect(await send(`/api/pairs/import?expected=${hash}`, file)).toMatchObject({ status: 409, json: { reason: "changed" } });
    expect((await house.api("GET", "/api/pairs/UZ_uzmobile")).json).toMatchObject({ weight: 100, tags: ["otp"] });
  });

  test("takes JSON, also the very answer of GET /api/pairs, and is no viewer's", async () => {
    await send("/api/pairs/import", sample);
    const all = (await house.api("GET", "/api/pairs")).json;
    expect((await send("/api/pairs/import", JSON.stringify(all), "application/json")).json.counts).toMatchObject({ unchanged: 8 });
    expect((await send("/api/pairs/import", "[]", "application/json", house.viewer)).status).toBe(403);
    expect((await send("/api/pairs/import", "{}", "application/json")).status).toBe(400);
  });

  test("leaves one line a pair in the audit", async () => {
    await send("/api/pairs/import", "country,operator\nKZ,kcell\nKZ,altel\n");
    const { acts } = (await house.api("GET", "/api/audit?limit=2")).json;
    expect(acts.map((act: { verb: string; subject: string; reason: string }) => [act.verb, act.subject, act.reason]).sort()).toEqual([
      ["pair.create", "pair:KZ_altel", "import"],
      ["pair.create", "pair:KZ_kcell", "import"],
    ]);
  });
});

test("an export comes back unchanged as CSV and as JSON, with names of every kind", async () => {
  for (const [operator, operator_name] of [
    ["megafon", "МегаФон & Ко, «Юг»"],
    ["evil", '=HYPERLINK("http://x")'],
    ["quote", "'=not a formula"],
    ["a-b", "UZ_a_b"],
  ])
    await house.api("POST", "/api/pairs", { country: "UZ", operator, operator_name, mccmnc: ["00101"] });
  const csv = await (await download("/api/pairs/export")).text();
  expect(csv).toContain("00101");
  expect((await send("/api/pairs/import", csv)).json.counts).toEqual({ create: 0, change: 0, unchanged: 4, error: 0 });
  const json = await (await download("/api/pairs/export?format=json&q=UZ")).text();
  expect((await send("/api/pairs/import", json, "application/json")).json.counts).toMatchObject({ unchanged: 4 });
});

describe("a bulk edit", () => {
  const edit = (body: unknown) => house.api("POST", "/api/pairs/edits", body, house.operator);

  test("shows what it would change, changes nothing unseen, then all at once", async () => {
    await send("/api/pairs/import", sample);
    const asked = { filter: { country: "IN" }, change: { weight: 40, add_tags: ["india"] } };
    const shown = (await edit({ ...asked, preview: true })).json;
    expect(shown).toMatchObject({ applied: false, count: 4, refused: [], unchanged: [] });
    expect(shown.touched[0].changes).toEqual([
      { field: "weight", from: 100, to: 40 },
      { field: "tags", from: [], to: ["india"] },
    ]);
    expect((await edit(asked)).status).toBe(400);
    expect((await edit({ ...asked, expected: 3 })).json).toMatchObject({ status: 409, reason: "changed" });
    expect((await edit({ ...asked, expected: shown.hash })).json).toMatchObject({ applied: true, count: 4 });
    expect((await edit({ ...asked, preview: true })).json).toMatchObject({ count: 0, unchanged: expect.arrayContaining(["IN_vi"]) });
  });

  test("leaves high priority out of what would stop it, and says so", async () => {
    await send("/api/pairs/import", sample);
    await house.api("PUT", "/api/pairs/UZ_uzmobile/priority");
    const asked = { filter: { all: true }, change: { active: false } };
    const shown = (await edit({ ...asked, preview: true })).json;
    expect(shown.refused).toMatchObject([{ pair: "UZ_uzmobile", why: expect.stringContaining("high priority") }]);
    expect((await edit({ ...asked, expected: 7 })).status).toBe(200);
    expect((await house.api("GET", "/api/pairs/UZ_uzmobile")).json.active).toBe(true);
    expect((await house.api("GET", "/api/pairs/UA_3mob")).json.active).toBe(false);
  });

  test("takes effect at once, without a restart of anything: the next permit is refused, and granted again", async () => {
    await send("/api/pairs/import", sample);
    const permit = () => house.api("POST", "/api/permits", { country: "AZ", operator: "azercell" }, house.operator);
    expect((await permit()).status).toBe(201);
    await edit({ filter: { country: "AZ" }, change: { active: false }, expected: 1 });
    expect((await permit()).json).toMatchObject({ status: 409, reason: "inactive" });
    await send("/api/pairs/import", "country,operator,active\nAZ,azercell,yes\n");
    expect((await permit()).status).toBe(201);
  });

  test("of nothing, without a filter, or of the priority is bad input", async () => {
    for (const body of [
      { filter: {}, change: { weight: 1 }, preview: true },
      { filter: { all: true }, change: {}, preview: true },
      { filter: { all: true }, change: { priority: false }, preview: true },
    ])
      expect((await edit(body)).status).toBe(400);
  });
});

test("the list is filtered by words, country, tag and flags; what is not known is refused", async () => {
  await send("/api/pairs/import", "country,operator,tags,active\nUZ,a,otp,yes\nUZ,b,,no\nUA,c,otp,yes\n");
  const ids = async (search: string) => (await house.api("GET", `/api/pairs?${search}`)).json.pairs?.map(({ id }: { id: string }) => id);
  expect(await ids("tag=otp&country=uz")).toEqual(["UZ_a"]);
  expect(await ids("active=false")).toEqual(["UZ_b"]);
  expect(await ids("q=ukraine")).toEqual(["UA_c"]);
  expect((await house.api("GET", "/api/pairs?wieght=1")).status).toBe(400);
});

test("the catalogue suggests the operators of a country", async () => {
  const { operators } = (await house.api("GET", "/api/operators?country=UZ&q=uzmobile", undefined, house.viewer)).json;
  expect(operators).toEqual([{ name: "UzMobile", mccmnc: ["43403", "43408"], operational: true, status: "Operational" }]);
});
