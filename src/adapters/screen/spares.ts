/**
 * One screen in waiting, for the next session that comes back: its terminal, its shell and its output file are there already, and it takes
 * a run's order through a pipe. What a session waits for then is the program alone.
 *
 * It is only a shorter way to the same end. Whatever does not fit it, or goes wrong with it, goes the long way. It lives no longer than
 * we do: the pipe is held open by us alone, and a window whose pipe was closed ends.
 */

import { closeSync, constants, linkSync, openSync, readdirSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { StartOrder } from "../../fleet/terminals.ts";
import { messageOf } from "../../kernel/errors.ts";
import type { Log } from "../../kernel/log.ts";
import { makePipe } from "../linux/libc.ts";
import { isAlive } from "../linux/processes.ts";
import {
  commonEnvironment,
  type HouseFiles,
  type Layout,
  SPARE_COOKIE,
  type Spare,
  spareCommand,
  spareOf,
  spareWindowCommand,
} from "./commands.ts";
import { ownFolder, readSmall, writtenAt } from "./files.ts";
import { parseKeeper } from "./parse.ts";
import { orderText } from "./spare-order.ts";

export interface SparesOptions extends HouseFiles {
  layout: Layout;
  environment: Record<string, string | undefined>;
  log: Log;
}

/** A waiting screen that is about to become a run's. */
export interface Taken {
  id: string;
  screenPid: number;
  /** Makes its output file the run's. Throws when that cannot be. */
  keepOutputAs(file: string): void;
  /** Its folder becomes the run's. */
  moveTo(folder: string): void;
  /** Gives it the order, which it takes in while the rest of the run is made ready. */
  tell(): void;
  /** Lets the program begin. From here on it is the run's own. */
  give(): void;
  /** It is not needed after all. */
  end(): void;
}

export interface Spares {
  /** null: there is none, or this run needs a screen of its own making. */
  take(order: StartOrder, environment: Record<string, string>): Taken | null;
  /** One is to be there soon, and to wait for some minutes. */
  want(): void;
  /** The run that it became is over. */
  forget(id: string): void;
  /** Takes away what screens of earlier lives have left, but for those that runs were given. */
  sweep(given: ReadonlySet<string>): void;
  close(): void;
}

/** After a start, so that it does not stand in its way. */
const AFTER_MS = 25;
/** Crashes come in bursts: one that nobody needed for so long is not kept for the next. */
const KEPT_MS = 10 * 60_000;

/** A screen is open in milliseconds. One that is not by then hangs. */
const OPENED_WITHIN_MS = 5_000;

interface Waiting extends Spare {
  id: string;
  openedAt: number;
  /** Those of its pipes that are still open. */
  pipes: Map<PipeName, number>;
  endAt: ReturnType<typeof setTimeout>;
}

type PipeName = "words" | "go";

export function openSpares(options: SparesOptions): Spares {
  const { layout, log } = options;
  const common = { ...commonEnvironment(options, options.environment), [SPARE_COOKIE]: "1" };
  let waiting: Waiting | null = null;
  let soon: ReturnType<typeof setTimeout> | null = null;

  function open(): void {
    soon = null;
    end();
    const id = crypto.randomUUID();
    const spare = spareOf(layout, id);
    const pipes: Waiting["pipes"] = new Map();
    try {
      ownFolder(spare.folder);
      ownFolder(dirname(spare.logFile));
      if (options.screenFolder !== null) ownFolder(options.screenFolder);
      writeFileSync(spare.logFile, "", { mode: 0o600 });
      // A file system without second names for a file is found out now, not when a run needs its output.
      linkSync(spare.logFile, `${spare.logFile}.too`);
      rmSync(`${spare.logFile}.too`);
      for (const name of ["words", "go"] as const) {
        makePipe(join(spare.folder, name));
        // For reading, too: to open it must not wait for the window.
        pipes.set(name, openSync(join(spare.folder, name), constants.O_RDWR | constants.O_NONBLOCK));
      }
      const endAt = setTimeout(() => end(), KEPT_MS);
      endAt.unref();
      const opened: Waiting = { ...spare, id, openedAt: performance.now(), pipes, endAt };
      waiting = opened;
      const child = Bun.spawn(spareCommand(layout, spare), { cwd: "/", env: common, stdin: "ignore", stdout: "ignore", stderr: "ignore" });
      child.unref();
      void child.exited.then((code) => {
        if (code === 0 || waiting !== opened) return;
        log.warn("no spare screen could be opened", { code });
        end();
      });
    } catch (error) {
      log.warn("no spare screen could be opened", { error: messageOf(error) });
      if (waiting) end();
      close(pipes);
      forget(id);
    }
  }

  /** Waits, or is about to. */
  function isGood(spare: Waiting): boolean {
    const window = windowOf(spare);
    return window ? isAlive(window.pid, window.startTicks) : performance.now() - spare.openedAt < OPENED_WITHIN_MS;
  }

  function end(spare = waiting): void {
    if (!spare) return;
    clearTimeout(spare.endAt);
    close(spare.pipes);
    forget(spare.id);
    if (waiting === spare) waiting = null;
  }

  /** All that are left of them. */
  function close(pipes: Waiting["pipes"]): void {
    for (const pipe of pipes.values()) closeSync(pipe);
    pipes.clear();
  }

  /** Says it, and that nothing more comes. */
  function say({ pipes, folder }: Waiting, name: PipeName, text: string): void {
    const pipe = pipes.get(name)!;
    writeSync(pipe, text);
    closeSync(pipe);
    pipes.delete(name);
    rmSync(join(folder, name));
  }

  function forget(id: string): void {
    const { folder, logFile } = spareOf(layout, id);
    rmSync(folder, { recursive: true, force: true });
    rmSync(logFile, { force: true });
  }

  return {
    take(order, environment) {
      const spare = waiting;
      const window = spare && windowOf(spare);
      if (!spare || !window) return null;
      const text = orderText(order, common, environment, spareWindowCommand(layout, order));
      if (text === null) return null;
      if (!isAlive(window.pid, window.startTicks)) {
        end();
        return null;
      }
      clearTimeout(spare.endAt);
      waiting = null;
      let given = false;
      return {
        id: spare.id,
        screenPid: window.screenPid,
        keepOutputAs(file) {
          rmSync(file, { force: true });
          // A second name for the file: screen makes a new one when the name it knows is gone.
          linkSync(spare.logFile, file);
        },
        moveTo(folder) {
          ownFolder(dirname(folder));
          renameSync(spare.folder, folder);
          spare.folder = folder;
        },
        tell: () => say(spare, "words", text),
        give() {
          say(spare, "go", "go\n");
          given = true;
        },
        end() {
          if (!given) end(spare);
        },
      };
    },
    want() {
      if (waiting && isGood(waiting)) waiting.endAt.refresh();
      else soon ??= setTimeout(open, AFTER_MS);
    },
    forget,
    sweep(given) {
      const known = new Set([
        ...namesIn(dirname(spareOf(layout, "x").folder)),
        ...namesIn(dirname(spareOf(layout, "x").logFile)).map((name) => basename(name, ".log")),
      ]);
      for (const id of known) {
        if (given.has(id)) continue;
        const spare = spareOf(layout, id);
        const window = windowOf(spare);
        const inUse = window ? isAlive(window.pid, window.startTicks) : Date.now() - writtenAt(spare.folder, 0) < OPENED_WITHIN_MS;
        if (!inUse) forget(id);
      }
    },
    close() {
      if (soon) clearTimeout(soon);
      soon = null;
      end();
    },
  };
}

/** null: it is being opened. */
function windowOf({ folder }: Spare): { pid: number; startTicks: number; screenPid: number } | null {
  const window = parseKeeper(readSmall(join(folder, "shim")) ?? "");
  return window === null || window.screenPid === null ? null : { ...window, screenPid: window.screenPid };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
