/** One screen that waits for its run: opened, and given an order through two pipes that nobody but us holds open. */

import { closeSync, constants, existsSync, linkSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { makePipe } from "../linux/libc.ts";
import { isAlive } from "../linux/processes.ts";
import { type Layout, SPARE_NAME, type Spare, spareCommand, spareOf } from "./commands.ts";
import { ownFolder, readSmall } from "./files.ts";
import { parseKeeper } from "./parse.ts";

export interface SpareScreen extends Spare {
  id: string;
  /** Its screen has ended before it was given a run, or could not be opened: the code. */
  failed: Promise<number>;
  /** Waits, or is about to. */
  isGood(): boolean;
  /** Makes its output file the run's. Throws when that cannot be. */
  keepOutputAs(file: string): void;
  /** Its folder becomes the run's. */
  moveTo(folder: string): void;
  /** Gives it the order, which it takes in while the rest of the run is made ready. */
  tell(order: string): void;
  /** Lets the program begin. From here on it is the run's own. */
  give(): void;
  /** It is not needed: it ends, and what was kept for it is gone. Nothing happens to one that has its run. */
  end(): void;
}

export interface SpareScreenOptions {
  layout: Layout;
  screenFolder: string | null;
  environment: Record<string, string>;
}

/** What a start brings with it, a name and the next spare screen, waits so long: the program's own start goes first. */
export const AFTER_START_MS = 25;

/** A screen is open in milliseconds. One that is not by then hangs. */
export const OPENED_WITHIN_MS = 5_000;

/** Throws when there cannot be one here; nothing is left then. */
export function openSpareScreen({ layout, screenFolder, environment }: SpareScreenOptions): SpareScreen {
  const id = crypto.randomUUID();
  const { folder, logFile } = spareOf(layout, id);
  const openedAt = performance.now();
  const pipes = new Map<"words" | "go", number>();

  function end(): void {
    for (const pipe of pipes.values()) closeSync(pipe);
    pipes.clear();
    forgetSpare(layout, id);
  }

  /** Says it, and that nothing more comes. */
  function say(name: "words" | "go", text: string): void {
    const pipe = pipes.get(name)!;
    writeSync(pipe, text);
    closeSync(pipe);
    pipes.delete(name);
    rmSync(join(screen.folder, name));
  }

  function open() {
    ownFolder(folder);
    ownFolder(dirname(logFile));
    if (screenFolder !== null) ownFolder(screenFolder);
    writeFileSync(logFile, "", { mode: 0o600 });
    // A file system without second names for a file is found out now, not when a run needs its output.
    linkSync(logFile, `${logFile}.too`);
    rmSync(`${logFile}.too`);
    for (const name of ["words", "go"] as const) {
      makePipe(join(folder, name));
      // For reading, too: to open it must not wait for the window.
      pipes.set(name, openSync(join(folder, name), constants.O_RDWR | constants.O_NONBLOCK));
    }
    return Bun.spawn(spareCommand(layout, { folder, logFile }), {
      ...{ cwd: "/", env: environment },
      ...{ stdin: "ignore", stdout: "ignore", stderr: "ignore" },
    });
  }

  let child: ReturnType<typeof open>;
  try {
    child = open();
  } catch (error) {
    end();
    throw error;
  }
  child.unref();

  const screen: SpareScreen = {
    id,
    folder,
    logFile,
    failed: child.exited.then((code) => (code === 0 ? new Promise<never>(() => {}) : code)),
    isGood() {
      const window = spareWindow(screen);
      return window ? waits(window, screenFolder) : performance.now() - openedAt < OPENED_WITHIN_MS;
    },
    keepOutputAs(file) {
      rmSync(file, { force: true });
      // A second name for the file: screen makes a new one when the name it knows is gone.
      linkSync(logFile, file);
    },
    moveTo(to) {
      ownFolder(dirname(to));
      renameSync(screen.folder, to);
      screen.folder = to;
    },
    tell: (order) => say("words", order),
    give: () => say("go", "go\n"),
    end() {
      if (pipes.size > 0) end();
    },
  };
  return screen;
}

interface SpareWindow {
  pid: number;
  startTicks: number;
  screenPid: number;
}

/** A screen that ends hangs up and takes its socket away; its window may live a moment longer, and what that is told would be lost. */
export function waits({ pid, startTicks, screenPid }: SpareWindow, screenFolder: string | null): boolean {
  return isAlive(pid, startTicks) && (screenFolder === null || existsSync(join(screenFolder, `${screenPid}.${SPARE_NAME}`)));
}

/** null: it is being opened. */
export function spareWindow({ folder }: Spare): SpareWindow | null {
  const window = parseKeeper(readSmall(join(folder, "shim")) ?? "");
  return window === null || window.screenPid === null ? null : { ...window, screenPid: window.screenPid };
}

export function forgetSpare(layout: Layout, id: string): void {
  const { folder, logFile } = spareOf(layout, id);
  rmSync(folder, { recursive: true, force: true });
  rmSync(logFile, { force: true });
}
