/** The fleet's terminals as GNU screen sessions: controlled by signals and files only, because `screen -X` answers 0 without effect. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Terminals, Usage } from "../../fleet/terminals.ts";
import type { Clock } from "../../kernel/clock.ts";
import { conflict, messageOf } from "../../kernel/errors.ts";
import { pageBytes, ticksPerSecond } from "../linux/libc.ts";
import { environmentOf, isAlive, type ProcessStat, readStat } from "../linux/processes.ts";
import { openWaits } from "../linux/waits.ts";
import { writeAdoption } from "./adopting.ts";
import { outputFolderOf, runFolderOf, SPARE_NAME } from "./commands.ts";
import { screenFolders } from "./discovery.ts";
import { heldEvidence, thaw, thawCommand } from "./freezes.ts";
import { extractLibrary } from "./library.ts";
import { openMembers } from "./members.ts";
import { clientFor } from "./other-screens.ts";
import { outputFiles, runsIn, trimOutput } from "./output.ts";
import { openNames, rename, renameCommand } from "./renaming.ts";
import { openRuns } from "./runs.ts";
import { killRun, send, signalRun } from "./signals.ts";
import { removeSocket, screensIn } from "./sockets.ts";
import { openSpares } from "./spares.ts";
import {
  beginRun,
  checkOrder,
  furnishRun,
  leftovers,
  openLeftoverLook,
  openScreen,
  runEnvironment,
  type StartOptions,
} from "./starting.ts";

export interface ScreenOptions extends Pick<StartOptions, "screenFolder" | "endpointFile" | "clientFile" | "mintToken" | "log"> {
  dataFolder: string;
  /** Where the small files live: a tmpfs folder that survives our restart, or `<data>/run`. */
  runtimeFolder: string;
  clock: Clock;
  /** Our own, of which a session inherits a little. */
  environment: StartOptions["environment"];
  /** Of one run's output. */
  outputCapBytes?: number;
  /** Runs of a session whose output is kept. */
  keepRuns?: number;
  /** After which starts a screen in waiting is opened: when a session comes back, because crashes come in bursts, or after every one. */
  spareAfter?: "return" | "start";
}

/** A terminal takes some 50 MB in a second; beside a cap of 10 MB that is what a flood may stand above it for a moment. */
const FLOOD_EVERY_MS = 250;
const CALM_LOOKS = 60;

