/** The pages as an operator meets them: a real browser, a real server, a fleet of the cast. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { AxeBuilder } from "@axe-core/playwright";
import { fakeClock } from "../../src/kernel/clock.ts";
import { emptyWorld, fullWorld, type World } from "../cast/board.ts";
import { breachOf } from "../cast/breaches.ts";
import { ownBrowser } from "../cast/browser.ts";
import { crashedExit } from "../cast/doubles.ts";
import { type PagesServer, servePages, servicesOf } from "../cast/pages.ts";
import { boris } from "../cast/people.ts";
import { until } from "../cast/until.ts";

setDefaultTimeout(60_000);

// The clock stands where the wall clock was: the browser measures ages against it.
const clock = fakeClock(Date.now());
const openPage = ownBrowser();
let world: World;
let server: PagesServer;
/** Every kind of thing, but few of each: a look at accessibility costs seconds on a large page. */
let small: PagesServer;
let empty: PagesServer;

beforeAll(async () => {
  world = await fullWorld(clock, 120);
  for (const pair of world.directory.pairs()) if (world.permits.grant(pair.country, pair.id)) world.counters.sent(pair.id);
  server = servePages(servicesOf(world));
  const few = await fullWorld(clock, 32);
  few.permits.grant("TJ", "TJ_tcell");
  few.breaches.put(breachOf("TJ", clock.now()));
  small = servePages(servicesOf(few));
  empty = servePages(servicesOf(await emptyWorld(clock)));
});

afterAll(async () => {
  await server.stop();
  await small.stop();
  await empty.stop();
});

const PATHS = [
  "/",
  "/?q=uz&sort=country",
  "/sessions",
  "/sessions/program1_UZ_mobiuz",
  "/sessions/program1_UZ_mobiuz/stop",
  "/pairs",
  "/pairs/UZ_uzmobile",
  "/pairs/UZ_mobiuz/retirement",
  "/programs",
  "/programs/program1",
  "/permits",
  "/permits/UZ",
  "/permits/TJ",
  "/gateways",
  "/history",
  "/history?pair=UZ_beeline&from=-7d",
  "/settings",
];

/** Lamps, names and rates of the board that lie over one another. */
const OVERLAPS = `(() => {
  const signs = [...document.querySelectorAll("#lines .lamp, #lines .name, #lines .rate, .card .lamp, .card .name, .card .rate")];
  const boxes = signs.map((sign) => ({ what: sign.title, ...sign.getBoundingClientRect().toJSON() }));
  const over = (a, b) => a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;
  return boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => over(a, b)).map((b) => a.what + " over " + b.what));
})()`;

describe("every page", () => {
  for (const colorScheme of ["light", "dark"] as const)
    for (const path of PATHS)
      test(`${path} in ${colorScheme} is accessible and keeps to the strict policy`, async () => {
        const { page, context, complaints } = await openPage(small.url + path, { colorScheme });
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).slice(0, 3)}`)).toEqual([]);
        expect(complaints).toEqual([]);
        await context.close();
      });

  test("an empty house says what to do first", async () => {
    const { page, context, complaints } = await openPage(empty.url);
    expect(await page.textContent("main")).toContain("No pairs yet");
    await page.click("text=Add a program");
    expect(await page.isVisible("text=Command")).toBe(true);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("nothing is wider than a phone, and all of the navigation is on it", async () => {
    const { page, context } = await openPage(server.url, { viewport: { width: 390, height: 844 } });
    for (const path of PATHS) {
      await page.goto(server.url + path);
      expect(await page.evaluate(`document.documentElement.scrollWidth`), path).toBeLessThanOrEqual(390);
      const last = await page.locator("nav a").last().boundingBox();
      expect((last?.x ?? 999) + (last?.width ?? 999), path).toBeLessThanOrEqual(390);
    }
    await context.close();
  });
});

describe("the proof of a country", () => {
  test("lives: a permit, a result, a broken limit and its end are there without a reload; what is typed stays", async () => {
    const { page, context, complaints } = await openPage(`${server.url}/permits/GH`);
    await page.waitForSelector("#live.go");
    const before = await page.locator("#proof-holders-GH tbody tr").count();
    await page.fill("#ledger-from", "2026-01-31T10:00");
    world.permits.grant("GH", "GH_mtn");
    await page.waitForSelector(`#proof-holders-GH tbody tr:nth-child(${before + 1}) >> text=may leave now`);
    expect(await page.textContent("#proof-now-GH")).toContain(`${before + 1}/10`);
    clock.advance(3_500);
    await page.waitForSelector(`#proof-holders-GH tbody tr:nth-child(${before + 1}) >> text=reported`);
    const breach = breachOf("GH", clock.now());
    world.breaches.put(breach);
    world.breaches.changed.publish("GH");
    await page.waitForSelector("#proof-broken-GH >> text=The limit is broken: 14 of 10 in 60 s.");
    breach.endedAt = clock.now() + 50_000;
    world.breaches.changed.publish("GH");
    await page.waitForSelector("#proof-broken-GH [role=alert]", { state: "detached" });
    expect(await page.textContent("#proof-breaches-GH")).toContain("for 50 s");
    expect(await page.inputValue("#ledger-from")).toBe("2026-01-31T10:00");
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("is a click away from the list, and counts down to the next slot", async () => {
    const { page, context } = await openPage(`${server.url}/permits`);
    while (world.permits.grant("UG", "UG_mtn"));
    await page.click("#proof-UG h2 a");
    await page.waitForURL(/permits\/UG$/);
    await page.waitForSelector("#live.go");
    const left = page.locator("#proof-now-UG time");
    const first = Number.parseInt((await left.textContent())!, 10);
    expect(first).toBeGreaterThan(2);
    await until("it counts down", async () => Number.parseInt((await left.textContent()) ?? "", 10) < first);
    expect(await page.textContent("#proof-waiters-UG")).toContain("UG_airtel");
    await context.close();
  });
});

