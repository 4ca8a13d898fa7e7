/** Real screens in folders of one's own; whatever was started in them is ended, by pid, when the test file is over. */

import { afterAll, expect } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/adapters/linux/libc.ts";
import { allPids, environmentOf } from "../../src/adapters/linux/processes.ts";
import { screenDiscovery } from "../../src/adapters/screen/discovery.ts";
import { type ScreenOptions, screenTerminals } from "../../src/adapters/screen/terminals.ts";
import type { Discovery } from "../../src/fleet/discovery.ts";
import type { StartOrder, Terminals } from "../../src/fleet/terminals.ts";
import { quiet } from "../../src/kernel/log.ts";
import { until } from "./until.ts";

export interface OwnScreens {
  folder: string;
  screenFolder: string;
  dataFolder: string;
  runtimeFolder: string;
  /** Opens the terminals; called again it is another Signalbox over the same folders. */
  open(more?: Partial<ScreenOptions>): Terminals;
  /** Of the screens in this folder, whoever starts them. */
  discovery(): Discovery;
  /** A screen as people start one by hand; gives the pid of its SCREEN once its socket is there. */
  byHand(name: string, command: readonly string[], more?: ByHand): Promise<number>;
  order(command: readonly string[], more?: Partial<StartOrder>): StartOrder;
}

export interface ByHand {
  environment?: Record<string, string>;
  /** Another binary than the one of the PATH. */
  screen?: string;
}

export function ownScreens(name: string): OwnScreens {
  // A space and "bun" in the path: both have broken supervisors before.
  const folder = join(mkdtempSync(join(tmpdir(), "signalbox-")), `${name} bun`);
  const screenFolder = join(folder, "screens");
  const dataFolder = join(folder, "data");
  const runtimeFolder = join(folder, "runtime");
  mkdirSync(screenFolder, { recursive: true });
  chmodSync(screenFolder, 0o700);
  const opened: Terminals[] = [];
  let count = 0;

  afterAll(() => {
    for (const terminals of opened) terminals.close();
    endAll(screenFolder);
    rmSync(join(folder, ".."), { recursive: true, force: true });
  });

  return {
    folder,
    screenFolder,
    dataFolder,
    runtimeFolder,
    open(more = {}) {
      const terminals = screenTerminals({
        dataFolder,
        runtimeFolder,
        screenFolder,
        endpointFile: join(runtimeFolder, "endpoint"),
        clientFile: join(dataFolder, "signalbox.py"),
        mintToken: (order) => `token-of-${order.run}`,
        clock: systemClock(),
        environment: process.env,
        log: quiet,
        ...more,
      });
      opened.push(terminals);
      return terminals;
    },
    discovery: () => screenDiscovery({ folders: () => [screenFolder], environment: process.env, clock: systemClock() }),
    byHand: (name, command, more) => screenByHand(screenFolder, name, command, more),
    order(command, more = {}) {
      count++;
      const id = String(count).padStart(3, "0");
      return {
        run: `r_${id}`,
        session: `s_${id}`,
        name: `program1_UZ_op${id}`,
        program: "program1",
        pairs: [{ id: `UZ_op${id}`, country: "UZ", operator: `op${id}` }],
        command,
        folder,
        environment: {},
        user: null,
        definition: "d1",
        by: "anna",
        reason: null,
        at: Date.now(),
        ...more,
      };
    },
  };
}

/** Everything that was started in one screen folder carries its name in the environment, wherever it went since. */
export function endAll(screenFolder: string): void {
  const mark = `SCREENDIR=${screenFolder}`;
  for (const pid of allPids()) {
    if (pid === process.pid || !environmentOf(pid).includes(mark)) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Ended by itself meanwhile.
    }
  }
}

/** What somebody types who has no Signalbox: an own screen, found again by the name of its socket. */
export async function screenByHand(
  screenFolder: string,
  name: string,
  command: readonly string[],
  { environment = {}, screen = "screen" }: ByHand = {},
): Promise<number> {
  const before = new Set(readdirSync(screenFolder));
  const started = Bun.spawn([screen, "-dmS", name, ...command], {
    env: { PATH: process.env.PATH, SCREENDIR: screenFolder, ...environment },
    stdin: "ignore",
  });
  expect(await started.exited).toBe(0);
  const socket = await until(`the screen ${name} is there`, () =>
    readdirSync(screenFolder).find((file) => !before.has(file) && file.endsWith(`.${name}`)),
  );
  return Number.parseInt(socket, 10);
}
