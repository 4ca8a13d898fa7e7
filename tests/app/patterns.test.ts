/** A program that knows nothing of Signalbox, in a real screen session: what it prints becomes numbers, each line once. */

import { expect, test } from "bun:test";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openHouse } from "../cast/house.ts";
import { until } from "../cast/until.ts";

const house = await openHouse();
const NAME = "printer_UZ_uzmobile";
const feed = join(house.folder, "feed");
const SAMPLE = readFileSync(join(import.meta.dir, "../cast/output-sample.log"), "utf8");
writeFileSync(feed, "");

// What is appended to the feed is what the program prints.
await house.api("POST", "/api/programs", { name: "printer", template: ["tail", "-n", "+1", "-f", feed], folder: "/tmp" });
await house.api("POST", "/api/pairs", { country: "UZ", operator: "uzmobile", programs: ["printer"] });
const { patterns: phrases } = (await house.api("GET", "/api/patterns/presets")).json.presets[0];

const print = (text: string) => appendFileSync(feed, text);
const total = async () =>
  (await house.api("GET", "/api/metrics/realtime")).json.pairs?.find((one: { pair: string }) => one.pair === "UZ_uzmobile")?.total;
const patterns = async () => (await house.api("GET", "/api/programs/printer/patterns")).json;
const running = () => until("it runs", async () => (await house.api("GET", `/api/sessions/${NAME}`)).json.state === "running");
const put = (body: unknown) => house.api("PUT", "/api/programs/printer/patterns", body);
const sent = (n: number) => until(`${n} are sent`, async () => (await total())?.sent === n);

test("what was printed before there were patterns is not counted, and the sample's lines are, with the preset", async () => {
  await running();
  print("2026-01-01 10:00:00 +998901234567 OTP sent successfully id=old1\n");
  await until("it is printed", async () => (await house.api("GET", `/api/sessions/${NAME}/output`)).json.lines.length === 1);
  expect((await put({ patterns: phrases })).status).toBe(200);
  print(SAMPLE);
  await sent(3);
  const { attempts, delivered, undelivered, failed } = await total();
  expect({ attempts, delivered, undelivered, failed }).toEqual({ attempts: 4, delivered: 1, undelivered: 1, failed: 1 });
  expect((await patterns()).patterns.map(({ matched }: { matched: number }) => matched)).toEqual([3, 1, 1, 1, 1]);
});

test("a line is counted once when Signalbox goes and comes, and what was printed meanwhile is counted too", async () => {
  await house.reopen(() => print("+998901234567 OTP sent successfully id=away1\n"));
  await sent(4);
  print("+998901234567 OTP sent successfully id=away2\n");
  await sent(5);
  expect((await patterns()).duplicate).toBe(0);
});

test("an admin edits, an operator tries, a viewer reads; two editors meet; what is wrong names its place", async () => {
  const body = { patterns: phrases };
  expect((await house.api("PUT", "/api/programs/printer/patterns", body, house.operator)).status).toBe(403);
  expect((await house.api("POST", "/api/programs/printer/patterns/test", { lines: [] }, house.viewer)).status).toBe(403);
  expect((await house.api("GET", "/api/programs/printer/patterns", undefined, house.viewer)).status).toBe(200);
  expect((await house.api("GET", "/api/programs/nobody/patterns")).status).toBe(404);
  const bad = await put({ patterns: [phrases[0], { regex: "(a)\\1", state: "submitted" }] });
  expect(bad).toMatchObject({ status: 400, json: { errors: [{ field: "patterns.1.regex" }] } });
  const stale = await fetch(`${house.url}/api/programs/printer/patterns`, {
    method: "PUT",
    headers: { authorization: `Bearer ${house.admin}`, "content-type": "application/json", "if-match": '"7"' },
    body: JSON.stringify(body),
  });
  expect(stale.status).toBe(409);
});

test("the box tries the last lines of a session: raw for the patterns, masked for the eye; stores nothing", async () => {
  const before = await total();
  const { status, json } = await house.api("POST", "/api/programs/printer/patterns/test", { session: NAME }, house.operator);
  expect(status).toBe(200);
  const first = json.lines.find(({ pattern }: { pattern: number | null }) => pattern !== null);
  expect(first).toMatchObject({ pattern: 1, state: "submitted", pair: "UZ_uzmobile", n: 1 });
  expect(JSON.stringify(json)).not.toContain("998901234567");
  expect(json.matched).toBeGreaterThanOrEqual(8);

  // The same by a form, as a browser without JavaScript sends it.
  const form = new URLSearchParams({ patterns: "delivered  (?<message_id>\\w+) delivered", ids: "program", lines: "", session: NAME });
  const page = await fetch(`${house.url}/programs/printer/patterns/trials`, {
    method: "POST",
    headers: { authorization: `Bearer ${house.operator}`, "content-type": "application/x-www-form-urlencoded" },
    body: form,
  });
  const text = await page.text();
  expect(page.status).toBe(200);
  expect(text).toContain("Would count 1 delivered.");
  expect(text).not.toContain("998901234567");
  expect(await total()).toEqual(before);
});

test("patterns that are taken away end the counting; set again, it begins with what is printed then", async () => {
  const { sent: before } = await total();
  expect((await put({ patterns: [] })).json.patterns).toEqual([]);
  print("+998901234567 OTP sent successfully id=unseen\n");
  await until("it is printed", async () => {
    const { json } = await house.api("GET", `/api/sessions/${NAME}/output`);
    return json.lines.some((line: string) => line.includes("unseen"));
  });
  await put({ patterns: phrases });
  print("+998901234567 OTP sent successfully id=seen\n");
  await sent(before + 1);
  expect((await patterns()).lines).toBe(1);
});

test("a program that posts as well is told of, and the list says what it is measured by", async () => {
  const { measured_by } = (await house.api("GET", "/api/programs/printer")).json;
  expect([measured_by, (await patterns()).also_posts]).toEqual(["output", false]);
  const { token } = (await house.api("POST", "/api/tokens", { name: "posting", scopes: ["results"], program: "printer" })).json;
  await house.api("POST", "/api/results", { country: "UZ", operator: "uzmobile", message_id: "posted", state: "submitted" }, token);
  expect((await patterns()).also_posts).toBe(true);
});
