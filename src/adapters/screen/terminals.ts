/** The fleet's terminals as GNU screen sessions: controlled by signals and files only, because `screen -X` answers 0 without effect. */

import { existsSync, type FSWatcher, readdirSync, rmSync, watch } from "node:fs";
import { join } from "node:path";
import type { ProcessSeen, RunSeen, StopNote, Terminals, Usage } from "../../fleet/terminals.ts";
import type { Clock } from "../../kernel/clock.ts";
import { messageOf } from "../../kernel/errors.ts";
import { pageBytes, ticksPerSecond } from "../linux/libc.ts";
import { lockedFiles } from "../linux/locks.ts";
import { openProcessWatch } from "../linux/pidfds.ts";
import { isAlive, readStat } from "../linux/processes.ts";
import { lockFilesOf, outputFolderOf, runFolderOf } from "./commands.ts";
import { readSmall, writeSmall, writtenAt } from "./files.ts";
import { extractLibrary } from "./library.ts";
import { outputFiles, trimOutput } from "./output.ts";
import { orderFile, parseChild, parseExit, parseJson, parseKeeper, stopFile } from "./parse.ts";
import { killRun, send, signalRun } from "./signals.ts";
import { checkOrder, leftovers, openScreen, prepareRun, type StartOptions } from "./starting.ts";

export interface ScreenOptions extends Pick<StartOptions, "screenFolder" | "endpointFile" | "clientFile" | "mintToken" | "log"> {
  dataFolder: string;
  /** Where the small files live: a tmpfs folder that survives our restart, or `<data>/run`. */
  runtimeFolder: string;
  clock: Clock;
  environment?: StartOptions["environment"];
  /** Of one run's output. */
  outputCapBytes?: number;
  /** Runs of a session whose output is kept. */
  keepRuns?: number;
}

interface Entry {
  seen: RunSeen;
  folder: string;
  watcher: FSWatcher | null;
  /** Its files may have changed since they were read. */
  dirty: boolean;
}