export function screenTerminals(options: ScreenOptions): Terminals {
  const { dataFolder, runtimeFolder, clock, log } = options;
  const layout = { ...extractLibrary(dataFolder), dataFolder, runtimeFolder };
  const starting: StartOptions = {
    ...options,
    layout,
    keepRuns: options.keepRuns ?? 10,
    bootId: clock.bootId,
    leftovers: openLeftoverLook(layout),
  };
  const capBytes = options.outputCapBytes ?? 10 * 1024 * 1024;
  const msPerTick = 1000 / ticksPerSecond();
  const bytesPerPage = pageBytes();
  const membersOf = openMembers();
  const waits = openWaits();
  /** As of the last measurement: enough to look for what holds a program's helpers. */
  let members = new Map<string, ProcessStat[]>();
  const runs = openRuns(layout, clock, log);
  const spares = openSpares(starting);
  const names = openNames(nameScreen, (run, name) => log.warn("a screen could not be given its name", { run, name }));
  // Who may run programs as other users finds their screens in those users' folders.
  const isRoot = process.getuid?.() === 0;
  let saidUncut = false;

  /** Runs that print faster than they are cut, with the looks since they last had to be cut. */
  const floods = new Map<string, number>();
  let flood: ReturnType<typeof setTimeout> | null = null;

  /** Within its cap; or why not. */
  function cut({ session, run }: { session: string; run: string }): string | null {
    try {
      const grown = trimOutput(outputFolderOf(layout, session), run, capBytes);
      const calm = floods.get(run);
      if (grown > capBytes || (calm !== undefined && grown > capBytes / 2)) floods.set(run, 0);
      else if (calm !== undefined) floods.set(run, calm + 1);
      return null;
    } catch (error) {
      return messageOf(error);
    }
  }

  function cutFloods(): void {
    if (flood || floods.size === 0) return;
    flood = setTimeout(() => {
      flood = null;
      for (const [run, calm] of [...floods]) {
        const seen = runs.get(run);
        if (calm > CALM_LOOKS || !seen?.child?.alive || cut(seen) !== null) floods.delete(run);
      }
      cutFloods();
    }, FLOOD_EVERY_MS);
  }

  /** Where its screen keeps its socket, and which screen can talk to it. */
  function addressOf(screenPid: number) {
    const own = environmentOf(screenPid).find((setting) => setting.startsWith("SCREENDIR="));
    const folder = own?.slice("SCREENDIR=".length) ?? options.screenFolder;
    const { PATH, HOME } = options.environment;
    const client = clientFor(screenPid, Bun.which("screen", { PATH: PATH ?? "" }));
    return { client, folder, environment: { PATH, HOME, ...(folder === null ? {} : { SCREENDIR: folder }) } };
  }

  function nameScreen(screenPid: number, name: string): Promise<boolean> {
    const { client, folder, environment } = addressOf(screenPid);
    const folders = screenFolders({ screenFolder: folder, home: environment.HOME, everybody: false });
    const sockets = folders.map((each) => join(each, `${screenPid}.${name}`));
    return rename(renameCommand(screenPid, name, client), environment, sockets);
  }

  /** Screens that took their run while a Signalbox before us ended. */
  function nameLeftUnnamed(): void {
    const folders = screenFolders({ screenFolder: options.screenFolder, home: options.environment.HOME, everybody: false });
    const unnamed = new Set(folders.flatMap(screensIn).flatMap(({ pid, name }) => (name === SPARE_NAME ? pid : [])));
    for (const { run, name, screenPid } of runs.all()) if (screenPid !== null && unnamed.has(screenPid)) names.soon(run, name, screenPid);
  }

  async function release(run: string): Promise<void> {
    const seen = runs.get(run);
    if (!seen?.screenPid) throw conflict("its terminal is gone", "gone");
    const { client, environment } = addressOf(seen.screenPid);
    await thaw(thawCommand(seen.screenPid, client), environment);
  }

  return {
    list() {
      const seen = runs.list();
      spares.sweep(new Set(seen.flatMap(({ run }) => runs.spareOf(run) ?? [])));
      nameLeftUnnamed();
      return seen;
    },
    look: runs.look,
    watch: runs.watch,
    close() {
      if (flood) clearTimeout(flood);
      floods.clear();
      waits.close();
      spares.close();
      runs.close();
    },

    async start(order) {
      const user = checkOrder(starting, order);
      const environment = runEnvironment(starting, order, user);
      const spare = spares.take(order, environment);
      const comesBack = options.spareAfter === "start" || runs.lastKeeper.has(order.session);
      try {
        beginRun(starting, order, spare);
        spare?.tell();
        furnishRun(starting, order, user, spare);
        const opened = spare ? spare.give() : openScreen(starting, order, user, environment);
        // It takes longer to say anything than this does to listen, and is read once more then.
        runs.add(order.session, order.run);
        if (spare) names.soon(order.run, order.name, spare.screenPid);
        await opened;
        // A crash seldom comes alone.
        if (comesBack) spares.want();
      } catch (error) {
        spare?.end();
        runs.drop(order.run);
        rmSync(runFolderOf(layout, order.session, order.run), { recursive: true, force: true });
        throw error;
      }
    },

    keepCode: runs.keepCode,

    adopt(order) {
      writeAdoption(starting, order);
      runs.add(order.session, order.run);
    },

    stop(run, signal, note) {
      const seen = runs.get(run);
      if (!seen) return;
      runs.note(run, note);
      signalRun(seen, signal);
    },

    kill(run) {
      const seen = runs.get(run);
      if (!seen) return;
      // A keeper that waits in a frozen terminal tells the exit once that goes on.
      const held = seen.keeper?.alive === true && heldEvidence(seen.keeper.pid, waits) !== null;
      killRun(seen, held ? "spared" : "last");
      if (held) release(run).catch((error) => log.warn("a frozen terminal could not be told to go on", { run, error: messageOf(error) }));
    },

    leftovers(session) {
      const locks = runs.locks.get(session);
      return locks ? starting.leftovers(session, locks) : leftovers(layout, session);
    },

    sweep(session, signal) {
      const pids = leftovers(layout, session);
      for (const pid of pids) {
        const stat = readStat(pid);
        if (stat && (signal === "KILL" || stat.session !== runs.lastKeeper.get(session))) send(stat, `SIG${signal}`);
      }
      return pids;
    },

    isOpen(run) {
      // What an adopted program prints goes to its own screen and is never ours to wait for.
      if (runs.get(run)?.adopted) return false;
      const { keeper, screenPid } = runs.get(run) ?? { keeper: null, screenPid: null };
      if (keeper && isAlive(keeper.pid, keeper.startTicks)) return true;
      const screen = screenPid === null ? null : readStat(screenPid);
      // SCREEN was there before its keeper; a later process under its pid is another one.
      return screen !== null && keeper !== null && screen.state !== "Z" && screen.startTicks <= keeper.startTicks;
    },

    async usage() {
      members = await membersOf.of(runs.all());
      const used = new Map<string, Usage>();
      for (const [run, processes] of members) {
        const ticks = processes.reduce((sum, process) => sum + process.cpuTicks, 0);
        const pages = processes.reduce((sum, process) => sum + process.residentPages, 0);
        used.set(run, { cpuMs: ticks * msPerTick, memoryBytes: pages * bytesPerPage });
      }
      return used;
    },

    held() {
      const found = new Map<string, string>();
      for (const seen of runs.all()) {
        if (!seen.child?.alive) continue;
        for (const pid of new Set([seen.child.pid, ...(members.get(seen.run) ?? []).map((process) => process.pid)])) {
          const evidence = heldEvidence(pid, waits);
          if (evidence === null) continue;
          found.set(seen.run, `${pid} ${evidence}`);
          break;
        }
      }
      waits.endRound();
      return found;
    },

    thaw: release,

    async rename(run, name) {
      await names.settled(run);
      const seen = runs.get(run);
      if (!seen?.screenPid || !seen.keeper?.alive || seen.adopted) return false;
      return nameScreen(seen.screenPid, name);
    },

    trim() {
      const uncut = [...runs.all()].flatMap((seen) => (seen.child?.alive ? (cut(seen) ?? []) : []));
      // Said when it begins, not every few seconds for every run.
      if (uncut.length > 0 && !saidUncut) log.warn("output cannot be cut", { runs: uncut.length, error: uncut[0] });
      saidUncut = uncut.length > 0;
      cutFloods();
    },

    forget(run) {
      const seen = runs.get(run);
      if (!seen) return;
      cut(seen); // what it wrote since the last look
      const spare = runs.spareOf(run);
      if (spare !== null) spares.forget(spare);
      runs.drop(run);
      removeSocket(seen, screenFolders({ screenFolder: options.screenFolder, home: options.environment.HOME, everybody: isRoot }));
      rmSync(runFolderOf(layout, seen.session, run), { recursive: true, force: true });
    },

    output: (session, run) => outputFiles(outputFolderOf(layout, session), run),
    outputRuns: (session) => runsIn(outputFolderOf(layout, session)),
  };
}
