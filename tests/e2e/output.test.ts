/** The output of a session as somebody looks at it: a real program in a real screen, a real browser. */

import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { ACCESS_COOKIE } from "../../src/http/cookies.ts";
import { ownBrowser, type Seen } from "../cast/browser.ts";
import { openHouse } from "../cast/house.ts";
import { until } from "../cast/until.ts";

setDefaultTimeout(60_000);

const NAME = "feeder_UZ_uzmobile";
const PATH = `/sessions/${NAME}/output`;
const openPage = ownBrowser();
const house = await openHouse();
const feed = join(house.folder, "feed");
const print = (...lines: string[]) => appendFileSync(feed, lines.map((line) => `${line}\n`).join(""));

beforeAll(async () => {
  writeFileSync(feed, "");
  const template = ["sh", "-c", 'echo "begin of $SIGNALBOX_RUN"; exec tail -n +1 -f feed'];
  await house.api("POST", "/api/programs", { name: "feeder", template, folder: house.folder });
  await house.api("POST", "/api/pairs", { country: "UZ", operator: "uzmobile", programs: ["feeder"] });
  print(
    ...Array.from({ length: 1_500 }, (_, i) => `line ${i} to +998901234567`),
    "\x1b[31mERROR one\x1b[0m <b>bold</b>",
    "after the error",
  );
  await until("the program's lines are kept", async () => (await output()).at(-1) === "after the error");
});

async function output(): Promise<string[]> {
  return (await house.api("GET", `/api${PATH}`)).json.lines ?? [];
}

async function look(path: string, options: Parameters<typeof openPage>[1] = {}): Promise<Seen> {
  const seen = await openPage(`${house.url}/healthz`, options);
  await seen.context.addCookies([{ name: ACCESS_COOKIE, value: house.viewer, url: house.url }]);
  await seen.page.goto(house.url + path);
  return seen;
}

const tail = async (page: Page) => ((await page.textContent(".tail")) ?? "").replace(/\n$/, "").split("\n");

async function isLive(page: Page): Promise<void> {
  await until("the page is live", async () => (await page.textContent("#live"))?.includes("Live"));
}

test("the end follows what is printed, waits while it is paused, and goes on with what was printed meanwhile", async () => {
  const { page, context, complaints } = await look(PATH);
  await isLive(page);
  expect((await tail(page)).slice(-2)).toEqual(["ERROR one <b>bold</b>", "after the error"]);
  print("news 1");
  await until("news are followed", async () => (await tail(page)).at(-1) === "news 1");
  await page.click("text=Pause");
  print("news 2", "news 3 to +998901234567");
  await page.waitForSelector("text=Go on: 2 new");
  expect((await tail(page)).at(-1)).toBe("news 1");
  await page.click("text=Go on: 2 new");
  expect((await tail(page)).slice(-3)).toEqual(["news 1", "news 2", "news 3 to +99890••••67"]);
  expect(await page.getAttribute("[data-pause]", "aria-pressed")).toBe("false");
  expect(complaints).toEqual([]);
  await context.close();
});

test("what stood before is loaded above, until the first line, and nothing is missing or twice", async () => {
  const { page, context, complaints } = await look(PATH);
  await isLive(page);
  for (let i = 0; i < 3; i++) {
    const before = (await tail(page)).length;
    await page.click("text=Load earlier");
    await until("more is there", async () => (await tail(page)).length > before);
  }
  await page.waitForSelector("text=from the first line that is kept");
  const lines = await tail(page);
  expect(lines[0]).toMatch(/^begin of r_/);
  expect(lines.slice(1, 1501)).toEqual(Array.from({ length: 1_500 }, (_, i) => `line ${i} to +99890••••67`));
  expect(complaints).toEqual([]);
  await context.close();
});

test("a connection that was lost leaves no hole and doubles nothing", async () => {
  const { page, context } = await look(`/sessions/${NAME}`);
  await isLive(page);
  const { json } = await house.api("GET", "/api/auth/logins", undefined, house.viewer);
  house.app.services.access.logins.ended.publish(json.logins.map((login: { id: string }) => login.id));
  print("while away 1", "while away 2");
  await until("the loss is noticed", async () => (await page.textContent("#live-said")) === "live again");
  await until("the hole is closed", async () => (await tail(page)).at(-1) === "while away 2");
  const lines = await tail(page);
  expect(lines.filter((line) => line.startsWith("while away"))).toEqual(["while away 1", "while away 2"]);
  expect(lines.filter((line) => line === "after the error")).toHaveLength(1);
  await context.close();
});

