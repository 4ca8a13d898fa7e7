/** What is run, as argument arrays. Pure. Nothing here ever meets a shell. */

import { join } from "node:path";
import type { StartOrder } from "../../fleet/terminals.ts";

/** EX_TEMPFAIL: another copy holds a lock of this program and one of these pairs. */
export const LOCKED_CODE = 75;

export interface Layout {
  /** The extracted shim and screenrc. */
  shim: string;
  screenrc: string;
  runtimeFolder: string;
  dataFolder: string;
}

export function runFolderOf(layout: Layout, session: string, run: string): string {
  return join(layout.runtimeFolder, "sessions", session, run);
}

export function outputFolderOf(layout: Layout, session: string): string {
  return join(layout.dataFolder, "output", session);
}

/** One lock per program and pair, sorted, so that two starts that share pairs never wait for each other crosswise. */
export function lockFilesOf(layout: Layout, program: string, pairs: readonly { id: string }[]): string[] {
  const ids = [...new Set(pairs.map((pair) => pair.id))].sort();
  return ids.map((id) => join(layout.runtimeFolder, "locks", `${program}.${id}.lock`));
}

export function startCommand(layout: Layout, order: StartOrder, as: { uid: number; gid: number } | null): string[] {
  const logFile = join(outputFolderOf(layout, order.session), `${order.run}.log`);
  const window = [layout.shim, runFolderOf(layout, order.session, order.run), ...windowCommand(layout, order, as)];
  return screenCommand(layout, order.name, logFile, window);
}

/** A screen whose window waits for its program. */
export function spareCommand(layout: Layout, spare: Spare): string[] {
  return screenCommand(layout, SPARE_NAME, spare.logFile, [layout.shim, "--spare", spare.folder]);
}

/** What `screen -ls` calls a screen that has no program yet, and the variable it is known by. */
export const SPARE_NAME = "signalbox-spare";
export const SPARE_COOKIE = "SIGNALBOX_SPARE";

export interface Spare {
  /** Its small files; of those `words` and `go` are pipes. */
  folder: string;
  logFile: string;
}

export function spareOf(layout: Layout, id: string): Spare {
  return { folder: join(layout.runtimeFolder, "spare", id), logFile: join(layout.dataFolder, "spare", `${id}.log`) };
}

function screenCommand(layout: Layout, name: string, logFile: string, window: readonly string[]): string[] {
  // screen expands %n, %S and so on in this path.
  return ["screen", "-c", layout.screenrc, "-L", "-Logfile", logFile.replaceAll("%", "%%"), "-dmS", name, ...window];
}

/** What a spare window runs, which has told its pid: takes the locks, becomes the program. */
export function spareWindowCommand(layout: Layout, order: StartOrder): string[] {
  return [...lockFilesOf(layout, order.program, order.pairs).flatMap(lockStep), ...order.command];
}

/** What a window runs: takes the locks, tells its pid, becomes the program. */
function windowCommand(layout: Layout, order: StartOrder, as: { uid: number; gid: number } | null): string[] {
  return [
    ...lockFilesOf(layout, order.program, order.pairs).flatMap(lockStep),
    ...[layout.shim, "--child", runFolderOf(layout, order.session, order.run)],
    ...(as ? ["setpriv", `--reuid=${as.uid}`, `--regid=${as.gid}`, "--init-groups", "--"] : []),
    ...order.command,
  ];
}

/** Becomes the next step while holding the lock, which that step and whatever it becomes inherit. */
function lockStep(file: string): string[] {
  return ["flock", "--nonblock", "--no-fork", "--conflict-exit-code", String(LOCKED_CODE), file];
}

export interface HouseFiles {
  endpointFile: string;
  clientFile: string;
  screenFolder: string | null;
}

export interface RunFiles extends HouseFiles {
  tokenFile: string;
  spoolFolder: string;
}

/** What a session inherits of our own environment: enough for any program to work, nothing that is ours alone. */
const INHERITED = ["PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "SHELL", "TZ", "USER"] as const;

type Settings = Record<string, string>;

export function environmentFor(
  order: StartOrder,
  files: RunFiles,
  ours: Record<string, string | undefined>,
  as: { name: string; home: string } | null,
): Settings {
  return {
    ...inherited(ours),
    ...(as ? { HOME: as.home, USER: as.name, LOGNAME: as.name } : {}),
    ...order.environment,
    // Last, so that no program's settings can pass for another session.
    ...ofTheHouse(files),
    SIGNALBOX_RUN: order.run,
    SIGNALBOX_SESSION: order.session,
    SIGNALBOX_SESSION_NAME: order.name,
    SIGNALBOX_PAIRS: JSON.stringify(order.pairs.map(({ id, country, operator }) => ({ id, country, operator }))),
    SIGNALBOX_TOKEN_FILE: files.tokenFile,
    SIGNALBOX_SPOOL: files.spoolFolder,
  };
}

/** What every session has, whatever its program. */
export function commonEnvironment(files: HouseFiles, ours: Record<string, string | undefined>): Settings {
  return { ...inherited(ours), ...ofTheHouse(files) };
}

function inherited(ours: Record<string, string | undefined>): Settings {
  const found: Settings = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", PYTHONUNBUFFERED: "1" };
  for (const name of INHERITED) {
    const value = ours[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function ofTheHouse({ screenFolder, endpointFile, clientFile }: HouseFiles): Settings {
  return {
    ...(screenFolder === null ? {} : { SCREENDIR: screenFolder }),
    SIGNALBOX_ENDPOINT_FILE: endpointFile,
    SIGNALBOX_CLIENT: clientFile,
  };
}
