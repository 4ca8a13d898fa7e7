/** The pages of results in a real browser, over a house that has lived a day and one that has not begun: readable by all, with and without scripts. */

import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { AxeBuilder } from "@axe-core/playwright";
import { ACCESS_COOKIE } from "../../src/http/cookies.ts";
import { ownBrowser } from "../cast/browser.ts";
import { type House, openHouse } from "../cast/house.ts";
import { lived } from "../cast/traffic.ts";

setDefaultTimeout(60_000);

const openPage = ownBrowser();
const house = await openHouse();
const fresh = await openHouse();

/** As the browser of an admin who has logged in. */
const asAdmin = ({ url, admin }: House) => ({
  storageState: {
    cookies: [
      {
        name: ACCESS_COOKIE,
        value: admin,
        domain: new URL(url).hostname,
        path: "/",
        expires: -1,
        httpOnly: true,
        secure: false,
        sameSite: "Strict" as const,
      },
    ],
    origins: [],
  },
});
const as = asAdmin(house);

beforeAll(async () => {
  await house.api("POST", "/api/programs", { name: "program1", template: ["sleep", "60"], folder: "/" });
  await lived(house, { pairs: 16, messages: 1_200 });
});

const PATHS = [
  "/messages",
  "/messages/manual/m-99",
  "/errors",
  "/gateways",
  "/history?by=pair&from=-7d&interval=1d",
  "/history?country=UZ",
  "/settings",
  "/programs/program1/patterns",
  "/api/docs",
];

/** All of it at once: one that opens leaves the list of those that are closed, so a walk along that list misses every other. */
const UNFOLD = `for (const folded of document.querySelectorAll("main details")) folded.open = true`;

describe("every page of results", () => {
  for (const colorScheme of ["light", "dark"] as const)
    for (const path of PATHS)
      test(`${path} in ${colorScheme} is accessible and keeps to the strict policy`, async () => {
        const { page, context, complaints } = await openPage(house.url + path, { colorScheme, ...as });
        expect(await page.textContent("h1")).not.toBe("");
        // What is folded away must be as good as what is not.
        await page.evaluate(UNFOLD);
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).slice(0, 3)}`)).toEqual([]);
        expect(complaints).toEqual([]);
        await context.close();
      });

  test("has something to say to a house that has not begun", async () => {
    const { page, context, complaints } = await openPage(fresh.url, asAdmin(fresh));
    for (const path of ["/messages", "/errors", "/gateways", "/history", "/settings"]) {
      await page.goto(fresh.url + path);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect([path, violations.map(({ id }) => id)]).toEqual([path, []]);
      expect((await page.textContent("main"))!.length, path).toBeGreaterThan(100);
    }
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("fits on a phone", async () => {
    const { page, context } = await openPage(house.url, { viewport: { width: 390, height: 844 }, ...as });
    for (const path of PATHS) {
      await page.goto(house.url + path);
      await page.evaluate(UNFOLD);
      expect(await page.evaluate(`document.documentElement.scrollWidth`), path).toBeLessThanOrEqual(390);
    }
    await context.close();
  });
});

describe("without JavaScript", () => {
  const bare = { javaScriptEnabled: false, ...as };

  test("a message is found by its number and its story is read", async () => {
    const { page, context } = await openPage(`${house.url}/messages`, bare);
    await page.fill("input[name=q]", "+998 90 100-00-99");
    await page.press("input[name=q]", "Enter");
    await page.waitForURL(/\/messages\/manual\/m-99$/);
    const story = await page.textContent("main");
    for (const words of ["submitted", "rejected", "2053", "smsc"]) expect(story).toContain(words);
    expect(page.url()).not.toContain("998");
    await context.close();
  });

  test("a code gets its class, and loses it again", async () => {
    const { page, context } = await openPage(`${house.url}/errors`, bare);
    await page.fill("input[name=code]", "E77");
    await page.selectOption("select[name=class]", "barred");
    await page.locator("form[action='/errors/codes'] button").first().click();
    await page.waitForURL(/\/errors/);
    expect((await house.api("GET", "/api/error-classes")).json.codes).toMatchObject([{ code: "e77", class: "barred" }]);
    await page.locator("form[action='/errors/removals'] button").first().click();
    await page.waitForURL(/\/errors/);
    expect((await house.api("GET", "/api/error-classes")).json.codes).toEqual([]);
    await context.close();
  });

  test("a range is asked for, read as a table, narrowed, and taken along as CSV", async () => {
    const { page, context } = await openPage(`${house.url}/history`, bare);
    await page.selectOption("select[name=of]", "country:UZ");
    await page.fill("input[name=from]", "-2d");
    await page.click("form.history-asked button");
    await page.waitForURL(/of=country/);
    expect(await page.textContent("h1")).toContain("Uzbekistan");
    await page.click("#by tbody tr:first-child a");
    await page.waitForURL(/pair=UZ_/);
    await page.click("details.history-table summary");
    expect(await page.locator("details.history-table tbody tr").count()).toBeGreaterThan(1);
    const [sheet] = await Promise.all([page.waitForEvent("download"), page.click("details.history-table a.button")]);
    expect(sheet.suggestedFilename()).toStartWith("history-UZ_");
    await context.close();
  });

  test("how long results are kept is set, and what cannot be is said beside its field", async () => {
    const { page, context } = await openPage(`${house.url}/settings`, bare);
    await page.fill("input[name=messages]", "1");
    await page.click("form[action='/settings'] button");
    expect(await page.locator("input[name=messages]").getAttribute("aria-invalid")).toBe("true");
    expect(await page.inputValue("input[name=messages]")).toBe("1");
    await page.fill("input[name=messages]", "45");
    await page.click("form[action='/settings'] button");
    expect(await page.locator("[aria-invalid=true]").count()).toBe(0);
    expect((await house.api("GET", "/api/settings")).json).toMatchObject({ kept_days: { messages: 45 } });
    await context.close();
  });
});