export function screenTerminals(options: ScreenOptions): Terminals {
  const { dataFolder, runtimeFolder, clock, log } = options;
  const layout = { ...extractLibrary(dataFolder), dataFolder, runtimeFolder };
  const starting: StartOptions = {
    ...options,
    layout,
    environment: options.environment ?? process.env,
    keepRuns: options.keepRuns ?? 10,
    bootId: clock.bootId,
  };
  const capBytes = options.outputCapBytes ?? 10 * 1024 * 1024;
  const msPerTick = 1000 / ticksPerSecond();
  const bytesPerPage = pageBytes();
  const processes = openProcessWatch();
  const entries = new Map<string, Entry>();
  /** By session; kept when its runs are forgotten, because what they left behind is not. */
  const locks = new Map<string, string[]>();
  /** By session, likewise: the kernel session of its newest run's terminal. */
  const lastKeeper = new Map<string, number>();
  const listeners = new Set<() => void>();

  function adopt(session: string, run: string): Entry | null {
    const folder = runFolderOf(layout, session, run);
    const order = parseJson(orderFile, readSmall(join(folder, "order")) ?? "");
    if (!order || order.run !== run || order.session !== session) {
      log.warn("a run folder without its order is left alone", { folder });
      return null;
    }
    const seen: RunSeen = {
      run,
      session,
      name: order.name,
      program: order.program,
      definition: order.definition,
      by: order.by,
      reason: order.reason,
      orderedAt: order.at,
      thisBoot: order.bootId === clock.bootId,
      bootId: order.bootId,
      screenPid: null,
      keeper: null,
      child: null,
      exit: null,
      stop: parseJson(stopFile, readSmall(join(folder, "stop")) ?? ""),
    };
    locks.set(session, lockFilesOf(layout, order.program, order.pairs));
    const entry: Entry = { seen, folder, watcher: null, dirty: true };
    entries.set(run, entry);
    return entry;
  }

  function observe(entry: Entry): void {
    try {
      entry.watcher = watch(entry.folder, (_, file) => {
        // Drafts begin with a dot or end so; only what was renamed into place counts.
        if (file !== null && (file.startsWith(".") || file.endsWith(".draft"))) return;
        entry.dirty = true;
        for (const listener of listeners) listener();
      });
    } catch (error) {
      // Out of inotify watches: the regular look still sees everything, a little later.
      log.warn("a run folder cannot be watched", { folder: entry.folder, error: messageOf(error) });
    }
  }

  /** Reads a run's files again. Who is alive is asked before the exit is read: what a keeper wrote before it ended is then there. */
  function refresh(entry: Entry): boolean {
    const { folder, seen } = entry;
    const before = signature(seen);
    entry.dirty = false;
    if (!seen.keeper) {
      const file = parseKeeper(readSmall(join(folder, "shim")) ?? "");
      if (file) {
        seen.keeper = met(`${seen.run}:keeper`, file, writtenAt(join(folder, "shim"), seen.orderedAt), seen.thisBoot);
        seen.screenPid = file.screenPid;
        lastKeeper.set(seen.session, file.pid);
      }
    }
    if (!seen.child) {
      const file = parseChild(readSmall(join(folder, "child")) ?? "");
      if (file) seen.child = met(`${seen.run}:child`, file, writtenAt(join(folder, "child"), seen.orderedAt), seen.thisBoot);
    }
    if (!seen.exit) {
      const code = parseExit(readSmall(join(folder, "exit")) ?? "");
      if (code !== null) seen.exit = { code, at: writtenAt(join(folder, "exit"), clock.now()) };
    }
    if (seen.exit) closeWatcher(entry);
    return signature(seen) !== before;
  }

  function met(key: string, { pid, startTicks }: { pid: number; startTicks: number }, startedAt: number, thisBoot: boolean): ProcessSeen {
    return { pid, startTicks, startedAt, alive: thisBoot && processes.add(key, pid, startTicks) };
  }

  function closeWatcher(entry: Entry): void {
    entry.watcher?.close();
    entry.watcher = null;
  }

  function drop(entry: Entry): void {
    closeWatcher(entry);
    processes.remove(`${entry.seen.run}:keeper`);
    processes.remove(`${entry.seen.run}:child`);
    entries.delete(entry.seen.run);
  }

  function isLocked(session: string): boolean {
    const files = locks.get(session);
    return files === undefined || lockedFiles(files).length > 0;
  }

  function entryOf(run: string): Entry | undefined {
    return entries.get(run);
  }

  return {
    list() {
      for (const entry of [...entries.values()]) drop(entry);
      const root = join(runtimeFolder, "sessions");
      for (const session of foldersIn(root)) {
        for (const run of foldersIn(join(root, session)).sort()) {
          const entry = adopt(session, run);
          if (!entry) continue;
          // Watched before it is read: what changes in between is told.
          observe(entry);
          refresh(entry);
        }
      }
      return [...entries.values()].map((entry) => ({ ...entry.seen }));
    },

    look() {
      const changed = new Set<Entry>();
      for (const key of processes.ended()) {
        const end = key.lastIndexOf(":");
        const entry = entries.get(key.slice(0, end));
        const gone = key.endsWith(":child") ? entry?.seen.child : entry?.seen.keeper;
        if (!entry || !gone) continue;
        // A new object: what was handed out before stays what it was.
        const ended: ProcessSeen = { ...gone, alive: false };
        if (key.endsWith(":child")) entry.seen.child = ended;
        else entry.seen.keeper = ended;
        entry.dirty = true;
        changed.add(entry);
      }
      for (const entry of entries.values()) if ((entry.dirty || inTransit(entry.seen)) && refresh(entry)) changed.add(entry);
      return [...changed].map((entry) => ({ ...entry.seen }));
    },

    watch(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },

    async start(order) {
      const user = checkOrder(starting, order);
      const { environment } = prepareRun(starting, order, user);
      const entry = adopt(order.session, order.run);
      if (entry) observe(entry);
      try {
        await openScreen(starting, order, user, environment);
      } catch (error) {
        if (entry) drop(entry);
        rmSync(runFolderOf(layout, order.session, order.run), { recursive: true, force: true });
        throw error;
      }
    },

    stop(run, signal, note) {
      const entry = entryOf(run);
      if (!entry) return;
      keepNote(entry, note, log);
      signalRun(entry.seen, signal);
    },

    kill(run) {
      const entry = entryOf(run);
      if (entry) killRun(entry.seen);
    },

    leftovers: (session) => (isLocked(session) ? leftovers(layout, session) : []),

    sweep(session, signal) {
      const pids = leftovers(layout, session);
      for (const pid of pids) {
        const stat = readStat(pid);
        if (stat && (signal === "KILL" || stat.session !== lastKeeper.get(session))) send(stat, `SIG${signal}`);
      }
      return pids;
    },

    isOpen(run) {
      const { keeper, screenPid } = entryOf(run)?.seen ?? { keeper: null, screenPid: null };
      if (keeper && isAlive(keeper.pid, keeper.startTicks)) return true;
      const screen = screenPid === null ? null : readStat(screenPid);
      // SCREEN was there before its keeper; a later process under its pid is another one.
      return screen !== null && keeper !== null && screen.state !== "Z" && screen.startTicks <= keeper.startTicks;
    },

    usage() {
      const used = new Map<string, Usage>();
      for (const { seen } of entries.values()) {
        if (!seen.child?.alive) continue;
        const stat = readStat(seen.child.pid);
        if (stat?.startTicks === seen.child.startTicks)
          used.set(seen.run, { cpuMs: stat.cpuTicks * msPerTick, memoryBytes: stat.residentPages * bytesPerPage });
      }
      return used;
    },

    trim() {
      for (const { seen } of entries.values()) {
        try {
          if (seen.child?.alive) trimOutput(outputFolderOf(layout, seen.session), seen.run, capBytes);
        } catch (error) {
          log.warn("output cannot be cut", { run: seen.run, error: messageOf(error) });
        }
      }
    },

    forget(run) {
      const entry = entryOf(run);
      if (!entry) return;
      drop(entry);
      rmSync(entry.folder, { recursive: true, force: true });
    },

    output: (session, run) => outputFiles(outputFolderOf(layout, session), run),

    close() {
      for (const entry of [...entries.values()]) drop(entry);
      processes.close();
      listeners.clear();
    },
  };
}

/** Its files are still to come: the program not yet seen, or ended with the exit not yet told. */
function inTransit(seen: RunSeen): boolean {
  if (seen.exit || !seen.thisBoot) return false;
  if (!seen.child) return !seen.keeper || seen.keeper.alive;
  return !seen.child.alive && (seen.keeper?.alive ?? false);
}

function signature(seen: RunSeen): string {
  return `${seen.keeper?.pid} ${seen.keeper?.alive} ${seen.child?.pid} ${seen.child?.alive} ${seen.exit?.code}`;
}

function keepNote(entry: Entry, note: StopNote, log: ScreenOptions["log"]): void {
  entry.seen.stop = note;
  try {
    writeSmall(join(entry.folder, "stop"), JSON.stringify(note));
  } catch (error) {
    log.warn("the note of a stop cannot be written", { run: entry.seen.run, error: messageOf(error) });
  }
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((item) => (item.isDirectory() ? [item.name] : []));
}
