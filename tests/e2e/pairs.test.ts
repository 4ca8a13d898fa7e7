/** The pages of pairs as an operator meets them: a real browser, with and without scripts, with two at once, with a phone, and with 1,000 pairs. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { fakeClock } from "../../src/kernel/clock.ts";
import { previewPairs } from "../../src/pairs/selection.ts";
import { fullWorld, type World } from "../cast/board.ts";
import { ownBrowser } from "../cast/browser.ts";
import { type PagesServer, servePages, servicesOf } from "../cast/pages.ts";
import { boris } from "../cast/people.ts";
import { until } from "../cast/until.ts";

setDefaultTimeout(120_000);

const clock = fakeClock(Date.now());
const openPage = ownBrowser();
const SAMPLE = join(import.meta.dir, "../cast/pairs-sample.csv");
let world: World;
let server: PagesServer;

beforeAll(async () => {
  world = await fullWorld(clock, 16);
  server = servePages(servicesOf(world));
});
afterAll(() => server.stop());

const pair = (id: string) => world.directory.pair(id)!;
const focused = (page: Page) => page.evaluate("document.activeElement.closest('tr')?.id");

describe("every page of pairs", () => {
  for (const { colorScheme, viewport } of [
    { colorScheme: "light", viewport: { width: 1440, height: 900 } },
    { colorScheme: "dark", viewport: { width: 390, height: 844 } },
  ] as const)
    test(`has no fault of accessibility, complaint or sideways scrolling: ${colorScheme}, ${viewport.width} px`, async () => {
      const { page, context, complaints } = await openPage("about:blank", { colorScheme, viewport });
      const look = async (what: string) => {
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect([what, ...violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).slice(0, 3)}`)]).toEqual([what]);
        expect([what, await page.evaluate("document.documentElement.scrollWidth <= innerWidth")]).toEqual([what, true]);
      };
      const weight = colorScheme === "light" ? 41 : 42;
      const { edits } = await previewPairs({ country: "UA" }, { weight }, world.directory, clock.now());
      const batch = `/pairs/batches/${(await world.batches.store(edits, boris, { kind: "edit", reason: "evening" }))!.id}`;
      for (const path of [
        "/pairs",
        "/pairs/edits?country=UZ&weight=40&set_active=no",
        "/pairs/import",
        "/countries",
        "/gateways",
        "/pairs/batches",
        batch,
      ]) {
        await page.goto(server.url + path);
        await look(path);
      }
      await page.goto(`${server.url}/pairs?q=uz`);
      await page.locator("#pair-UZ_mobiuz [data-edits]").click();
      await page.locator("#weight-UZ_mobiuz").waitFor();
      await look("a row that is edited");
      await world.roster.changePair("UZ_mobiuz", { weight: pair("UZ_mobiuz").weight + 1 }, boris);
      await page.locator("#weight-UZ_mobiuz").fill("7");
      await page.locator("#pair-UZ_mobiuz button[type=submit]").click();
      await page.locator(".conflict").waitFor();
      await look("a conflict");
      await page.goto(`${server.url}/pairs/import`);
      await page.locator("#text").fill("country,operator,weight,mccmnc\nIN,docomo,5,405037\nUZ,ucell,55,\nUZ,bad one,x,1\n");
      await page.locator("button.main").click();
      await page.locator(".import-table").waitFor();
      await look("an import");
      expect(complaints.filter((text) => !/status of (409|422)/.test(text))).toEqual([]);
      await context.close();
    });
});

test("the list goes by key: j, k and the arrows, e edits, Enter saves, Esc leaves, and the focus stays with the row", async () => {
  const { page, context } = await openPage(`${server.url}/pairs`);
  const rows = (await page.evaluate("[...document.querySelectorAll('tbody tr')].map((row) => row.id)")) as string[];
  await page.keyboard.press("j");
  expect(await focused(page)).toBe(rows[0]!);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  expect(await focused(page)).toBe(rows[1]!);
  const id = rows[1]!.replace("pair-", "");
  // The key of j on a Russian keyboard, and that of k.
  for (const [key, code, row] of [
    ["о", "KeyJ", rows[2]!],
    ["л", "KeyK", rows[1]!],
  ]) {
    await page.evaluate(
      `document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "${key}", code: "${code}", bubbles: true }))`,
    );
    expect(await focused(page)).toBe(row!);
  }

  await page.keyboard.press("e");
  await page.locator(`#weight-${id}:focus`).waitFor();
  await page.keyboard.type("321");
  await page.keyboard.press("Enter");
  await page.locator(`#pair-${id}:not(.editing)`).waitFor();
  expect(pair(id).weight).toBe(321);
  expect(await focused(page)).toBe(rows[1]!);

  await page.keyboard.press("e");
  await page.locator(`#weight-${id}`).fill("5");
  await page.keyboard.press("Escape");
  await page.locator(`#pair-${id}:not(.editing)`).waitFor();
  expect(pair(id).weight).toBe(321);
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/pairs/${id}`);
  await context.close();
});

test("the filter asks the server while one types", async () => {
  const { page, context } = await openPage(`${server.url}/pairs`);
  await page.keyboard.press("/");
  await page.keyboard.type("uz mobi");
  await until("two rows are left", async () => (await page.locator("#pair-list tbody tr").count()) === 2);
  expect(await page.locator("#pair-list tbody tr").evaluateAll((rows) => rows.map((row) => row.id).sort())).toEqual([
    "pair-UZ_mobiuz",
    "pair-UZ_uzmobile",
  ]);
  await page.keyboard.type("nothing");
  await page.locator("#no-match").waitFor();

  // By what does not stand in the row as well, and with the scripts that hide what does not match.
  await world.roster.changePair("UA_lifecell", { mccmnc: ["25506"], active: false }, boris);
  for (const words of ["25506", "switched off"]) {
    await page.goto(`${server.url}/pairs?q=${encodeURIComponent(words)}`);
    await page.locator("#pair-UA_lifecell").waitFor();
    expect(await page.locator("#pair-list tbody tr:visible").count()).toBe(1);
  }
  await context.close();
});

test("two editors in their rows: the second sees both values and takes either", async () => {
  const anna = await openPage(`${server.url}/pairs?q=ucell`);
  const other = await openPage(`${server.url}/pairs?q=ucell`);
  for (const { page } of [anna, other]) {
    await page.locator("#pair-UZ_ucell [data-edits]").click();
    await page.locator("#weight-UZ_ucell").waitFor();
  }
  await anna.page.locator("#weight-UZ_ucell").fill("11");
  await anna.page.locator("#pair-UZ_ucell button[type=submit]").click();
  await anna.page.locator("#pair-UZ_ucell:not(.editing)").waitFor();
  await other.page.locator("#weight-UZ_ucell").fill("22");
  await other.page.locator("#tags-UZ_ucell").fill("night");
  await other.page.locator("#pair-UZ_ucell button[type=submit]").click();
  const conflict = other.page.locator("#pair-UZ_ucell .conflict");
  await conflict.waitFor();
  expect(pair("UZ_ucell")).toMatchObject({ weight: 11 });
  expect(await conflict.locator("[name='take.weight'][value=now]").isChecked()).toBe(true);
  expect(await conflict.locator("[name='take.tags'][value=yours]").isChecked()).toBe(true);
  await conflict.locator("[name='take.weight'][value=yours]").check();
  await conflict.locator("button[type=submit]").click();
  await other.page.locator("#pair-UZ_ucell:not(.editing)").waitFor();
  expect(pair("UZ_ucell")).toMatchObject({ weight: 22, tags: ["night"] });
  await anna.context.close();
  await other.context.close();
});

test("what is used of a gateway's limit lives, by keyboard it is added and changed, and what is typed stays while it lives", async () => {
  const { page, context, complaints } = await openPage(`${server.url}/gateways`);
  await page.locator("#id").focus();
  await page.keyboard.type("smpp1");
  await page.locator("#limit").focus();
  await page.keyboard.type("60");
  await page.keyboard.press("Enter");
  await page.locator("#gateway-smpp1").waitFor();
  expect(world.directory.gateway("smpp1")).toMatchObject({ limit: 60, windowSeconds: 60 });
  await world.roster.changePair("UZ_beeline", { gateway: "smpp1" }, boris);
  await page.waitForSelector("#live.go");
  await page.locator("#limit-smpp1").fill("7");
  world.permits.grant("UZ", "UZ_beeline");
  await page.locator("#gateway-use-smpp1 >> text=1/60").waitFor();
  expect(await page.inputValue("#limit-smpp1")).toBe("7");
  await page.locator("#limit-smpp1").press("Enter");
  await page.locator("#gateway-use-smpp1 >> text=1/7").waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});

test("known operators are suggested once a country is typed, with their networks", async () => {
  const { page, context } = await openPage(`${server.url}/pairs#add`);
  expect(await page.locator("#known-operators option").count()).toBe(0);
  await page.locator("#country").fill("uz");
  await page.locator("#operator").focus();
  await page.locator("#known-operators option[value=UzMobile]").waitFor({ state: "attached" });
  expect(await page.locator("#known-networks option[value='43403 43408']").textContent()).toBe("UzMobile");
  await page.locator("#country").fill("AZ");
  await page.locator("#operator").focus();
  await page.locator("#known-operators option[value=Azercell]").waitFor({ state: "attached" });
  await context.close();
});

test("without JavaScript a row is edited on the pair's page, a file is imported, and it comes back as an export", async () => {
  const { page, context } = await openPage(`${server.url}/pairs?q=mobiuz`, { javaScriptEnabled: false });
  await page.locator("#pair-UZ_mobiuz [data-edits]").click();
  await page.locator("#limit").fill("3");
  await page.locator("button[type=submit].main").click();
  expect([await page.locator(".notice.go").count(), pair("UZ_mobiuz").limit]).toEqual([1, 3]);

  await page.goto(`${server.url}/pairs/import`);
  await page.locator("#file").setInputFiles(SAMPLE);
  await page.locator("button.main").click();
  expect(await page.locator("#line-6").textContent()).toContain("is listed as not operational");
  const n = /Type (\d+)/.exec((await page.locator("label[for=typed]").textContent()) ?? "")![1]!;
  await page.locator("#typed").fill(n);
  await page.locator("button.main").click();
  expect(await page.locator("h1").textContent()).toMatch(/^Changes to many pairs \/ Import: /);
  expect(pair("IN_docomo").mccmnc).toEqual(["405037"]);

  await page.goto(`${server.url}/pairs`);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Export CSV" }).click()]);
  const text = await Bun.file(await download.path()).text();
  expect(download.suggestedFilename()).toBe("pairs.csv");
  await page.goto(`${server.url}/pairs/import`);
  await page.locator("#text").fill(text);
  await page.locator("button.main").click();
  expect(await page.locator("main").textContent()).toContain("every line is as it is saved");
  await context.close();
});
