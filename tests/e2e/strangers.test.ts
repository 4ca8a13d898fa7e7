/** The page of strangers in a real browser: accessible in both colours, on the phone, and adopting without JavaScript. */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { AxeBuilder } from "@axe-core/playwright";
import { fakeClock } from "../../src/kernel/clock.ts";
import { fullWorld } from "../cast/board.ts";
import { ownBrowser } from "../cast/browser.ts";
import { type PagesServer, servePages, servicesOf } from "../cast/pages.ts";
import { type StrangersDouble, strangerOf } from "../cast/strangers.ts";
import { until } from "../cast/until.ts";

setDefaultTimeout(60_000);

const clock = fakeClock(Date.now());
const openPage = ownBrowser();
let strangers: StrangersDouble;
let server: PagesServer;

beforeAll(async () => {
  const world = await fullWorld(clock, 32);
  const services = servicesOf(world);
  strangers = services.strangers as StrangersDouble;
  const [twin] = world.directory.sessions();
  strangers.put(
    strangerOf({
      address: "1-1",
      state: "duplicate",
      guess: { program: twin!.program, pairs: twin!.pairs, by: "name" },
      doubles: twin!.id,
    }),
    strangerOf({ address: "2-2", guess: { program: "program1", pairs: [world.directory.pairs()[3]!.id], by: "command" } }),
    strangerOf({ address: "3-3", name: "typed", state: "shell_idle", command: "-bash", refusal: "a shell" }),
    strangerOf({
      address: "4-0",
      name: "old",
      state: "dead",
      command: "",
      pid: null,
      startedAt: null,
      folder: null,
      variables: [],
      refusal: "gone",
    }),
  );
  server = servePages(services);
});

afterAll(() => server.stop());

for (const colorScheme of ["light", "dark"] as const)
  for (const path of ["/strangers", "/strangers/2-2/adoption"])
    test(`${path} in ${colorScheme} is accessible and keeps to the strict policy`, async () => {
      const { page, context, complaints } = await openPage(server.url + path, { colorScheme });
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).slice(0, 3)}`)).toEqual([]);
      expect(complaints).toEqual([]);
      await context.close();
    });

test("nothing is wider than a phone, and all of the navigation is on it", async () => {
  const { page, context } = await openPage(`${server.url}/strangers`, { viewport: { width: 390, height: 844 } });
  for (const path of ["/strangers", "/strangers/2-2/adoption"]) {
    await page.goto(server.url + path);
    expect(await page.evaluate("document.documentElement.scrollWidth"), path).toBeLessThanOrEqual(390);
    const last = await page.locator("nav a").last().boundingBox();
    expect((last?.x ?? 999) + (last?.width ?? 999), path).toBeLessThanOrEqual(390);
  }
  await context.close();
});

test("the list lives: who comes and goes is seen without a reload, a tick that was taken away stays away, and nobody is a sentence", async () => {
  const { page, context, complaints } = await openPage(`${server.url}/strangers`);
  await until("the page is live", async () => (await page.textContent("#live"))?.includes("Live"));
  const before = strangers.list();
  await page.uncheck("#stranger-2-2 input[type=checkbox]");
  strangers.put(...before.filter(({ address }) => address !== "3-3"), strangerOf({ address: "5-5", name: "just came" }));
  await page.waitForSelector("text=just came");
  expect(await page.locator("#stranger-3-3").count()).toBe(0);
  expect(await page.isChecked("#stranger-2-2 input[type=checkbox]")).toBe(false);
  strangers.put();
  await page.waitForSelector(".empty");
  expect(await page.isVisible(".stranger-table")).toBe(false);
  strangers.put(...before);
  await page.waitForSelector("#stranger-1-1");
  expect(await page.isVisible(".stranger-table")).toBe(true);
  expect(complaints).toEqual([]);
  await context.close();
});

test("the ticked are adopted without JavaScript", async () => {
  const { page, context } = await openPage(`${server.url}/strangers`, { javaScriptEnabled: false });
  await page.click("text=Adopt the ticked");
  expect(await page.textContent("main")).toContain("1 stranger is a session now. Nothing was restarted.");
  expect(strangers.list().map(({ address }) => address)).toEqual(["1-1", "3-3", "4-0"]);
  await context.close();
});
