/** The runs there are, from their folders and processes: read when something says they changed, cheap to ask while nothing does. */

import { existsSync, type FSWatcher, readdirSync, watch } from "node:fs";
import { join } from "node:path";
import type { CodeState } from "../../fleet/code.ts";
import type { AdoptedProcess, ProcessSeen, RunSeen, StopNote } from "../../fleet/terminals.ts";
import type { Clock } from "../../kernel/clock.ts";
import { messageOf } from "../../kernel/errors.ts";
import { lazily } from "../../kernel/lazily.ts";
import type { Log } from "../../kernel/log.ts";
import { lockedFiles } from "../linux/locks.ts";
import { openProcessWatch } from "../linux/pidfds.ts";
import { environmentOf, type ProcessStat, processesOfSession, readStat } from "../linux/processes.ts";
import { type Layout, LOCKED_CODE, lockFilesOf, runFolderOf } from "./commands.ts";
import { readSmall, writeSmall, writtenAt } from "./files.ts";
import { parseChild, parseExit, parseKeeper } from "./parse.ts";

export interface Runs {
  /** Reads every run folder anew. */
  list(): RunSeen[];
  /** Those that changed since the last look. */
  look(): RunSeen[];
  /** Takes up a run whose order is written. Its folder is watched from now on. */
  add(session: string, run: string): void;
  drop(run: string): void;
  get(run: string): RunSeen | undefined;
  /** The waiting screen that it was given to. */
  spareOf(run: string): string | null;
  all(): Iterable<RunSeen>;
  note(run: string, note: StopNote): void;
  keepCode(run: string, code: CodeState): void;
  /** Told whenever a run's files change. */
  watch(onChange: () => void): () => void;
  /** By session, also when its runs are forgotten, because what they left behind is not. */
  locks: ReadonlyMap<string, readonly string[]>;
  /** By session, likewise: the kernel session of its newest run's terminal. */
  lastKeeper: ReadonlyMap<string, number>;
  close(): void;
}

interface Entry {
  seen: RunSeen;
  folder: string;
  /** The process that was adopted as this run. */
  adopted: AdoptedProcess | null;
  spare: string | null;
  /** How the first process of an adopted run ended, when the kernel told. */
  code: number | null;
  watcher: FSWatcher | null;
  /** Its files may have changed since they were read. */
  dirty: boolean;
}

// With the first run: a start of an empty house needs no schemas. Not import(), because who adds a run does not wait.
const files = lazily(() => require("./run-files.ts") as typeof import("./run-files.ts"));

const OURS = new Set(["order", "words", "go", "token"]);
const WRITTEN_BY_MS = 3;

