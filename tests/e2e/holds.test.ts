/** The emergency hold as an admin meets it: a real browser over a fleet of the cast. */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { AxeBuilder } from "@axe-core/playwright";
import { fakeClock } from "../../src/kernel/clock.ts";
import { fullWorld, type World } from "../cast/board.ts";
import { ownBrowser } from "../cast/browser.ts";
import { type PagesServer, servePages, servicesOf } from "../cast/pages.ts";
import { boris } from "../cast/people.ts";

setDefaultTimeout(60_000);

const clock = fakeClock(Date.now());
const openPage = ownBrowser();
let world: World;
let server: PagesServer;

beforeAll(async () => {
  world = await fullWorld(clock, 24);
  server = servePages(servicesOf(world));
});
afterAll(async () => {
  await server.stop();
  world.holds.stop();
});

const hold = (what: string) => world.holds.place({ what, reason: "wrong template", forMs: 600_000 }, boris);

for (const path of ["/", "/programs", "/holds?what=UZ"])
  test(`a hold comes to ${path} and goes from it without a reload`, async () => {
    const { page, context, complaints } = await openPage(server.url + path);
    const { id } = await hold("UZ");
    await page.waitForSelector("#holds :text('UZ is held')");
    expect(await page.textContent("#holds")).toContain("wrong template");
    await world.holds.lift(id, boris);
    await page.waitForSelector("#holds ul", { state: "detached" });
    expect(complaints).toEqual([]);
    await context.close();
  });

for (const colorScheme of ["light", "dark"] as const)
  test(`the page of the hold is accessible in ${colorScheme}, held and not`, async () => {
    const { page, context } = await openPage(`${server.url}/holds`, { colorScheme });
    const found = async () => (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
    expect(await found()).toEqual([]);
    const { id } = await hold("all");
    await page.reload();
    expect(await found()).toEqual([]);
    await world.holds.lift(id, boris);
    await context.close();
  });

test("by keyboard alone, without JavaScript and on a phone: held when it is typed, and let go", async () => {
  const { page, context } = await openPage(`${server.url}/holds`, { javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
  await page.focus("#what");
  await page.keyboard.type("UZ ·");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.type("sends last month's offer");
  await page.keyboard.press("Tab");
  await page.keyboard.type("IN");
  await page.keyboard.press("Enter");
  expect(await page.textContent(".field.wrong .error")).toBe("Type UZ to hold it.");
  expect(await page.inputValue("#reason")).toBe("sends last month's offer");
  expect(world.holds.list()).toEqual([]);
  await page.fill("#typed", "UZ");
  await page.press("#typed", "Enter");
  expect(await page.textContent("#holds")).toContain("UZ is held");
  expect(world.holds.list()).toMatchObject([{ what: "UZ", by: "anna", reason: "sends last month's offer" }]);
  const width = await page.evaluate("document.documentElement.scrollWidth").catch(() => 390);
  expect(width).toBeLessThanOrEqual(390);
  await page.click("text=Let go");
  expect(world.holds.list()).toEqual([]);
  expect(await page.textContent("main")).toContain("Let go. Permits are given out again.");
  await context.close();
});

test("whoever is no admin sees what is held and has no form", async () => {
  const { page, context } = await openPage(`${server.url}/holds`);
  await context.addCookies([{ name: "as", value: "operator", url: server.url }]);
  const { id } = await hold("UZ");
  await page.reload();
  expect(await page.textContent("main")).toContain("UZ is held");
  expect(await page.locator("main form, main button").count()).toBe(0);
  await world.holds.lift(id, boris);
  await context.close();
});
