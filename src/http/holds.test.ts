import { expect, test } from "bun:test";
import { openHouse } from "../../tests/cast/house.ts";

const house = await openHouse();
await house.api("POST", "/api/pairs", { country: "UZ", operator: "uzmobile" });
await house.api("PUT", "/api/pairs/UZ_uzmobile/priority");
await house.api("POST", "/api/programs", { name: "billing", template: "sleep 1", folder: "/tmp" });
const made = await house.api("POST", "/api/tokens", { name: "billing", scopes: ["permits"], program: "billing" });
const token: string = made.json.token;
const ask = (wait_ms = 0) => house.api("POST", "/api/permits", { country: "UZ", operator: "uzmobile", wait_ms }, token);
const page = (path: string, as = house.viewer) =>
  fetch(`${house.url}${path}`, { headers: { authorization: `Bearer ${as}`, accept: "text/html" } }).then((answer) => answer.text());
const form = (path: string, fields: Record<string, string>, as = house.admin) =>
  fetch(`${house.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${as}` },
    body: new URLSearchParams(fields),
    redirect: "manual",
  });

test("a hold by the API stops high priority at once, stands on every page, outlives a restart, and ends by DELETE", async () => {
  const made = await house.api("POST", "/api/holds", { what: "UZ", reason: "wrong <template>", for_seconds: 600 });
  expect(made).toMatchObject({ status: 201, json: { scope: "country", what: "UZ", by: "admin" } });
  expect(await ask(5_000)).toMatchObject({ status: 409, json: { reason: "held" } });
  for (const path of ["/", "/sessions", "/pairs", "/permits", "/programs", "/countries", "/holds"]) {
    const text = await page(path);
    expect([path, text.includes("UZ is held"), text.includes("wrong &lt;template&gt;")]).toEqual([path, true, true]);
  }
  await house.reopen();
  expect(await ask()).toMatchObject({ status: 409, json: { reason: "held" } });
  expect((await house.api("DELETE", `/api/holds/${made.json.id}`)).status).toBe(204);
  expect((await ask()).status).toBe(201);
  expect(await page("/")).not.toContain("is held");
  const acts = (await house.api("GET", "/api/audit?limit=20")).json.acts as { verb: string; reason: string | null }[];
  expect(acts.filter(({ verb }) => verb.startsWith("hold.")).map(({ verb }) => verb)).toEqual(["hold.lift", "hold.place"]);
});

test("only an admin holds and lets go; everybody sees what is held", async () => {
  const hold = { what: "all", reason: "x", for_seconds: 60 };
  expect((await house.api("POST", "/api/holds", hold, house.operator)).status).toBe(403);
  expect((await house.api("DELETE", "/api/holds/h_1", undefined, house.operator)).status).toBe(403);
  expect((await house.api("GET", "/api/holds", undefined, house.viewer)).json).toEqual({ holds: [] });
  expect((await form("/holds", { what: "all", typed: "all", reason: "x", minutes: "5" }, house.operator)).status).toBe(403);
  expect(await page("/holds")).not.toContain("<select");
});

const wrong: [string, Record<string, unknown>][] = [
  ["no reason", { what: "UZ", for_seconds: 60 }],
  ["no end", { what: "UZ", reason: "x" }],
  ["two ends", { what: "UZ", reason: "x", for_seconds: 60, until: new Date(Date.now() + 60_000).toISOString() }],
  ["an end behind us", { what: "UZ", reason: "x", until: "2020-01-01T00:00:00Z" }],
  ["an end in two days", { what: "UZ", reason: "x", until: new Date(Date.now() + 172_800_000).toISOString() }],
  ["nothing we know", { what: "everything!", reason: "x", for_seconds: 60 }],
];
for (const [why, body] of wrong)
  test(`a hold with ${why} is refused with the field`, async () => {
    const answer = await house.api("POST", "/api/holds", body);
    expect([answer.status, answer.json.errors.length > 0]).toEqual([400, true]);
  });

test("by the page an admin types what is held, and nothing is held without", async () => {
  const fields = { what: "UZ_uzmobile", reason: "complaints", minutes: "5" };
  for (const typed of ["", "UZ", "uz_uzmobile"]) {
    const answer = await form("/holds", { ...fields, typed });
    expect([answer.status, (await answer.text()).includes("Type UZ_uzmobile to hold it.")]).toEqual([422, true]);
  }
  expect((await house.api("GET", "/api/holds")).json.holds).toEqual([]);
  expect((await form("/holds", { ...fields, typed: "UZ_uzmobile" })).headers.get("location")).toBe("/holds?done=held");
  const [held] = (await house.api("GET", "/api/holds")).json.holds;
  expect(held).toMatchObject({ scope: "pair", what: "UZ_uzmobile", reason: "complaints" });
  expect((await form(`/holds/${held.id}/ends`, {})).status).toBe(303);
  expect((await house.api("GET", "/api/holds")).json.holds).toEqual([]);
});

test("the banner comes and goes by the stream, with no page asked for", async () => {
  const leave = new AbortController();
  const stream = await fetch(`${house.url}/events?topics=holds`, {
    headers: { authorization: `Bearer ${house.viewer}` },
    signal: leave.signal,
  });
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  const until = async (words: (text: string) => boolean) => {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) throw new Error("the stream ended");
      const told = value.split("event: holds")[1];
      if (told !== undefined && words(told)) return;
    }
  };
  await until((text) => !text.includes("is held"));
  const { id } = (await house.api("POST", "/api/holds", { what: "all", reason: "x", for_seconds: 60 })).json;
  await until((text) => text.includes("Everything is held"));
  await house.api("DELETE", `/api/holds/${id}`);
  await until((text) => !text.includes("is held"));
  leave.abort();
});

test("a session whose pairs are held is not silent", async () => {
  const { directory, holds, permits } = house.app.services;
  expect(directory.pair("UZ_uzmobile")?.priority).toBe(true);
  expect(permits.proof("UZ").limit).toBeGreaterThan(permits.proof("UZ").used);
  expect(house.app.services.traffic.freeSlots("UZ_uzmobile")).toBeGreaterThan(0);
  const { id } = await holds.place({ what: "UZ", reason: "x", forMs: 60_000 }, { name: "anna", from: "self" });
  expect(house.app.services.traffic.freeSlots("UZ_uzmobile")).toBe(0);
  await holds.lift(id, { name: "anna", from: "self" });
});
