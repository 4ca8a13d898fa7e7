/** Messages one by one through the real house: by id, by gateway id, by phone number, with their story; what does not fit together is listed. */

import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openHouse } from "../cast/house.ts";

const house = await openHouse();
const PHONE = "+998 90 123-45-67";
const DIGITS = "998901234567";

const result = (message_id: string, state: string, more = {}) => ({
  country: "UZ",
  operator: "uzmobile",
  message_id,
  state,
  ...more,
});
const report = (...items: object[]) => house.api("POST", "/api/results", items);
const search = (wanted: object) => house.api("POST", "/api/messages/searches", wanted);
const page = (path: string, as: string, form?: Record<string, string>) =>
  fetch(`${house.url}${path}`, {
    method: form ? "POST" : "GET",
    headers: { authorization: `Bearer ${as}`, accept: "text/html" },
    body: form ? new URLSearchParams(form) : undefined,
    redirect: "manual",
  });

await report(
  result("m-1", "submitted", { phone: PHONE, gateway: "smsc1", gateway_message_id: "00ff", permit_id: "p_none" }),
  result("m-2", "delivered", { phone: PHONE }),
  result("m-2", "rejected", { error_code: "8" }),
);

test("tells the story of a message: when, by whom, what moved and what did not", async () => {
  await house.api("POST", "/api/receipts/smsc1", { gateway_message_id: "255", state: "DELIVRD", msisdn: DIGITS });
  const { json } = await house.api("GET", "/api/messages/m-1");
  expect(json.message).toMatchObject({ state: "delivered", phone: "+9989******67", gateway_message_id: "00ff", permit_id: "p_none" });
  expect(json.reports).toMatchObject([
    { state: "submitted", from: null, to: "submitted", told_by: "manual", why_not: null },
    { state: "delivered", from: "submitted", to: "delivered", told_by: "gateway:smsc1", late: false },
  ]);
  expect(json.reports[1].latency_ms).toBeGreaterThanOrEqual(0);
  expect(json.reports[1].raw).not.toContain(DIGITS);
  expect((await house.api("GET", "/api/messages/m-2")).json.reports[1]).toMatchObject({
    state: "rejected",
    to: null,
    why_not: "contradiction",
  });
  expect((await house.api("GET", "/api/messages/nobody")).status).toBe(404);
});

test("finds messages by phone number as a person writes it, by gateway id and by id", async () => {
  for (const phone of [PHONE, DIGITS, `00${DIGITS}`]) {
    const { json } = await search({ phone });
    expect(json.messages.map((one: { message_id: string }) => one.message_id).sort()).toEqual(["m-1", "m-2"]);
  }
  expect((await search({ gateway_message_id: "FF" })).json.messages).toMatchObject([{ message_id: "m-1" }]);
  expect((await search({ message_id: "m-2" })).json.messages).toMatchObject([{ message_id: "m-2" }]);
  expect((await search({ phone: "998900000000" })).json.messages).toEqual([]);
  expect((await search({ phone: "12" })).status).toBe(400);
  expect((await search({})).status).toBe(400);
  expect((await house.api("POST", "/api/messages/searches", { phone: PHONE }, house.viewer)).status).toBe(403);
});

test("says which programs when two use the same id", async () => {
  const token = async (program: string) => {
    await house.api("POST", "/api/programs", { name: program, template: ["true"], folder: "/tmp" });
    return (await house.api("POST", "/api/tokens", { name: program, program, scopes: ["results"] })).json;
  };
  for (const program of ["program1", "program2"]) {
    const made = await token(program);
    await house.api("POST", "/api/results", result("same", "submitted"), made.token);
  }
  const { status, json } = await house.api("GET", "/api/messages/same");
  expect([status, json.detail]).toEqual([409, expect.stringContaining("program1")]);
  expect((await house.api("GET", "/api/messages/same?program=program2")).json.message.program).toBe("program2");
});

test("the page finds by what is typed; the number stands in no address and on no page", async () => {
  const empty = await page("/messages", house.operator);
  expect(await empty.text()).toContain("Every receipt found its message.");
  const found = await page("/messages/searches", house.operator, { q: PHONE });
  const text = await found.text();
  expect([found.status, found.headers.get("cache-control")]).toEqual([200, "no-store"]);
  expect(text).toContain("m-1");
  expect(text).toContain("m-2");
  expect(text.replaceAll(/\D/g, "")).not.toContain(DIGITS);
  const one = await page("/messages/searches", house.operator, { q: "00FF" });
  expect([one.status, one.headers.get("location")]).toEqual([303, "/messages/manual/m-1"]);
  const story = await (await page("/messages/manual/m-2", house.operator)).text();
  expect(story).toContain("Contradiction: another end stands already.");
  expect(await (await page("/messages/searches", house.operator, { q: "nobody" })).text()).toContain("No message found");
  expect((await page("/messages/searches", house.operator, { q: "" })).status).toBe(422);
  expect((await page("/messages", house.viewer)).status).toBe(403);
});

test("lists contradictions and, after ten minutes, receipts without a message", async () => {
  const { json } = await house.api("GET", "/api/contradictions");
  expect(json.contradictions).toMatchObject([{ message_id: "m-2", stands: "delivered", told: "rejected", error_code: "8" }]);
  expect((await house.api("POST", "/api/receipts/smsc1", { gateway_message_id: "lost", state: "expired" })).json).toMatchObject({
    waiting: 1,
  });
  expect((await house.api("GET", "/api/orphans")).json).toEqual({ orphans: [], next_cursor: null });
  expect((await house.api("POST", "/api/receipts/smsc1", { state: "expired" })).status).toBe(400);
});

test("a phone number is nowhere on disk", async () => {
  const data = house.config.dataDir;
  const files = readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) expect(readFileSync(join(file.parentPath, file.name)).includes(DIGITS)).toBe(false);
});