test("who joins while somebody follows already gets what was printed since its page was drawn", async () => {
  const join = async () => {
    const headers = { authorization: `Bearer ${house.viewer}` };
    const answer = await fetch(`${house.url}/events?topics=session:${NAME}`, { headers });
    const reader = answer.body!.getReader();
    const first = new TextDecoder().decode((await reader.read()).value);
    return { first, leave: () => reader.cancel() };
  };
  const early = await join();
  print("printed before the second came");
  await until("it is kept", async () => (await output()).at(-1) === "printed before the second came");
  const late = await join();
  expect(late.first).toContain("printed before the second came");
  await Promise.all([early.leave(), late.leave()]);
});

test("without JavaScript it is a page with links: the end, stretches before it, a search, older runs", async () => {
  const { page, context } = await look(PATH, { javaScriptEnabled: false });
  expect(await page.isVisible("[data-pause]")).toBe(false);
  expect(await tail(page)).toHaveLength(500);
  await page.click("text=Load earlier");
  expect((await tail(page)).some((line) => line.startsWith("line 900 "))).toBe(true);
  await page.click("text=To the end");
  await page.fill("#search", "error one");
  await page.click("text=Show");
  await page.waitForURL(/search=/);
  expect(await page.textContent("span[role=status]:not(.hush)")).toBe("1 line holds “error one”.");
  expect(await page.textContent("mark")).toBe("ERROR one");
  expect(await page.textContent(".place")).toContain("line 1499 to +99890••••67");
  await page.fill("#search", "901234567");
  await page.click("text=Show");
  expect(await page.textContent("span[role=status]:not(.hush)")).toContain("No line holds");
  await context.close();
});

test("an older run is chosen, is not live, and is saved masked", async () => {
  const first = (await house.api("GET", `/api${PATH}/runs`)).json.runs[0].run as string;
  await house.api("POST", `/api/sessions/${NAME}/restarts`, {});
  await until(
    "the next run prints",
    async () => (await house.api("GET", `/api${PATH}/runs`)).json.runs.length === 2 && (await output()).length > 1,
  );
  const { page, context, complaints } = await look(PATH);
  await page.selectOption("#run", first);
  await page.click("text=Show");
  expect(new URL(page.url()).searchParams.get("run")).toBe(first);
  expect(await page.isVisible("#live")).toBe(false);
  const downloading = page.waitForEvent("download");
  await page.click("text=Download");
  const download = await downloading;
  expect(download.suggestedFilename()).toBe(`${NAME}-${first}.log`);
  const text = await Bun.file((await download.path())!).text();
  expect(text.split("\n")[0]).toBe(`begin of ${first}`);
  expect(text).toContain("line 1499 to +99890••••67\nERROR one <b>bold</b>\n");
  expect(text).not.toContain("901234567");
  expect(complaints).toEqual([]);
  await context.close();
});

test("a search counts every match and shows the newest; bad input is refused in words", async () => {
  const { json } = await house.api("GET", `/api${PATH}?search=line&tail=3&around=1`);
  expect(json.matches).toBeGreaterThan(1_499);
  expect(json.lines).toHaveLength(3);
  expect(json.places.flat().map((line: { text: string }) => line.text)).toContain(json.lines[0]);
  expect((await house.api("GET", `/api${PATH}?before=nonsense`)).status).toBe(400);
  expect((await house.api("GET", `/api${PATH}?run=r_none`)).status).toBe(404);
  expect((await house.api("GET", `/api${PATH}?run=../../x`)).status).toBe(400);
  expect((await house.api("GET", `/api${PATH}/text`, undefined, null)).status).toBe(401);
});

for (const colorScheme of ["light", "dark"] as const)
  for (const query of ["", "?search=error&around=2", "?search=nothing"])
    test(`the page${query} in ${colorScheme} is accessible, and no wider than a phone`, async () => {
      const { page, context, complaints } = await look(PATH + query, { colorScheme, viewport: { width: 390, height: 844 } });
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).slice(0, 3)}`)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
      expect(complaints).toEqual([]);
      await context.close();
    });
