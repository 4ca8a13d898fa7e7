/** A session's own page in a real browser: charts, the table behind them, the timeline and what it links to. */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { AxeBuilder } from "@axe-core/playwright";
import { fakeClock } from "../../src/kernel/clock.ts";
import { newPair, programInput } from "../../src/pairs/input.ts";
import { emptyWorld, fullWorld, type World } from "../cast/board.ts";
import { ownBrowser } from "../cast/browser.ts";
import { type PagesServer, servePages, servicesOf } from "../cast/pages.ts";
import { until } from "../cast/until.ts";

setDefaultTimeout(60_000);

const clock = fakeClock(Date.now());
const openPage = ownBrowser();
const PATH = "/sessions/program1_UZ_ucell";
let world: World;
let server: PagesServer;

beforeAll(async () => {
  world = await fullWorld(clock, 32);
  server = servePages(servicesOf(world));
});
afterAll(() => server.stop());

/** How many points of a canvas are not empty. */
const PAINTED = `[...document.querySelectorAll(".chart canvas")].map((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((value, i) => i % 4 === 3 && value > 0).length;
})`;

test("draws processor and memory under the strict policy, in either theme, and once more when the theme changes", async () => {
  const { page, context, complaints } = await openPage(server.url + PATH, { colorScheme: "light" });
  await page.waitForSelector(".chart.drawn");
  for (const painted of (await page.evaluate(PAINTED)) as number[]) expect(painted).toBeGreaterThan(2_000);
  const colour = `window.Chart.getChart(document.querySelector(".chart canvas")).data.datasets[0].borderColor`;
  const light = await page.evaluate(colour);
  await page.emulateMedia({ colorScheme: "dark" });
  await until("it is drawn in the other colours", async () => (await page.evaluate(colour)) !== light);
  expect(complaints).toEqual([]);
  await context.close();
});

test("a gap is a gap, and a run's start and end stand on the time axis", async () => {
  const { page, context } = await openPage(server.url + PATH);
  await page.waitForSelector(".chart.drawn");
  const spec = JSON.parse((await page.getAttribute(".chart", "data-spec")) ?? "");
  const { values } = spec.series[0];
  expect(values).toHaveLength(1_440);
  expect(values.filter((value: number | null) => value === null).length).toBeGreaterThan(60);
  expect(spec.marks.map((mark: { label: string }) => mark.label)).toContain("ended: killed by signal 9 (KILL)");
  const chart = `window.Chart.getChart(document.querySelector(".chart canvas"))`;
  expect(await page.evaluate(`${chart}.options.spanGaps ?? ${chart}.data.datasets[0].spanGaps`)).toBe(false);
  await context.close();
});

test("without JavaScript the table says it, and the timeline reads", async () => {
  const { page, context } = await openPage(server.url + PATH, { javaScriptEnabled: false });
  expect(await page.isVisible(".plot")).toBe(false);
  await page.click("text=As a table");
  expect(await page.locator(".load tbody tr:visible").count()).toBeGreaterThan(40);
  expect(await page.textContent(".timeline")).toContain("Ended: killed by signal 9 (KILL) from outside Signalbox after 1 h 00");
  await page.click(".timeline summary");
  expect(await page.isVisible("text=ConnectionRefusedError")).toBe(true);
  await context.close();
});

test("the timeline follows: a restart is in it without a reload", async () => {
  const { page, context } = await openPage(server.url + PATH);
  await page.waitForSelector("#live.go");
  const newest = () => page.locator(".timeline li.began").first().getAttribute("id");
  const before = await newest();
  await page.click(".timeline summary");
  clock.advance(1_000);
  await world.fleet.restart(world.directory.session("program1_UZ_ucell")!.id, { name: "anna", from: "test" });
  await until("the new run is in it", async () => (await newest()) !== before);
  // What the reader opened stays open, though it stands further down now.
  expect(await page.isVisible("text=ConnectionRefusedError")).toBe(true);
  await context.close();
});

test("older pages stand still and lead back", async () => {
  const { page, context } = await openPage(`${server.url}${PATH}?before=${clock.now() - 3_000_000}.0`);
  expect(await page.textContent(".timeline")).not.toContain("Program edited");
  expect(await page.textContent(".timeline")).toContain("Asked to stop");
  await page.click("text=Newest");
  expect(await page.textContent(".timeline")).toContain("Program edited: program1");
  await context.close();
});

test("what waits for a restart leads to the page that asks, for it alone and for all of its program", async () => {
  const { id } = world.directory.session("program1_UZ_ucell")!;
  world.fleet.see(id, { restartPending: true, codeChanged: "a1b2c3d -> d4e5f6a" });
  const { page, context } = await openPage(server.url + PATH);
  const links = await page.locator(".now a[href^='/sessions/actions']").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  expect(links).toEqual([
    "/sessions/actions?action=restart&sessions=program1_UZ_ucell",
    "/sessions/actions?action=restart&program=program1&pending=on",
    "/sessions/actions?action=restart&sessions=program1_UZ_ucell",
    "/sessions/actions?action=restart&program=program1&code=on",
  ]);
  expect(await page.textContent(".asked")).toContain("41 granted · 7 refused (rate) · 1 waiting");
  await page.context().addCookies([{ name: "as", value: "viewer", url: server.url }]);
  await page.reload();
  expect(await page.locator(".now a[href^='/sessions/actions']").count()).toBe(0);
  await context.close();
});

test("the board loads nothing of the charts", async () => {
  const { page, context } = await openPage("about:blank");
  const loaded: string[] = [];
  page.on("request", (request) => loaded.push(request.url()));
  await page.goto(server.url);
  await page.waitForSelector("#live.go");
  expect(loaded.filter((url) => url.includes("chart"))).toEqual([]);
  await page.goto(server.url + PATH);
  await page.waitForSelector(".chart.drawn");
  expect(loaded.filter((url) => url.includes("chart")).map((url) => url.replace(/.*\//, ""))).toEqual(["chart.umd.min.js", "charts.js"]);
  await context.close();
});

test("a session that was never measured says so, on a phone too", async () => {
  const fresh = await emptyWorld(clock);
  const { roster } = fresh;
  const anna = { name: "anna", from: "test" };
  await roster.addProgram(programInput.parse({ name: "program1", template: ["sleep", "1"], folder: "/tmp" }), anna);
  await roster.addPair(newPair.parse({ country: "UZ", operator: "uzmobile" }), anna, ["program1"]);
  const name = fresh.directory.sessions()[0]!.name;
  const own = servePages(servicesOf({ ...fresh, fleet: { ...fresh.fleet, samples: async () => [] } }));
  const { page, context, complaints } = await openPage(`${own.url}/sessions/${name}`, { viewport: { width: 390, height: 844 } });
  expect(await page.textContent(".load")).toContain("Nothing measured yet");
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  expect(complaints).toEqual([]);
  await context.close();
  await own.stop();
});
