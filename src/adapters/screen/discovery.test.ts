import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../../../tests/cast/folder.ts";
import { ownScreens } from "../../../tests/cast/screens.ts";
import { until } from "../../../tests/cast/until.ts";
import { systemClock } from "../linux/libc.ts";
import { argumentsOf, childrenOf } from "../linux/processes.ts";
import { screenDiscovery, screenFolders } from "./discovery.ts";

const screens = ownScreens("discovery");

test("the folders are the one that is set, or those that screen chooses for us; everybody's only when asked for", () => {
  const set = { screenFolder: "/srv/screens", home: "/home/sms", everybody: false };
  expect(screenFolders(set)).toEqual(["/srv/screens"]);
  expect(screenFolders({ ...set, screenFolder: null })).toEqual([expect.stringMatching(/^\/run\/screen\/S-/), "/home/sms/.screen"]);
  expect(screenFolders({ ...set, everybody: true })).toContain("/srv/screens");
});

test("what is not a socket of a screen is no screen, and folders that are not there hold none", async () => {
  const folder = ownFolder("no-screens");
  writeFileSync(join(folder, "1234.notes"), "");
  mkdirSync(join(folder, "1235.folder"));
  const discovery = screenDiscovery({ folders: () => [folder, join(folder, "nowhere")], environment: {}, clock: systemClock() });
  expect(await discovery.look(() => false)).toEqual([]);
});

test("each window of a screen is one item, and ours are passed over", async () => {
  const screenPid = await screens.byHand("two windows", ["sleep", "620"]);
  Bun.spawnSync(["screen", "-S", `${screenPid}.two windows`, "-X", "screen", "sleep", "621"], {
    env: { PATH: process.env.PATH, SCREENDIR: screens.screenFolder },
  });
  const discovery = screens.discovery();
  const seen = await until("both windows are seen", async () => {
    const found = await discovery.look(() => false);
    return found.length === 2 && found.every(({ command }) => command[0] === "sleep") ? found : null;
  });
  expect(seen.map(({ command }) => command.join(" ")).sort()).toEqual(["sleep 620", "sleep 621"]);
  expect(new Set(seen.map((window) => window.screenPid))).toEqual(new Set([screenPid]));
  const first = seen[0]!.process!.pid;
  expect((await discovery.look(({ pid }) => pid === first)).map(({ process }) => process?.pid)).toEqual([seen[1]!.process!.pid]);
});

test("another screen than the one of our PATH is said, by its path", async () => {
  const discovery = screenDiscovery({ folders: () => [screens.screenFolder], environment: { PATH: "/nowhere" }, clock: systemClock() });
  const [window] = await discovery.look(() => false);
  expect(window?.otherScreen).toMatch(/^\/.*screen.*, version \d+\.\d+/);
});

test("a quick look passes over a screen that had no window but ours; a whole one sees what it was given since, and a stranger is never passed over", async () => {
  const mine = await screens.byHand("mine", ["sleep", "622"]);
  const stranger = await screens.byHand("stranger", ["sleep", "623"]);
  const discovery = screens.discovery();
  const programs = (found: readonly { command: readonly string[] }[]) => found.map(({ command }) => command.join(" "));
  const [ours] = await until("both are seen", async () => {
    const found = (await discovery.look(() => false)).filter(({ command }) => ["622", "623"].includes(command[1] ?? ""));
    return found.length === 2 ? found.sort((a, b) => a.command[1]!.localeCompare(b.command[1]!)) : null;
  });
  let given = false;
  const isOurs = ({ pid, command }: { pid: number; command: () => readonly string[] }) =>
    pid === ours!.process!.pid || (!given && command()[1] === "624");
  await discovery.look(isOurs);
  Bun.spawnSync(["screen", "-S", `${mine}.mine`, "-X", "screen", "sleep", "624"], {
    env: { PATH: process.env.PATH, SCREENDIR: screens.screenFolder },
  });
  await until("the second window runs", async () => childrenOf(mine).some((pid) => argumentsOf(pid)[1] === "624"));
  await discovery.look(isOurs);
  given = true;
  const quick = programs(await discovery.look(isOurs, false));
  expect(quick).toContain("sleep 623");
  expect(quick).not.toContain("sleep 624");
  expect(programs(await discovery.look(isOurs))).toEqual(expect.arrayContaining(["sleep 623", "sleep 624"]));
  expect(stranger).toBeGreaterThan(0);
});

test("ours that takes on another program this very moment is no stranger, and a stranger that does has its words", async () => {
  // Nothing but exec, again and again: in its midst the kernel tells neither arguments nor environment.
  const again = join(screens.folder, "again");
  writeFileSync(again, '#!/bin/sh\nexec "$0" "$@"\n', { mode: 0o700 });
  await screens.byHand("ours again", [again, "625"], { environment: { SIGNALBOX_RUN: "r_again" } });
  await screens.byHand("stranger again", [again, "626"]);
  const discovery = screens.discovery();
  const seen = new Set<string>();
  for (let i = 0; i < 1000; i++)
    for (const { name, command } of await discovery.look(({ run }) => run() === "r_again"))
      if (name.endsWith(" again")) seen.add(`${name}: ${command.at(-1)}`);
  expect([...seen]).toEqual(["stranger again: 626"]);
}, 60_000);
