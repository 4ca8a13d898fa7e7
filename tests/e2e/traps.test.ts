/** What has broken supervisors before, through the real house: each costs the session that does it something, and nobody else anything. */

import { expect, test } from "bun:test";
import { chmodSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isAlive, readStat } from "../../src/adapters/linux/processes.ts";
import { openHouse } from "../cast/house.ts";
import { until } from "../cast/until.ts";

const CAP_MB = 2;
const house = await openHouse({ outputMaxBytes: String(CAP_MB * 1_000_000), outputKeepRuns: "3" });
const screens = join(house.folder, "screens");
const seen = async (name: string) => (await house.api("GET", `/api/sessions/${name}`)).json;
const stateOf = async (name: string) => (await seen(name)).state;
const comesTo = (name: string, state: string) => until(`${name} is ${state}`, async () => (await stateOf(name)) === state, 20_000);
const stop = (name: string) => house.api("PUT", `/api/sessions/${name}/desired`, { state: "down" });

/** One session of its own; its name. */
async function session(
  program: string,
  command: readonly string[],
  more: Record<string, unknown> = {},
  operator = "uzmobile",
): Promise<string> {
  await house.api("POST", "/api/pairs", { country: "UZ", operator });
  const defined = await house.api("POST", "/api/programs", { name: program, template: command, folder: house.folder, ...more });
  expect(defined.status).toBe(201);
  const added = await house.api("POST", "/api/sessions", { program, pairs: [`UZ_${operator}`] });
  expect(added.status).toBe(201);
  return added.json.name;
}

test("a program that exits at once, again and again, leaves no more than its newest runs and is not tried faster than five times a second", async () => {
  const restart = { policy: "always", first_delay_ms: 0, cap_ms: 0, give_up_after: 12 };
  const began = performance.now();
  const name = await session("hasty", ["/bin/sh", "-c", "echo no gateway; exit 3"], { restart });
  await comesTo(name, "crashed");
  expect(performance.now() - began).toBeGreaterThan(11 * 200);
  expect((await seen(name)).why).toContain("gave up after 12 exits");
  const { id } = await seen(name);
  await until("its folders are put away", () => readdirSync(join(house.config.runtimeDir, "sessions", id)).length <= 1);
  const runs = new Set(readdirSync(join(house.config.dataDir, "output", id)).map((file) => file.split(".")[0]));
  expect(runs.size).toBeLessThanOrEqual(4);
  // Rows follow the runs, when the starts leave time for it.
  const written = async () => (await house.api("GET", `/api/sessions/${name}/history`)).json.runs;
  await until("its runs are written", async () => (await written()).length >= 12);
  expect(await written()).toHaveLength(12);
}, 30_000);

test("a program that prints as fast as it can fills no disk, is shown and ends when asked, and its neighbour notices nothing", async () => {
  const quiet = await session("neighbour", ["sleep", "600"]);
  const name = await session("flood", ["/bin/sh", "-c", `yes ${"x".repeat(200)}`]);
  await comesTo(name, "running");
  await comesTo(quiet, "running");
  const { pid, id } = await seen(name);
  const folder = join(house.config.dataDir, "output", id);
  const sizes = () => readdirSync(folder).map((file) => statSync(join(folder, file)).size);
  const cutBefore = () => sizes().length > 1;
  let most = 0;
  await until("its output was cut", () => {
    most = Math.max(
      most,
      sizes().reduce((sum, size) => sum + size, 0),
    );
    return cutBefore();
  });
  // Between two looks it may print what screen can take; that is cut with the next one.
  expect(most).toBeLessThan(100_000_000);
  expect((await house.api("GET", `/api/sessions/${name}/output?tail=5`)).json.lines.length).toBeGreaterThan(0);
  await stop(name);
  await comesTo(name, "stopped");
  await until("the rest is cut", () => sizes().reduce((sum, size) => sum + size, 0) <= CAP_MB * 1_000_000);
  expect(readStat(pid)).toBeNull();
  expect(await stateOf(quiet)).toBe("running");
}, 40_000);

test("a screen folder with the wrong mode is said in screen's words, harms nobody who runs, and works again once it is right", async () => {
  const before = await session("early", ["sleep", "600"]);
  await comesTo(before, "running");
  const { pid } = await seen(before);
  chmodSync(screens, 0o755);
  const name = await session("late", ["sleep", "600"], { restart: { first_delay_ms: 0, cap_ms: 0, give_up_after: 500 } });
  await comesTo(name, "backoff");
  expect((await seen(name)).why).toContain("must have mode 700");
  expect(await seen(before)).toMatchObject({ state: "running", pid });
  chmodSync(screens, 0o700);
  await comesTo(name, "running");
}, 30_000);

test("a program whose screen hangs when it ends is not taken for alive: its terminal is closed, and its policy goes on", async () => {
  const name = await session("buried", ["sleep", "600"], { restart: { policy: "never" } });
  await comesTo(name, "running");
  const { pid, id, screen_pid: screen } = await seen(name);
  const folder = join(house.config.runtimeDir, "sessions", id);
  const [run] = readdirSync(folder);
  const keeper = Number.parseInt(readFileSync(join(folder, run!, "shim"), "utf8"), 10);
  // The screen too: it makes a stopped window go on.
  for (const held of [screen, keeper]) process.kill(held, "SIGSTOP");
  // Told is not done: until they stand still, the keeper may yet bury its program.
  await until("both stand still", () => [screen, keeper].every((held) => readStat(held)?.state === "T"));
  await until("both are held still", () => [screen, keeper].every((held) => readStat(held)?.state === "T"));
  const { startTicks } = readStat(pid)!;
  process.kill(pid, "SIGKILL");
  await until("it is a zombie", () => readStat(pid)?.state === "Z");
  expect(isAlive(pid, startTicks)).toBe(false);
  await comesTo(name, "stopping");
  await comesTo(name, "crashed");
  expect((await seen(name)).exit).toMatchObject({ code: null });
  process.kill(screen, "SIGCONT");
  await until("the screen is gone", () => readStat(screen) === null);
}, 40_000);

test("sessions whose names begin alike are told apart: stopping the shorter leaves the longer", async () => {
  const short = await session("alike", ["sleep", "600"], {}, "uz");
  const long = (await house.api("POST", "/api/sessions", { program: "alike", pairs: ["UZ_uzmobile"] })).json.name;
  expect(long.startsWith(short)).toBe(true);
  await comesTo(short, "running");
  await comesTo(long, "running");
  const { pid } = await seen(long);
  await stop(short);
  await comesTo(short, "stopped");
  expect(await seen(long)).toMatchObject({ state: "running", pid });
}, 30_000);
