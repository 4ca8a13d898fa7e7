/** What happened to a session, through the whole house: real screens, real exits, HTTP, and a restart of Signalbox in between. */

import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openHouse } from "../cast/house.ts";
import { until } from "../cast/until.ts";

const house = await openHouse();
const NAME = "sleeper_UZ_uzmobile";
const session = () => house.api("GET", `/api/sessions/${NAME}`).then(({ json }) => json);

interface Moment {
  at: string;
  event: string;
  by: string;
  who: string | null;
  why: string | null;
  subject: string | null;
  end: { code: number | null; words: string; outcome: string; lasted_seconds: number; last_lines: string[] } | null;
}

async function timeline(query = ""): Promise<{ moments: Moment[]; next_cursor: string | null }> {
  return (await house.api("GET", `/api/sessions/${NAME}/timeline${query}`, undefined, house.viewer)).json;
}

async function running(after: string | null = null) {
  return until("it runs", async () => {
    const now = await session();
    return now.state === "running" && now.run !== after ? now : null;
  });
}

test("starts, kills from outside, stops, edits: each with who, why and how, in pages, and over a restart of Signalbox", async () => {
  const program = {
    ...{ name: "sleeper", folder: house.folder, template: ["sh", "-c", "echo ready; : >spoken; exec sleep 600"] },
    restart: { policy: "always", first_delay_ms: 100, cap_ms: 1000, stable_after_ms: 60_000, give_up_after: 50, give_up_window_ms: 60_000 },
  };
  expect((await house.api("POST", "/api/programs", program)).status).toBe(201);
  await house.api("POST", "/api/pairs", { country: "UZ", operator: "uzmobile", programs: ["sleeper"] });
  const first = await running();
  await until("it has spoken", () => existsSync(join(house.folder, "spoken")));
  process.kill(first.pid, "SIGKILL");
  const second = await running(first.run);
  expect((await house.api("PUT", "/api/programs/sleeper", { ...program, template: ["sleep", "601"] })).status).toBe(200);
  const stop = { state: "down", reason: "no credit at the gateway" };
  expect((await house.api("PUT", `/api/sessions/${NAME}/desired`, stop, house.operator)).status).toBe(200);
  const whole = await until("the end is written", async () => {
    const { moments } = await timeline();
    return moments.filter(({ event }) => event === "run.end").length === 2 ? moments : null;
  });

  expect(whole.map(({ event, by, who, why, subject, end }) => [event, by, who, why, subject, end?.outcome ?? null])).toEqual([
    ["run.end", "person", "operator", "no credit at the gateway", null, "stopped"],
    ["session.stop", "person", "operator", "no credit at the gateway", null, null],
    ["program.update", "person", "admin", null, "program:sleeper", null],
    ["run.start", "signalbox", "signalbox", "killed by signal 9 (KILL)", null, null],
    ["run.end", "outside", null, null, null, "crashed"],
    ["run.start", "person", "admin", null, null, null],
    ["session.create", "person", "admin", null, null, null],
  ]);
  expect(whole[4]?.end).toMatchObject({ code: 137, words: "killed by signal 9 (KILL)", last_lines: ["ready"] });
  expect(second.pid).not.toBe(first.pid);

  const paged: Moment[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page = await timeline(`?limit=3${cursor === "" ? "" : `&cursor=${cursor}`}`);
    expect(page.moments.length).toBeLessThanOrEqual(3);
    paged.push(...page.moments);
    cursor = page.next_cursor;
  }
  expect(paged).toEqual(whole);
  expect((await house.api("GET", `/api/sessions/${NAME}/timeline?cursor=later`)).status).toBe(400);

  await house.reopen();
  expect((await timeline()).moments).toEqual(whole);
}, 60_000);

test("its processor and memory are remembered, over a restart of Signalbox too", async () => {
  const from = Date.now();
  await house.api("PUT", `/api/sessions/${NAME}/desired`, { state: "up" });
  // Measured every five seconds.
  await until("it was measured", async () => (await session()).memory_bytes !== null, 20_000);
  // A minute that is not over is written at the end.
  await house.reopen();
  const { json } = await house.api("GET", `/api/sessions/${NAME}/load`);
  expect(json.step_seconds).toBe(60);
  const last = json.samples.at(-1);
  expect(Date.parse(last.at)).toBeGreaterThan(from - 60_000);
  expect(last.memory_bytes).toBeGreaterThan(100_000);
  expect(last.cpu ?? 0).toBeGreaterThanOrEqual(0);
  expect((await house.api("GET", `/api/sessions/${NAME}/load?hours=0`)).status).toBe(400);
  expect((await house.api("GET", "/api/sessions/nobody/load")).status).toBe(404);
}, 60_000);