describe("history", () => {
  test("draws its charts, and drawing over a part of one leads to the page of that part", async () => {
    const { page, context, complaints } = await openPage(`${server.url}/history?country=UZ&from=-24h`);
    await page.waitForSelector(".chart.drawn");
    expect(await page.locator(".chart.drawn").count()).toBe(5);
    const box = (await page.locator(".chart .plot").first().boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + 80, box.y + 60, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/[?&]from=\d+/);
    const asked = new URL(page.url()).searchParams;
    expect(asked.get("country")).toBe("UZ");
    const hours = (Number(asked.get("to")) - Number(asked.get("from"))) / 3600;
    expect([hours > 1, hours < 12]).toEqual([true, true]);
    await page.waitForSelector(".chart.drawn");
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("without JavaScript says the same as a table, takes its form and leads into a step", async () => {
    const { page, context } = await openPage(`${server.url}/history`, { javaScriptEnabled: false });
    await page.selectOption("#of", "pair:UZ_beeline");
    await page.fill("#from", "-7d");
    await page.click("text=Show");
    expect(await page.textContent("h1")).toContain("UZ Beeline");
    await page.click(".history-table summary");
    expect(await page.locator(".history-table tbody tr").count()).toBeGreaterThan(300);
    await page.locator(".history-table tbody a").nth(3).click();
    expect(page.url()).toMatch(/pair=UZ_beeline&from=\d+&to=\d+$/);
    await context.close();
  });
});

describe("the board", () => {
  test("a session that dies is shown at once, and again when it lives", async () => {
    const { page, context } = await openPage(server.url);
    await page.waitForSelector("#live.go");
    const session = world.directory.session("program1_PL_orange")!;
    const before = world.fleet.status(session.id)!;
    const started = performance.now();
    world.fleet.see(session.id, { state: "backoff", why: "exit code 1", pid: null, exit: crashedExit(clock.now()) });
    await page.waitForSelector('#lines a.lamp.caution[href="/sessions/program1_PL_orange"]');
    expect(performance.now() - started).toBeLessThan(1000);
    world.fleet.see(session.id, before);
    await page.waitForSelector('#lines a.lamp.go[href="/sessions/program1_PL_orange"]');
    await context.close();
  });

  test("/ goes to the filter, which hides lines while one types and survives a change", async () => {
    const { page, context } = await openPage(server.url);
    await page.waitForSelector("#live.go");
    await page.keyboard.press("/");
    await page.keyboard.type("uz mobiuz");
    expect(await page.locator("#lines .pair:visible").count()).toBe(1);
    expect(page.url()).toContain("q=uz+mobiuz");
    world.fleet.see(world.directory.session("program1_UZ_ucell")!.id, { state: "silent" });
    await page.waitForSelector('#lines a.lamp.cold[href="/sessions/program1_UZ_ucell"]', { state: "attached" });
    expect(await page.locator("#lines .pair:visible").count()).toBe(1);
    world.fleet.see(world.directory.session("program1_UZ_ucell")!.id, { state: "running" });
    await page.keyboard.press("Escape");
    expect(await page.locator("#lines .pair:visible").count()).toBe(120);
    await context.close();
  });

  test("a line in new trouble rises to the top", async () => {
    const { page, context } = await openPage(server.url);
    await page.waitForSelector("#live.go");
    const session = world.directory.session("program1_ZA_vodacom")!;
    world.fleet.see(session.id, { state: "duplicate" });
    await page.waitForSelector("#line-ZA:nth-child(-n + 2)");
    world.fleet.see(session.id, { state: "running" });
    await context.close();
  });

  test("lamps have their place, however many sessions a pair has", async () => {
    const own = await fullWorld(clock, 4);
    for (const program of ["program2", "program3", "program4", "program5", "program6"]) {
      if (!own.directory.session(`${program}_UZ_ucell`)) await own.roster.addSession({ program, pairs: ["UZ_ucell"] }, boris);
      if (!own.directory.session(`${program}_UZ_uzmobile`)) await own.roster.addSession({ program, pairs: ["UZ_uzmobile"] }, boris);
    }
    const house = servePages(servicesOf(own));
    for (const viewport of [
      { width: 1440, height: 900 },
      { width: 390, height: 844 },
    ]) {
      const { page, context } = await openPage(house.url, { viewport });
      expect(await page.locator("#lamps-UZ_ucell .lamp").count()).toBe(6);
      expect(await page.evaluate(OVERLAPS)).toEqual([]);
      await context.close();
    }
    await house.stop();
  });

  test("a lamp opens its session beside the board: state, levers, last lines, live output; Escape leads back", async () => {
    const { page, context, complaints } = await openPage(server.url);
    await page.waitForSelector("#live.go");
    await page.click('#lines a.lamp[href="/sessions/program1_UZ_mobiuz"]');
    const drawer = page.locator("#drawer");
    await drawer.getByText("its policy has given up").waitFor();
    expect(await drawer.getByText("ConnectionError: gateway refused").count()).toBe(1);
    expect(page.url()).toBe(`${server.url}/`);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    // The output is followed once the stream of the session is open.
    await drawer.locator(".tail").filter({ hasText: "submitted" }).waitFor();
    const id = world.directory.session("program1_UZ_mobiuz")!.id;
    const follow = setInterval(() => world.fleet.print(id, ["<b>a new line</b>"]), 50);
    await drawer.getByText("<b>a new line</b>").first().waitFor();
    clearInterval(follow);
    await page.keyboard.press("Escape");
    await drawer.waitFor({ state: "hidden" });
    expect(await page.evaluate(`document.activeElement?.getAttribute("href")`)).toBe("/sessions/program1_UZ_mobiuz");
    expect(complaints).toEqual([]);
    await context.close();
  });

  test.each([1280, 1440])("a session opened beside the board moves nothing of its five numbers up or down, %d wide", async (width) => {
    const { page, context } = await openPage(server.url, { viewport: { width, height: 900 } });
    const rows = `(() => {
      const top = document.getElementById("figures").getBoundingClientRect().top;
      return [...document.querySelectorAll(".figure")].map((box) => box.getBoundingClientRect()).map((box) => [box.top - top, box.height].map(Math.round));
    })()`;
    const before = await page.evaluate(rows);
    await page.click(".figure.problems a.opens");
    await page.locator("#drawer").waitFor();
    expect(await page.evaluate(rows)).toEqual(before);
    await context.close();
  });

  test("a stop from the drawer is asked first and answers in the drawer", async () => {
    const { page, context, complaints } = await openPage(server.url);
    await page.waitForSelector("#live.go");
    await page.click('#lines a.lamp[href="/sessions/program1_RO_orange"]');
    await page.click("#drawer .button.danger");
    await page.getByText("Stop program1_RO_orange?").waitFor();
    await page.fill("#reason", "maintenance");
    await page.click("#dialog button[type=submit]");
    await page.locator("#drawer").getByText("Asked to stop.").waitFor();
    expect(world.directory.session("program1_RO_orange")!.desired).toMatchObject({ state: "down", by: "anna", reason: "maintenance" });
    await page.waitForSelector('#lines a.lamp.quiet[href="/sessions/program1_RO_orange"]');
    await page.click("#drawer button.go");
    await page.locator("#drawer").getByText("Asked to start.").waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("a lost connection says so, and heals", async () => {
    const own = await fullWorld(clock, 4);
    let house = servePages(servicesOf(own));
    const port = Number(new URL(house.url).port);
    const { page, context } = await openPage(house.url);
    await page.waitForSelector("#live.go");
    await house.stop();
    await page.locator("#live.caution").getByText("reconnecting, last data").waitFor();
    house = servePages(servicesOf(own), port);
    await page.waitForSelector("#live.go");
    own.fleet.see(own.directory.session("program1_UZ_ucell")!.id, { state: "frozen" });
    await page.waitForSelector('#lines a.lamp.cold[href="/sessions/program1_UZ_ucell"]');
    await context.close();
    await house.stop();
  });

  test("the tabs of a browser share one stream", async () => {
    const own = await fullWorld(clock, 4);
    const house = servePages(servicesOf(own));
    const { page, context } = await openPage(house.url);
    await page.waitForSelector("#live.go");
    const tabs = await Promise.all(
      ["/", "/sessions", "/sessions/program1_UZ_ucell"].map(async (path) => {
        const tab = await context.newPage();
        await tab.goto(house.url + path);
        await tab.waitForSelector("#live.go");
        return tab;
      }),
    );
    // The leader takes up a topic more with a new stream; the old one ends a moment later.
    await until("one stream is read", () => house.events.readers() === 1);
    own.fleet.see(own.directory.session("program1_UZ_ucell")!.id, { state: "frozen", why: "held" });
    for (const tab of [page, ...tabs]) await tab.locator("main .cold.is-frozen").first().waitFor();
    await context.close();
    await house.stop();
  });
});

test("the table of sessions keeps trouble on top, then the names", async () => {
  const own = await fullWorld(clock, 8);
  const house = servePages(servicesOf(own));
  const { page, context } = await openPage(`${house.url}/sessions`);
  await page.waitForSelector("#live.go");
  const names = async () => ((await page.locator("#sessions th a").allTextContents()) as string[]).slice(0, 2);
  const all = own.directory.sessions().map(({ name }) => name);
  expect(await names()).toEqual(["program1_UZ_mobiuz", all.filter((name) => name !== "program1_UZ_mobiuz").sort()[0]!]);
  const last = own.directory.session(all.sort().at(-1)!)!;
  own.fleet.see(last.id, { state: "backoff", pid: null });
  await page.waitForSelector(`#row-${last.id}:nth-child(2)`);
  own.fleet.see(last.id, { state: "running", pid: 4711 });
  await page.waitForSelector(`#row-${last.id}:last-child`);
  await context.close();
  await house.stop();
});

describe("without JavaScript", () => {
  const options = { javaScriptEnabled: false };

  test("the board is whole, filters and sorts by plain requests, and a lamp leads to its session", async () => {
    const { page, context } = await openPage(server.url, options);
    expect(await page.locator("#lines .pair").count()).toBe(120);
    expect(await page.textContent("#live")).toContain("as of");
    await page.fill("#filter", "india airtel");
    await page.keyboard.press("Enter");
    await page.waitForURL(/q=/);
    expect(await page.locator("#lines .pair").count()).toBe(2);
    await page.click("text=country");
    await page.waitForURL(/sort=/);
    expect(page.url()).toContain("q=india+airtel&sort=country");
    await page.click("#lines a.lamp >> nth=0");
    expect(await page.textContent("h1")).toContain("program1_IN_airtel");
    await context.close();
  });

  test("a session is stopped by way of a page that asks, and started again", async () => {
    const { page, context } = await openPage(`${server.url}/sessions/program1_PE_entel`, options);
    await page.click(".button.danger >> text=Stop");
    expect(await page.textContent("main")).toContain("Stop program1_PE_entel?");
    await page.click("button.danger");
    expect(await page.textContent(".notice")).toBe("Asked to stop.");
    expect(world.directory.session("program1_PE_entel")!.desired.state).toBe("down");
    await page.click("button.go");
    expect(world.directory.session("program1_PE_entel")!.desired.state).toBe("up");
    await context.close();
  });

  test("a pair is added with its session; a bad one comes back with what was typed", async () => {
    const { page, context } = await openPage(`${server.url}/pairs`, options);
    await page.click("summary");
    await page.fill("[name=country]", "XX");
    await page.fill("[name=operator]", "vodafone");
    await page.click("form.fields button");
    expect(await page.textContent("#country-error")).toContain("ISO 3166-1");
    expect(await page.inputValue("[name=operator]")).toBe("vodafone");
    await page.fill("[name=country]", "de");
    await page.check("[name=programs][value=program2]");
    await page.click("form.fields button");
    expect(await page.textContent(".notice")).toBe("Pair added.");
    expect(world.directory.session("program2_DE_vodafone")?.desired.state).toBe("up");
    await world.roster.retirePair("DE_vodafone", { name: "anna", from: "test" });
    await context.close();
  });
});
