/** Starting one run: everything that can be refused is refused before screen is asked, and a refusal leaves nothing behind. */

import { chmodSync, chownSync, existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { StartOrder } from "../../fleet/terminals.ts";
import { AppError, conflict, invalid, messageOf, unavailable } from "../../kernel/errors.ts";
import type { Log } from "../../kernel/log.ts";
import { hasOpen, lockedFiles } from "../linux/locks.ts";
import { allPids, environmentOf } from "../linux/processes.ts";
import { type SystemUser, systemUser } from "../linux/users.ts";
import { environmentFor, type HouseFiles, type Layout, lockFilesOf, outputFolderOf, runFolderOf, startCommand } from "./commands.ts";
import { ownFolder, writeSmall } from "./files.ts";
import { openOutput } from "./output.ts";
import { screenComplaint } from "./parse.ts";
import type { OrderFile } from "./run-files.ts";
import type { Taken } from "./spares.ts";

export interface StartOptions extends HouseFiles {
  layout: Layout;
  mintToken: (order: StartOrder) => string;
  /** Our own environment, of which a session inherits a little. */
  environment: Record<string, string | undefined>;
  keepRuns: number;
  bootId: string;
  /** Processes that earlier runs of a session left behind, given its lock files. */
  leftovers: (session: string, locks: readonly string[]) => number[];
  log: Log;
}

// screen answers in 3 ms; one that hangs (an NFS home, a full pty table) is given up.
const SCREEN_DEADLINE_MS = 5_000;

/** Throws before anything is done when the order cannot be carried out. */
export function checkOrder(options: StartOptions, order: StartOrder): SystemUser | null {
  for (const tool of ["screen", "flock", "stty"]) {
    if (!Bun.which(tool, { PATH: options.environment.PATH ?? "" }))
      throw unavailable(
        `${tool} is not installed: apt-get install ${tool === "screen" ? "screen" : tool === "flock" ? "util-linux" : "coreutils"}`,
      );
  }
  const folder = statSync(order.folder, { throwIfNoEntry: false });
  if (!folder) throw invalid(`folder ${order.folder} does not exist`);
  if (!folder.isDirectory()) throw invalid(`${order.folder} is not a folder`);
  const user = order.user === null ? null : userFor(order.user);
  const locks = lockFilesOf(options.layout, order.program, order.pairs);
  const left = options.leftovers(order.session, locks);
  if (left.length > 0) throw conflict(`process ${left.join(", ")} of an earlier run still holds its lock`, "leftover");
  if (lockedFiles(locks).length > 0)
    throw conflict(`another copy of ${order.program} for ${order.pairs.map((pair) => pair.id).join(", ")} is running`, "locked");
  return user;
}

/** null: we are that user already. */
function userFor(name: string): SystemUser | null {
  const user = systemUser(name);
  if (!user) throw invalid(`user ${name} does not exist on this machine`);
  const own = process.getuid?.() ?? 0;
  if (user.uid === own) return null;
  if (own !== 0) throw invalid(`only root can run a program as ${name}; Signalbox runs as user ${own}`);
  return user;
}

/** Processes that carry a session's cookie and have a lock open: what its earlier runs left behind. */
export function leftovers(layout: Layout, session: string): number[] {
  return allPids().filter((pid) => isLeftover(layout, session, pid));
}

/**
 * The same, asked cheaply: looked for only while a lock is held. A lock file that is gone tells nothing (somebody emptied the runtime
 * folder, and what held the lock runs on), so then whatever was there when we first looked counts, as long as it lives.
 */
export function openLeftoverLook(layout: Layout): StartOptions["leftovers"] {
  let before: Map<string, number[]> | null = null;
  return (session, locks) => {
    if (lockedFiles(locks).length > 0) return leftovers(layout, session);
    if (locks.every((file) => existsSync(file))) return [];
    before ??= holdersBySession(layout);
    return (before.get(session) ?? []).filter((pid) => isLeftover(layout, session, pid));
  };
}

const COOKIE = "SIGNALBOX_SESSION=";

function isLeftover(layout: Layout, session: string, pid: number): boolean {
  return environmentOf(pid).includes(`${COOKIE}${session}`) && hasOpen(pid, locksFolder(layout));
}

function holdersBySession(layout: Layout): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const pid of allPids()) {
    const cookie = environmentOf(pid).find((setting) => setting.startsWith(COOKIE));
    if (cookie === undefined || !hasOpen(pid, locksFolder(layout))) continue;
    const session = cookie.slice(COOKIE.length);
    found.set(session, [...(found.get(session) ?? []), pid]);
  }
  return found;
}

