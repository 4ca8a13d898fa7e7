import { afterAll, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../cast/folder.ts";
import { until } from "../cast/until.ts";

const root = join(import.meta.dir, "../..");
let present: ReturnType<typeof demo> | null = null;
// Before the folder's own clean-up, so that there still is one when the fleet is ended.
afterAll(async () => {
  if (!present) return;
  present.kill("SIGTERM");
  await present.exited;
  await demo("--stop").exited;
});

const folder = ownFolder("demo");
const screens = join(folder, "screens");
mkdirSync(screens, { mode: 0o700 });
const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SIGNALBOX_")));
const environment = { ...clean, SCREENDIR: screens };
const settings = [
  "--config",
  join(folder, "demo/signalbox.toml"),
  "--data-dir",
  join(folder, "demo/data"),
  "--runtime-dir",
  join(folder, "demo/run"),
];

function demo(...flags: string[]) {
  return Bun.spawn([join(root, "scripts/demo"), "--dir", join(folder, "demo"), "--port", "0", ...flags], {
    cwd: folder,
    env: environment,
    stdin: "ignore",
    stdout: Bun.file(join(folder, "out")),
    stderr: Bun.file(join(folder, "err")),
  });
}
const said = () => readFileSync(join(folder, "out"), "utf8");

async function ready(): Promise<string> {
  return await until(
    "the demo is ready",
    () => {
      if (present?.exitCode != null) throw new Error(`the demo ended: ${readFileSync(join(folder, "err"), "utf8")}`);
      return said().includes("--stop  ends") ? /ready: (http:\S+)/.exec(said())?.[1] : null;
    },
    60_000,
  );
}

async function asked<T>(...words: string[]): Promise<T | null> {
  const child = Bun.spawn([join(root, "dist/signalbox"), ...words, "--json", ...settings], {
    env: environment,
    stdout: "pipe",
    stderr: "ignore",
  });
  const text = await new Response(child.stdout).text();
  return (await child.exited) === 0 ? JSON.parse(text) : null;
}

const ps = async () => (await asked<{ name: string; state: string; pid: number }[]>("ps")) ?? [];

const allRunning = () =>
  until(
    "every session runs",
    async () => {
      const sessions = await ps();
      return sessions.length === 24 && sessions.every((session) => session.state === "running") ? sessions : null;
    },
    30_000,
  );

test("the demo shows 24 sessions in real screens, leaves them alone on Ctrl-C, finds them again, and ends them with --stop", async () => {
  present = demo();
  const url = await ready();
  const link = /log in once with\s+(\S+)/.exec(said())![1]!;
  const first = await allRunning();
  const names = readdirSync(screens).map((name) => name.replace(/^\d+\./, ""));
  expect(names.sort()).toEqual(first.map((session) => session.name).sort());
  expect(names).toContain("program2_IN_reliance");

  // program7 knows nothing of Signalbox: what it prints is counted.
  await until(
    "its first messages are counted",
    async () => ((await asked<{ accepted: number }>("patterns", "program7"))?.accepted ?? 0) > 0,
    30_000,
  );

  const login = await fetch(link, { redirect: "manual" });
  expect(login.status).toBe(303);
  expect((await fetch(link, { redirect: "manual" })).status).not.toBe(303); // once
  expect((await fetch(`${url}/client/signalbox.py`)).status).toBe(200);

  present.kill("SIGINT");
  expect(await present.exited).toBe(0);
  expect(said()).toContain("the screens go on");
  expect(readdirSync(screens)).toHaveLength(24);

  present = demo();
  await ready();
  const again = await allRunning();
  expect(again.map((session) => session.pid)).toEqual(first.map((session) => session.pid));

  const stop = demo("--stop");
  expect(await stop.exited).toBe(0);
  expect(said()).toContain("24 sessions ended");
  await until("no screen is left", () => readdirSync(screens).length === 0);
  await present.exited;
  present = null;
}, 150_000);
