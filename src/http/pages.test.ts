import { beforeEach, describe, expect, test } from "bun:test";
import type { Hono } from "hono";
import { emptyWorld, fullWorld, type World } from "../../tests/cast/board.ts";
import { pagesApp, servicesOf } from "../../tests/cast/pages.ts";
import { boris } from "../../tests/cast/people.ts";
import { whyAfter } from "../../views/parts.tsx";
import { fakeClock } from "../kernel/clock.ts";
import type { Env } from "./route.ts";

const clock = fakeClock();
let world: World;
let app: Hono<Env>;

beforeEach(async () => {
  world = await fullWorld(clock, 12);
  app = pagesApp(servicesOf(world));
});

const get = (path: string, headers: Record<string, string> = {}) => Promise.resolve(app.request(path, { headers }));

function post(path: string, fields: Record<string, string | string[]> = {}, headers: Record<string, string> = {}) {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one);
  return Promise.resolve(
    app.request(path, { method: "POST", body, headers: { "content-type": "application/x-www-form-urlencoded", ...headers } }),
  );
}

const wished = (name: string) => world.directory.session(name)?.desired.state;

test("a state's word is not said again by its reason", () => {
  expect(whyAfter({ word: "stopped" }, "stopped by boris: maintenance")).toBe("by boris: maintenance");
  expect(whyAfter({ word: "stopped" }, "stopped")).toBe("stopped");
  expect(whyAfter({ word: "running" }, "started by boris")).toBe("started by boris");
});

