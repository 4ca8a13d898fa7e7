/** Real screens in folders of one's own; whatever was started in them is ended, by pid, when the test file is over. */

import { afterAll } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/adapters/linux/libc.ts";
import { allPids, environmentOf } from "../../src/adapters/linux/processes.ts";
import { type ScreenOptions, screenTerminals } from "../../src/adapters/screen/terminals.ts";
import type { StartOrder, Terminals } from "../../src/fleet/terminals.ts";
import { quiet } from "../../src/kernel/log.ts";

export interface OwnScreens {
  folder: string;
  screenFolder: string;
  dataFolder: string;
  runtimeFolder: string;
  /** Opens the terminals; called again it is another Signalbox over the same folders. */
  open(more?: Partial<ScreenOptions>): Terminals;
  order(command: readonly string[], more?: Partial<StartOrder>): StartOrder;
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
