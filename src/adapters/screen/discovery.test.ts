import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../../../tests/cast/folder.ts";
import { ownScreens } from "../../../tests/cast/screens.ts";
import { until } from "../../../tests/cast/until.ts";
import { systemClock } from "../linux/libc.ts";
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