describe("a lever", () => {
  test("stops a session and leads back to it", async () => {
    const answer = await post("/sessions/program1_UA_kyivstar/stops");
    expect(answer.status).toBe(409); // high priority
    const other = await post("/sessions/program1_UA_lifecell/stops", { reason: "night" });
    expect([other.status, other.headers.get("location")]).toEqual([303, "/sessions/program1_UA_lifecell?done=stop"]);
    expect(world.directory.session("program1_UA_lifecell")?.desired).toMatchObject({ state: "down", by: "anna", reason: "night" });
  });

  test("never stops a high-priority pair; the page says why", async () => {
    const answer = await post("/sessions/program1_UZ_uzmobile/stops");
    expect(answer.status).toBe(409);
    expect(await answer.text()).toContain("UZ_uzmobile is high priority and cannot be stopped");
    expect(wished("program1_UZ_uzmobile")).toBe("up");
    const page = await (await get("/sessions/program1_UZ_uzmobile")).text();
    expect(page).toMatch(/<button type="button" disabled(="")? title="UZ_uzmobile is high priority/);
    expect(await (await get("/sessions/program1_UZ_uzmobile/stop")).text()).not.toContain('type="submit" class="danger"');
  });

  test("tries a crashed session now", async () => {
    const { id } = world.directory.session("program1_UZ_mobiuz")!;
    expect((await post("/sessions/program1_UZ_mobiuz/starts")).status).toBe(303);
    expect(world.fleet.asked).toEqual([`retry ${id}`]);
  });

  test("gives up a retry, thaws what is frozen, and shows each lever only while it can be pulled", async () => {
    const page = async (name: string) => (await get(`/sessions/${name}`)).text();
    const session = (name: string) => world.directory.session(name)!;
    const { id } = session("program1_UA_lifecell");
    world.fleet.see(id, { state: "frozen" });
    expect(await page("program1_UA_lifecell")).toContain("/sessions/program1_UA_lifecell/thaws");
    expect((await post("/sessions/program1_UA_lifecell/thaws")).status).toBe(303);
    expect(world.fleet.asked).toEqual([`thaw ${id}`]);
    expect(await page("program1_UA_lifecell")).not.toContain("/thaws");
    world.fleet.see(id, { state: "backoff", pid: null });
    expect(await page("program1_UA_lifecell")).toContain("/sessions/program1_UA_lifecell/surrenders");
    expect((await post("/sessions/program1_UA_lifecell/surrenders")).status).toBe(303);
    expect(await page("program1_UA_lifecell")).not.toContain("/surrenders");
    // Nobody gives up high priority.
    world.fleet.see(session("program1_UA_kyivstar").id, { state: "backoff", pid: null });
    expect(await page("program1_UA_kyivstar")).not.toContain("/surrenders");
  });

  test("restarts, also high priority", async () => {
    const { id } = world.directory.session("program1_UZ_uzmobile")!;
    expect((await post("/sessions/program1_UZ_uzmobile/restarts")).status).toBe(303);
    expect(world.fleet.asked).toEqual([`restart ${id}`]);
  });

  test("leads back only to pages of ours", async () => {
    for (const [back, to] of [
      ["/sessions", "/sessions?done=restart"],
      ["//evil.example", "/sessions/program1_UZ_ucell?done=restart"],
      ["https://evil.example", "/sessions/program1_UZ_ucell?done=restart"],
      ["/\\evil.example", "/sessions/program1_UZ_ucell?done=restart"],
    ] as const)
      expect((await post("/sessions/program1_UZ_ucell/restarts", { back })).headers.get("location")).toBe(to);
  });

  test("is not there for viewers, and does nothing for them", async () => {
    const viewer = { cookie: "as=viewer" };
    expect((await post("/sessions/program1_UZ_ucell/stops", {}, viewer)).status).toBe(403);
    expect(wished("program1_UZ_ucell")).toBe("up");
    const page = await (await get("/sessions/program1_UZ_ucell", viewer)).text();
    expect(page).not.toContain("/stop");
    expect(page).toContain("Viewers read");
    for (const path of ["/sessions", "/pairs", "/pairs/UZ_ucell", "/permits", "/programs", "/programs/program1"])
      expect(await (await get(path, viewer)).text(), path).not.toMatch(/<form method="post" action="\/(?!logout)/);
  });
});

describe("a form", () => {
  test("comes back with what is wrong beside the field, and with what was typed", async () => {
    const answer = await post("/pairs", { country: "XX", operator: "No Good!", tags: "otp" });
    expect(answer.status).toBe(422);
    const page = await answer.text();
    expect(page).toContain('id="country-error"');
    expect(page).toContain('id="operator-error"');
    expect(page).toContain('value="No Good!"');
    expect(page).toContain('<details class="add" id="add" open');
  });

  test("adds a pair with a session of each chosen program", async () => {
    const answer = await post("/pairs", { country: "de", operator: "o2", operator_name: "O2", programs: ["program1", "program3"] });
    expect(answer.headers.get("location")).toBe("/pairs?done=add");
    expect(world.directory.sessionsOfPair("DE_o2").map((session) => session.name)).toEqual(["program1_DE_o2", "program3_DE_o2"]);
  });

  test("shows the second of two editors what differs and overwrites nothing", async () => {
    const { version } = world.directory.pair("UZ_ucell")!;
    await world.roster.changePair("UZ_ucell", { weight: 50 }, boris);
    const typed = { version: String(version), operator_name: "Ucell", weight: "200", tags: "", mccmnc: "", active: "on" };
    const answer = await post("/pairs/UZ_ucell/edits", typed);
    expect(answer.status).toBe(409);
    const page = await answer.text();
    expect(page).toContain("Somebody else saved this pair");
    expect(page).toMatch(/name="take.weight" value="now" checked=""\/> <span class="quiet">[^<]*<\/span> <b>50</);
    expect(page).toMatch(/name="take.weight" value="yours"\/> <span class="quiet">[^<]*<\/span> <b>200</);
    expect(world.directory.pair("UZ_ucell")!.weight).toBe(50);
    const next = /name="version" value="(\d+)"/.exec(page)![1]!;
    expect((await post("/pairs/UZ_ucell/edits", { ...typed, version: next })).status).toBe(303);
    expect(world.directory.pair("UZ_ucell")!.weight).toBe(200);
  });

  test("refuses to switch a high-priority pair off", async () => {
    const { version } = world.directory.pair("UZ_uzmobile")!;
    const typed = { version: String(version), operator_name: "UzMobile", weight: "100" };
    const answer = await post("/pairs/UZ_uzmobile/edits", typed);
    expect(answer.status).toBe(409);
    expect(await answer.text()).toContain("UZ_uzmobile is high priority and cannot be switched off");
    expect(world.directory.pair("UZ_uzmobile")!.active).toBe(true);
    expect((await post("/pairs/UZ_uzmobile/retirements")).status).toBe(409);
    expect(world.directory.pair("UZ_uzmobile")!.retiredAt).toBe(null);
  });

  test("gives and takes priority, each an act of its own", async () => {
    await post("/pairs/UZ_ucell/priorities", { priority: "on" });
    expect(world.directory.pair("UZ_ucell")!.priority).toBe(true);
    await post("/pairs/UZ_ucell/priorities", { reason: "summer" });
    expect(world.directory.pair("UZ_ucell")!.priority).toBe(false);
  });

  test("never shows the value of an environment, keeps it by its name alone", async () => {
    const fields = { name: "secretive", template: "python3 x.py {country}", folder: "/srv", environment: "KEY=hunter2\nURL=http://gw" };
    expect((await post("/programs", fields)).status).toBe(303);
    const page = await (await get("/programs/secretive")).text();
    expect(page).not.toContain("hunter2");
    expect(page).toContain("KEY");
    const { version } = world.directory.program("secretive")!;
    await post("/programs/secretive/edits", { ...fields, environment: "KEY\nNEW=1", version: String(version) });
    expect(world.directory.program("secretive")!.environment).toEqual({ KEY: "hunter2", NEW: "1" });
    const bad = await post("/programs/secretive/edits", { ...fields, environment: "OTHER", version: String(version + 1) });
    expect(bad.status).toBe(422);
    expect(await bad.text()).toContain("OTHER has no value yet");
  });

  test("a secret typed into the form is kept sealed, replaced, removed, and never shown", async () => {
    const fields = {
      name: "sealed",
      template: "python3 x.py {country}",
      folder: "/srv",
      new_secret: "TOKEN",
      new_secret_value: " open sesame",
    };
    expect((await post("/programs", fields)).status).toBe(303);
    const program = () => world.directory.program("sealed")!;
    const { TOKEN: first } = program().secrets;
    const page = await (await get("/programs/sealed")).text();
    expect(page).toContain("TOKEN");
    expect(page).not.toContain("sesame");
    expect(page).not.toContain(first!);
    const edit = { template: fields.template, folder: fields.folder };
    await post("/programs/sealed/edits", { ...edit, secret_TOKEN: "", schedule: "30 4 * * *", version: String(program().version) });
    expect(program().secrets).toEqual({ TOKEN: first! });
    expect(program()).toMatchObject({ schedule: "30 4 * * *", silentAfterMs: null, silentRestart: false, autoThaw: false });
    await post("/programs/sealed/edits", { ...edit, secret_TOKEN: "other", version: String(program().version) });
    expect(program().secrets.TOKEN).not.toBe(first!);
    const bad = await post("/programs/sealed/edits", {
      ...edit,
      secret_TOKEN: "abracadabra",
      schedule: "soon",
      version: String(program().version),
    });
    expect(bad.status).toBe(422);
    expect(await bad.text()).not.toContain("abracadabra");
    await post("/programs/sealed/edits", { ...edit, unset_TOKEN: "on", version: String(program().version) });
    expect(program().secrets).toEqual({});
  });

  test("a command nobody can read comes back", async () => {
    const answer = await post("/programs", { name: "p", template: 'python3 "open', folder: "relative" });
    expect(answer.status).toBe(422);
    const page = await answer.text();
    expect(page).toContain("never closed");
    expect(page).toContain("must be an absolute path");
  });

  test("changes the limit of a country", async () => {
    const { version } = world.directory.country("UZ");
    const less = await post("/permits/UZ/limits", { limit: "-1", window_seconds: "60", version: String(version) });
    expect(await less.text()).toContain("must be at least 0");
    const bad = await post("/permits/UZ/limits", { limit: "many", window_seconds: "60", version: String(version) });
    expect(bad.status).toBe(422);
    expect(await bad.text()).toContain("must be a number");
    expect((await post("/permits/UZ/limits", { limit: "20", window_seconds: "60", version: String(version) })).status).toBe(303);
    for (const nowhere of ["ZZ", "-1", "%F0%9F%A6%8A"])
      expect((await post(`/permits/${nowhere}/limits`, { limit: "20" })).status).toBe(400);
    expect(world.directory.country("UZ").limit).toBe(20);
  });

  test("adds a session; one that exists already says so", async () => {
    const fields = { program: "program4", pairs: "UZ_ucell" };
    expect((await post("/sessions", fields)).headers.get("location")).toBe("/sessions/program4_UZ_ucell?done=add");
    const again = await post("/sessions", fields);
    expect(again.status).toBe(409);
    expect(await again.text()).toContain("There is already a session program4_UZ_ucell");
    expect((await post("/sessions", { program: "program4" })).status).toBe(422);
  });
});

describe("a page", () => {
  test("is whole for a browser and a fragment for htmx", async () => {
    expect(await (await get("/sessions/program1_UZ_ucell")).text()).toStartWith("<!DOCTYPE html><html");
    const fragment = await (await get("/sessions/program1_UZ_ucell", { "HX-Request-Type": "partial" })).text();
    expect(fragment).toStartWith('<div class="session"');
  });

  test("escapes what people and programs wrote", async () => {
    const version = world.directory.pair("UZ_ucell")!.version;
    await world.roster.changePair("UZ_ucell", { operator_name: '<script>alert("x")</script>' }, boris, version);
    const { id } = world.directory.session("program1_UZ_ucell")!;
    world.fleet.print(id, ["<img src=x onerror=alert(1)>"]);
    for (const path of ["/", "/pairs", "/pairs/UZ_ucell", "/sessions/program1_UZ_ucell", "/?q=%3Cscript%3E%22"]) {
      const page = await (await get(path)).text();
      expect(page, path).not.toContain("<script>alert");
      expect(page, path).not.toContain("<img src=x");
      expect(page, path).not.toContain('value="<script>');
    }
  });

  test("has no style attribute and no inline script: the policy forbids them", async () => {
    for (const path of ["/", "/sessions", "/sessions/program1_UZ_mobiuz", "/pairs", "/pairs/UZ_ucell", "/programs", "/permits"]) {
      const page = await (await get(path)).text();
      expect(page, path).not.toMatch(/ style=| on[a-z]+="|<script>/);
    }
  });

  test("goes out compressed, the board of 120 pairs in less than 20 KB", async () => {
    app = pagesApp(servicesOf(await fullWorld(clock, 120)));
    const answer = await get("/", { "accept-encoding": "gzip" });
    expect(answer.headers.get("content-encoding")).toBe("gzip");
    expect((await answer.arrayBuffer()).byteLength).toBeLessThan(20_000);
  });

  test("of an empty house says what to do first", async () => {
    app = pagesApp(servicesOf(await emptyWorld(clock)));
    for (const [path, words] of [
      ["/", "No pairs yet"],
      ["/sessions", "No sessions yet"],
      ["/pairs", "No pairs yet"],
      ["/programs", "No programs yet"],
      ["/permits", "No country yet"],
    ] as const)
      expect(await (await get(path)).text(), path).toContain(words);
  });

  test("says n and its doubt instead of a rate of twelve messages", async () => {
    world.counters.set("UZ_ucell", 50, 12);
    expect(await (await get("/?q=ucell")).text()).toContain('title="insufficient sample: 12 of 30 needed">n=12');
  });

  test("of what is not there is 404", async () => {
    for (const path of ["/sessions/nobody", "/pairs/UZ_nobody", "/programs/nobody"]) expect((await get(path)).status, path).toBe(404);
  });
});