export function openRuns(layout: Layout, clock: Clock, log: Log): Runs {
  const processes = openProcessWatch();
  const entries = new Map<string, Entry>();
  const locks = new Map<string, string[]>();
  const lastKeeper = new Map<string, number>();
  const listeners = new Set<() => void>();

  function adopt(session: string, run: string): Entry | null {
    const folder = runFolderOf(layout, session, run);
    const { orderFile, parseJson, stopFile } = files();
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
      code: order.code ?? null,
      by: order.by,
      reason: order.reason,
      orderedAt: order.at,
      thisBoot: order.bootId === clock.bootId,
      bootId: order.bootId,
      adopted: order.adopted !== null,
      screenPid: order.adopted?.screenPid ?? null,
      keeper: null,
      child: null,
      exit: null,
      stop: parseJson(stopFile, readSmall(join(folder, "stop")) ?? ""),
    };
    locks.set(session, lockFilesOf(layout, order.program, order.pairs));
    const entry: Entry = { seen, folder, adopted: order.adopted, spare: order.spare, code: null, watcher: null, dirty: true };
    entries.set(run, entry);
    return entry;
  }

  function observe(entry: Entry): void {
    try {
      entry.watcher = watch(entry.folder, (_, file) => {
        // Drafts begin with a dot or end so, and these are ours.
        if (file !== null && (file.startsWith(".") || file.endsWith(".draft") || OURS.has(file))) return;
        tell(entry);
        // Told when it was made, a file may still be empty; of what is written within the same millisecond nothing more is told.
        setTimeout(() => tell(entry), WRITTEN_BY_MS);
      });
    } catch (error) {
      // Out of inotify watches: the regular look still sees everything, a little later.
      log.warn("a run folder cannot be watched", { folder: entry.folder, error: messageOf(error) });
    }
  }

  function tell(entry: Entry): void {
    if (!entry.watcher) return;
    entry.dirty = true;
    for (const listener of listeners) listener();
  }

  /** Reads a run's files again. Who is alive is asked before the exit is read: what a keeper wrote before it ended is then there. */
  function refresh(entry: Entry): boolean {
    const { folder, seen } = entry;
    const before = signature(seen);
    entry.dirty = false;
    if (entry.adopted) {
      const { screenPid, screenStartTicks, startedAt } = entry.adopted;
      seen.keeper ??= met(`${seen.run}:keeper`, { pid: screenPid, startTicks: screenStartTicks }, startedAt, seen.thisBoot);
      seen.child = adoptedChild(entry, entry.adopted);
    } else if (!seen.keeper) {
      const file = parseKeeper(readSmall(join(folder, "shim")) ?? "");
      if (file) {
        const at = entry.spare === null ? writtenAt(join(folder, "shim"), seen.orderedAt) : seen.orderedAt;
        seen.keeper = met(`${seen.run}:keeper`, file, at, seen.thisBoot);
        seen.screenPid = file.screenPid;
        lastKeeper.set(seen.session, file.pid);
      }
    }
    if (!seen.child) {
      const file = parseChild(readSmall(join(folder, "child")) ?? "");
      if (file) seen.child = met(`${seen.run}:child`, whoIs(file, seen), writtenAt(join(folder, "child"), seen.orderedAt), seen.thisBoot);
    }
    if (!seen.exit) {
      const code = parseExit(readSmall(join(folder, "exit")) ?? "");
      if (code !== null) seen.exit = { code, at: endedAt(join(folder, "exit"), clock.now()) };
    }
    // A window that waited tells its pid before it asks for the locks.
    if (seen.exit?.code === LOCKED_CODE && entry.spare !== null && lockedFiles(locks.get(seen.session) ?? []).length > 0) seen.child = null;
    if (seen.exit) closeWatcher(entry);
    return signature(seen) !== before;
  }

  /** The adopted process; or once that has ended, what is left of its process group; or its end. */
  function adoptedChild({ seen }: Entry, adopted: AdoptedProcess): ProcessSeen {
    const child = seen.child ?? met(`${seen.run}:child`, adopted, adopted.startedAt, seen.thisBoot);
    if (child.alive || !seen.thisBoot) return child;
    const standIn = standInFor(adopted);
    return standIn ? met(`${seen.run}:child`, standIn, adopted.startedAt, true) : child;
  }

  /** Its first process has ended. The code is written where every other run's stands, but not before the rest has ended too. */
  function outlive(entry: Entry, adopted: AdoptedProcess, code: number | null): void {
    entry.code ??= code;
    entry.seen.child = adoptedChild(entry, adopted);
    if (entry.code === null || entry.seen.child.alive) return;
    try {
      writeSmall(join(entry.folder, "exit"), `${entry.code}\n`);
    } catch (error) {
      log.warn("an exit cannot be written", { run: entry.seen.run, error: messageOf(error) });
    }
  }

  function met(key: string, { pid, startTicks }: { pid: number; startTicks: number }, startedAt: number, thisBoot: boolean): ProcessSeen {
    const alive = thisBoot && processes.add(key, pid, startTicks);
    return { pid, startTicks, startedAt, alive, ...(alive ? {} : { goneAt: clock.now() }) };
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

  return {
    locks,
    lastKeeper,
    list() {
      for (const entry of [...entries.values()]) drop(entry);
      const root = join(layout.runtimeFolder, "sessions");
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
        const ended: ProcessSeen = { ...gone, alive: false, goneAt: clock.now() };
        if (key.endsWith(":child")) entry.seen.child = ended;
        else entry.seen.keeper = ended;
        if (entry.adopted && key.endsWith(":child")) outlive(entry, entry.adopted, processes.codeOf(key));
        entry.dirty = true;
        changed.add(entry);
      }
      for (const entry of entries.values()) if ((entry.dirty || inTransit(entry.seen)) && refresh(entry)) changed.add(entry);
      return [...changed].map((entry) => ({ ...entry.seen }));
    },

    add(session, run) {
      const entry = adopt(session, run);
      if (entry) observe(entry);
    },

    drop(run) {
      const entry = entries.get(run);
      if (entry) drop(entry);
    },

    get: (run) => entries.get(run)?.seen,
    spareOf: (run) => entries.get(run)?.spare ?? null,
    all: () => [...entries.values()].map((entry) => entry.seen),

    note(run, note) {
      const entry = entries.get(run);
      if (!entry) return;
      entry.seen.stop = note;
      try {
        writeSmall(join(entry.folder, "stop"), JSON.stringify(note));
      } catch (error) {
        log.warn("the note of a stop cannot be written", { run, error: messageOf(error) });
      }
    },

    keepCode(run, code) {
      const entry = entries.get(run);
      if (!entry) return;
      entry.seen.code = code;
      const { orderFile, parseJson } = files();
      const path = join(entry.folder, "order");
      try {
        const order = parseJson(orderFile, readSmall(path) ?? "");
        if (order) writeSmall(path, JSON.stringify({ ...order, code }));
      } catch (error) {
        log.warn("what the code of a run is cannot be kept", { run, error: messageOf(error) });
      }
    },

    watch(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },

    close() {
      for (const entry of [...entries.values()]) drop(entry);
      processes.close();
      listeners.clear();
    },
  };
}

