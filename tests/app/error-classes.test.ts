/** Errors through the real house: an admin says what a code means, it counts from then on, and the numbers show it by class. */

import { expect, test } from "bun:test";
import { openHouse } from "../cast/house.ts";

const house = await openHouse();
const result = (message_id: string, error_code: string) => ({
  country: "UZ",
  operator: "uzmobile",
  message_id,
  state: "undelivered",
  error_code,
});
const form = (path: string, fields: Record<string, string>, as = house.admin) =>
  fetch(`${house.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${as}`, accept: "text/html" },
    body: new URLSearchParams(fields),
    redirect: "manual",
  });
const pageText = async (path: string) =>
  (await fetch(`${house.url}${path}`, { headers: { authorization: `Bearer ${house.admin}` } })).text();

test("shows a code nobody classified, takes its class by page, and shows it there", async () => {
  await house.api("POST", "/api/results", [result("m1", "E77"), result("m2", "E77"), result("m3", "27")]);
  const before = await house.api("GET", "/api/error-classes");
  expect(before.json).toMatchObject({ version: 0, codes: [], unclassified: [{ code: "E77", n: 2 }] });
  expect(await pageText("/errors")).toContain("nobody said yet what these codes mean");

  expect((await form("/errors/codes", { code: "E77", class: "nonsense", gateway: "", version: "0" })).status).toBe(422);
  expect((await form("/errors/codes", { code: "E77", class: "barred", gateway: "", version: "0" }, house.operator)).status).toBe(403);
  expect((await form("/errors/codes", { code: "E77", class: "barred", gateway: "", version: "0" })).status).toBe(303);
  expect((await form("/errors/codes", { code: "E78", class: "barred", gateway: "", version: "0" })).status).toBe(409);
  // The counters work errors out at most once a second.
  const { json } = await house.api("GET", "/api/metrics/realtime");
  expect(json.fleet.error_classes).toMatchObject([
    { class: "barred", n: 2, cumulative: expect.closeTo(2 / 3, 5) },
    { class: "absent", n: 1, cumulative: 1 },
  ]);
  expect(json.fleet.silence).toMatchObject({ send_seconds: expect.any(Number), receipt_seconds: expect.any(Number) });
  expect((await house.api("GET", "/api/audit")).json.acts.some((act: { verb: string }) => act.verb === "error_classes.update")).toBe(true);
});

test("takes presets for a gateway, forgets a code, and is replaced as a whole over the API", async () => {
  expect((await form("/errors/presets", { preset: "smpp", gateway: "smsc1", version: "1" })).status).toBe(303);
  expect((await form("/errors/removals", { code: "e77", gateway: "", version: "2" })).status).toBe(303);
  const { json, headers } = await house.api("GET", "/api/error-classes");
  expect(json.codes).toContainEqual({ code: "0xb", class: "invalid_number", gateway: "smsc1" });
  expect(json.codes.some((entry: { code: string }) => entry.code === "e77")).toBe(false);
  expect(headers.get("etag")).toBe('"3"');
  expect((await house.api("PUT", "/api/error-classes", { codes: [] })).json).toMatchObject({ version: 4, codes: [] });
  expect((await house.api("PUT", "/api/error-classes", { codes: [{ code: "x", class: "y" }] })).status).toBe(400);
});
