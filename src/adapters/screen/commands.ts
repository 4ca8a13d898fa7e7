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
  const folder = runFolderOf(layout, order.session, order.run);
  const logFile = join(outputFolderOf(layout, order.session), `${order.run}.log`);
  return [
    "screen",
    ...["-c", layout.screenrc],
    // screen expands %n, %S and so on in this path.
    ...["-L", "-Logfile", logFile.replaceAll("%", "%%")],
    ...["-dmS", order.name],
    ...[layout.shim, folder],
    ...lockFilesOf(layout, order.program, order.pairs).flatMap(lockStep),
    ...[layout.shim, "--child", folder],
    ...(as ? ["setpriv", `--reuid=${as.uid}`, `--regid=${as.gid}`, "--init-groups", "--"] : []),
    ...order.command,
  ];
}

/** Becomes the next step while holding the lock, which that step and whatever it becomes inherit. */
function lockStep(file: string): string[] {
  return ["flock", "--nonblock", "--no-fork", "--conflict-exit-code", String(LOCKED_CODE), file];
}

export interface RunFiles {
  tokenFile: string;
  endpointFile: string;
  spoolFolder: string;
  clientFile: string;
  screenFolder: string | null;
}

/** What a session inherits of our own environment: enough for any program to work, nothing that is ours alone. */
const INHERITED = ["PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "SHELL", "TZ", "USER"] as const;

export function environmentFor(
  order: StartOrder,
  files: RunFiles,
  ours: Record<string, string | undefined>,
  as: { name: string; home: string } | null,
): Record<string, string> {
  const inherited: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = ours[name];
    if (value !== undefined) inherited[name] = value;
  }
  return {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ...inherited,
    ...(as ? { HOME: as.home, USER: as.name, LOGNAME: as.name } : {}),
    PYTHONUNBUFFERED: "1",
    ...order.environment,
    // Last, so that no program's settings can pass for another session.
    ...(files.screenFolder === null ? {} : { SCREENDIR: files.screenFolder }),
    SIGNALBOX_RUN: order.run,
    SIGNALBOX_SESSION: order.session,
    SIGNALBOX_SESSION_NAME: order.name,
    SIGNALBOX_PAIRS: JSON.stringify(order.pairs.map(({ id, country, operator }) => ({ id, country, operator }))),
    SIGNALBOX_ENDPOINT_FILE: files.endpointFile,
    SIGNALBOX_TOKEN_FILE: files.tokenFile,
    SIGNALBOX_SPOOL: files.spoolFolder,
    SIGNALBOX_CLIENT: files.clientFile,
  };
}