/**
 * The start time of whom a child file names, if that is still the run's: a child of its keeper, which has no other, or a process that carries
 * the run in its environment. 0 belongs to nobody: it is gone, whoever has its pid now.
 */
function whoIs({ pid, startTicks }: { pid: number; startTicks: number | null }, { run, keeper, thisBoot }: RunSeen) {
  if (startTicks !== null || !thisBoot) return { pid, startTicks: startTicks ?? 0 };
  const stat = readStat(pid);
  const isIts = stat && ((keeper?.alive && stat.parent === keeper.pid) || environmentOf(pid).includes(`SIGNALBOX_RUN=${run}`));
  return { pid, startTicks: isIts ? stat.startTicks : 0 };
}

/** The oldest living process of an adopted one's group. It must carry the name of the screen: group numbers are used again. */
function standInFor({ group, session, screen }: AdoptedProcess): ProcessStat | null {
  const members = processesOfSession(session).filter(
    (member) => member.group === group && environmentOf(member.pid).includes(`STY=${screen}`),
  );
  return members.sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid)[0] ?? null;
}

/** Its files are still to come: the program not yet seen, or ended with the exit not yet told. */
function inTransit(seen: RunSeen): boolean {
  if (seen.exit || !seen.thisBoot || seen.adopted) return false;
  if (!seen.child) return !seen.keeper || seen.keeper.alive;
  return !seen.child.alive && (seen.keeper?.alive ?? false);
}

function signature(seen: RunSeen): string {
  return `${seen.keeper?.pid} ${seen.keeper?.alive} ${seen.child?.pid} ${seen.child?.alive} ${seen.exit?.code}`;
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((item) => (item.isDirectory() ? [item.name] : []));
}

/** File times lag behind the clock by up to a tick of the kernel, 10 ms; an end seen at once must not lie before the stop that asked for it. */
const TICK_MS = 10;

function endedAt(exitFile: string, now: number): number {
  const at = writtenAt(exitFile, now);
  return at <= now && now - at <= TICK_MS ? now : at;
}
