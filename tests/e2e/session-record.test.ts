/** Renaming a session and releasing an adopted one, by their page: real screens, a real browser, with and without JavaScript. */

import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { ACCESS_COOKIE } from "../../src/http/cookies.ts";
import { ownBrowser, type Seen } from "../cast/browser.ts";
import { openHouse } from "../cast/house.ts";
import { screenByHand } from "../cast/screens.ts";
import { until } from "../cast/until.ts";

setDefaultTimeout(60_000);

const openPage = ownBrowser();
const house = await openHouse();

beforeAll(async () => {
  await house.api("POST", "/api/programs", { name: "sender", template: ["sleep", "600"], folder: "/tmp" });
  await house.api("POST", "/api/pairs", { country: "UZ", operator: "uzmobile", programs: ["sender"] });
  await house.api("POST", "/api/pairs", { country: "IN", operator: "vi" });
  await running("sender_UZ_uzmobile");
});

const running = (name: string) =>
  until(`${name} runs`, async () => {
    const { json } = await house.api("GET", `/api/sessions/${name}`);
    return json.state === "running" ? json : null;
  });

async function look(path: string, options: Parameters<typeof openPage>[1] & { as?: string } = {}): Promise<Seen> {
  const { as = house.operator, ...more } = options;
  const seen = await openPage(`${house.url}/healthz`, more);
  await seen.context.addCookies([{ name: ACCESS_COOKIE, value: as, url: house.url }]);
  await seen.page.goto(house.url + path);
  return seen;
}

test("a session is renamed in a dialog; a name that is none is said beside the field", async () => {
  const before = await running("sender_UZ_uzmobile");
  const { page, context, complaints } = await look("/sessions/sender_UZ_uzmobile");
  await page.click("text=Rename");
  await page.waitForSelector("dialog[open] #name");
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await page.fill("#name", "no name");
  await page.click("dialog button[type=submit]");
  await page.waitForSelector("#name-error");
  await page.fill("#name", "sender-renamed");
  await page.click("form.confirm button[type=submit]");
  await page.waitForSelector("text=Renamed; its program runs on.");
  expect(new URL(page.url()).pathname).toBe("/sessions/sender-renamed");
  await page.waitForSelector("text=its program was started as sender_UZ_uzmobile");
  expect((await running("sender-renamed")).pid).toBe(before.pid);
  expect(complaints.filter((line) => !line.includes("422"))).toEqual([]);
  await context.close();
});

test("an adopted session is released without JavaScript: its program goes on, and is a stranger again", async () => {
  const screenPid = await screenByHand(join(house.folder, "screens"), "program1 IN vi", ["sleep", "611"]);
  const [stranger] = await until("it is found", async () => {
    const found = (await house.api("GET", "/api/strangers")).json.strangers;
    return found.length === 1 && found[0].command.startsWith("sleep") ? found : null;
  });
  await house.api("POST", `/api/strangers/${stranger.stranger}/adoption`, { program: "sender", pairs: ["IN_vi"] });
  const { pid, adopted } = await running("sender_IN_vi");
  expect([adopted, pid]).toEqual([true, stranger.pid]);

  const { page, context } = await look("/sessions/sender_IN_vi", { javaScriptEnabled: false });
  await page.click("text=Release");
  expect(await page.textContent("form.confirm")).toContain("goes on by itself");
  await page.click("form.confirm button[type=submit]");
  expect(new URL(page.url()).pathname).toBe("/strangers");
  expect(await page.textContent("main")).toContain("Released: the program goes on by itself");
  expect(await page.textContent(`#stranger-${stranger.stranger}`)).toContain("program1 IN vi");
  expect(existsSync(`/proc/${pid}`)).toBe(true);
  expect(existsSync(join(house.folder, "screens", `${screenPid}.program1 IN vi`))).toBe(true);
  await context.close();
});

test("what Signalbox started has no Release, and a viewer has neither", async () => {
  const own = await look("/sessions/sender-renamed");
  expect(await own.page.locator("text=Release").count()).toBe(0);
  await own.page.goto(`${house.url}/sessions/sender-renamed/release`);
  expect(await own.page.textContent("main")).toContain("only what was adopted can be released");
  await own.context.close();
  const viewer = await look("/sessions/sender-renamed", { as: house.viewer });
  expect(await viewer.page.locator("a:has-text('Rename')").count()).toBe(0);
  expect((await viewer.page.goto(`${house.url}/sessions/sender-renamed/name`))?.status()).toBe(403);
  await viewer.context.close();
});