const locksFolder = (layout: Layout) => join(layout.runtimeFolder, "locks");

const filesOf = ({ layout }: StartOptions, order: StartOrder) => ({
  tokenFile: join(runFolderOf(layout, order.session, order.run), "token"),
  spoolFolder: join(layout.dataFolder, "spool", order.session),
});

export function runEnvironment(options: StartOptions, order: StartOrder, user: SystemUser | null): Record<string, string> {
  return environmentFor(order, { ...options, ...filesOf(options, order) }, options.environment, user);
}

/** The run's folder with its order: what is in it from here on is told to whoever looks after the fleet next. */
export function beginRun(options: StartOptions, order: StartOrder, spare: Taken | null): void {
  const { layout } = options;
  const folder = runFolderOf(layout, order.session, order.run);
  writable(layout, folder, () => {
    ownFolder(locksFolder(layout));
    if (spare) spare.moveTo(folder);
    else ownFolder(folder);
    const { command: _, environment: __, folder: ___, user: ____, ...kept } = order;
    const file: OrderFile = { ...kept, pairs: [...order.pairs], bootId: options.bootId, adopted: null, spare: spare?.id ?? null };
    writeSmall(join(folder, "order"), JSON.stringify(file));
  });
}

function writable(layout: Layout, folder: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw unavailable(`${layout.runtimeFolder} cannot be written: ${messageOf(error)}`);
  }
}

/** Everything else that is there before the program is. */
export function furnishRun(options: StartOptions, order: StartOrder, user: SystemUser | null, spare: Taken | null): void {
  const { layout, log } = options;
  const folder = runFolderOf(layout, order.session, order.run);
  const { tokenFile, spoolFolder } = filesOf(options, order);
  writable(layout, folder, () => writeSmall(tokenFile, options.mintToken(order)));
  // A full or read-only data disk costs the output, not the run.
  try {
    openOutput(outputFolderOf(layout, order.session), order.run, options.keepRuns, spare?.keepOutputAs);
    ownFolder(spoolFolder);
  } catch (error) {
    log.warn("output will not be kept", { session: order.session, run: order.run, error });
  }
  if (user) shareWith(user, [tokenFile, spoolFolder], layout, folder);
}

/** Gives another user its own run's token and spool, and lets it pass through the folders above them. */
function shareWith(user: SystemUser, own: readonly string[], layout: Layout, folder: string): void {
  for (const path of own) chownSync(path, user.uid, user.gid);
  const passed = [layout.runtimeFolder, join(layout.runtimeFolder, "sessions"), join(folder, ".."), folder];
  for (const path of [...passed, layout.dataFolder, join(layout.dataFolder, "spool")]) chmodSync(path, statSync(path).mode | 0o001);
}

/** Asks screen. Throws with screen's own words when it refuses. */
export async function openScreen(
  options: StartOptions,
  order: StartOrder,
  user: SystemUser | null,
  environment: Record<string, string>,
): Promise<void> {
  if (options.screenFolder !== null) ownFolder(options.screenFolder);
  const asked = Bun.spawn(startCommand(options.layout, order, user), {
    cwd: order.folder,
    env: environment,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: SCREEN_DEADLINE_MS,
    killSignal: "SIGKILL",
  });
  const code = await asked.exited;
  if (code === 0) return;
  const words = screenComplaint(`${await asked.stdout.text()}${await asked.stderr.text()}`);
  throw new AppError(
    "unavailable",
    code === 137 ? `screen did not answer within ${SCREEN_DEADLINE_MS / 1000} s` : `screen refused: ${words || `exit code ${code}`}`,
  );
}
