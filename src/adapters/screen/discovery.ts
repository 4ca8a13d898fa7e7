/** Screens in the folders that are looked at, from their sockets and /proc alone: no screen is asked anything, because asking can hang. */

import { statSync } from "node:fs";
import { join } from "node:path";
import type { Discovery, ProcessFound, ScreenSeen, WindowSeen } from "../../fleet/discovery.ts";
import type { Clock } from "../../kernel/clock.ts";
import { readAccounts, userName } from "../linux/accounts.ts";
import { ticksPerSecond } from "../linux/libc.ts";
import { argumentsOf, childrenOf, environmentOf, folderOf, nameOf, ownerOf, type ProcessStat, readStat } from "../linux/processes.ts";
import { SPARE_COOKIE, SPARE_NAME } from "./commands.ts";
import { namesIn } from "./files.ts";
import { openOtherScreens } from "./other-screens.ts";
import { parseSocketName } from "./parse.ts";
import { windowOf } from "./window.ts";

export interface DiscoveryOptions {
  /** Folders of sockets; those that are not there are no screens. */
  folders: () => readonly string[];
  /** Our own, for the screen that PATH means. */
  environment: Record<string, string | undefined>;
  clock: Clock;
}

/** So many sockets at a stretch, then whoever else waits has a turn. */
const AT_ONCE = 25;
/** A screen with no window but ours may be given another by hand: seen at the latest after this. */
const QUIET_FOR_MS = 30_000;
/** No exec takes so long. */
const WORDLESS_FOR_MS = 2_000;
const USERS_GOOD_FOR_MS = 60_000;

export function screenDiscovery({ folders, environment, clock }: DiscoveryOptions): Discovery {
  const msPerTick = 1000 / ticksPerSecond();
  const otherScreens = openOtherScreens(Bun.which("screen", { PATH: environment.PATH ?? "" }));
  const own = process.getuid?.() ?? 0;
  let users = new Map<number, string>();
  let usersAt = 0;
  let bootedAt = 0;
  /** Sockets of screens that had no window but ours, and when that was seen: their names hold their pids. */
  let quiet = new Map<string, number>();
  /** Addresses of programs that had no arguments or no environment with the last look, and since when. */
  let wordless = new Map<string, number>();

  return {
    async look(isOurs, whole = true) {
      const booted = clock.now() - clock.uptimeMs();
      // Two clocks are never read at one instant; only a clock that was set makes everybody older.
      if (Math.abs(booted - bootedAt) > 1000) bootedAt = booted;
      if (clock.uptimeMs() - usersAt > USERS_GOOD_FOR_MS) {
        users = new Map();
        usersAt = clock.uptimeMs();
      }
      const seen: ScreenSeen[] = [];
      const at = clock.uptimeMs();
      const before = whole ? new Map<string, number>() : quiet;
      quiet = new Map();
      const wordlessBefore = wordless;
      wordless = new Map();
      const isQuiet = (path: string) => {
        const since = before.get(path);
        if (since === undefined || at - since > QUIET_FOR_MS) return false;
        quiet.set(path, since);
        return true;
      };
      const sockets = [...new Set(folders())].flatMap((folder) => socketsIn(folder, isQuiet));
      for (const [i, socket] of sockets.entries()) {
        if (i % AT_ONCE === AT_ONCE - 1) await new Promise((done) => setImmediate(done));
        const screen = readStat(socket.pid);
        if (!screen || screen.state === "Z" || !isScreen(socket.pid)) seen.push(deadSocket(socket));
        else {
          const windows = childrenOf(socket.pid);
          let strange = windows.length === 0;
          for (const pid of windows) if (await add(pid, socket, screen)) strange = true;
          if (!strange) quiet.set(socket.path, at);
        }
      }
      return seen;

      /** Whether the window is none of ours. */
      async function add(pid: number, { name }: Socket, screen: ProcessStat): Promise<boolean> {
        if (isPassedOver(pid, name)) return false;
        const window = windowOf(pid);
        if (!window) return true;
        const { leader, group } = window;
        const command = argumentsOf(leader.pid);
        // Between fork and exec a window is a copy of its screen: the next look sees the program.
        if (command.join("\0") === argumentsOf(screen.pid).join("\0")) return true;
        const address = `${leader.pid}-${leader.startTicks}`;
        // In the midst of exec the kernel tells neither arguments nor environment, and the first answer may have been of such a moment,
        // too. For longer only a program has none that was given none or wiped them, or whose user's we may not read.
        const environment = environmentOf(pid);
        if (isPassedOver(pid, name, () => environment)) return false;
        if (command.length === 0 || environment.length === 0) {
          const since = wordlessBefore.get(address) ?? at;
          wordless.set(address, since);
          if (at - since < WORDLESS_FOR_MS) return true;
        }
        const owner = ownerOf(leader.pid) ?? ownerOf(screen.pid);
        const found: ProcessFound = {
          pid: leader.pid,
          startTicks: leader.startTicks,
          startedAt: Math.round(bootedAt + leader.startTicks * msPerTick),
          group: leader.group,
          session: leader.session,
        };
        seen.push({
          kind: window.idle ? "shell" : "program",
          address,
          screenPid: screen.pid,
          screenStartTicks: screen.startTicks,
          name,
          process: found,
          command,
          commands: group.map((member) => argumentsOf(member.pid)),
          folder: folderOf(leader.pid),
          user: owner === null ? "unknown" : nameOfUser(owner),
          manageable: own === 0 || owner === own,
          variables: variablesOf(leader.pid),
          otherScreen: await otherScreens.wordsOf(screen.pid),
        });
        return true;
      }

      function isPassedOver(pid: number, name: string, environment = () => environmentOf(pid)): boolean {
        // Nobody's program, whichever house keeps it.
        if (name === SPARE_NAME && environment().some((setting) => setting.startsWith(`${SPARE_COOKIE}=`))) return true;
        return isOurs(lightly(pid, environment));
      }
    },
  };

  function deadSocket({ pid, name, uid }: Socket): ScreenSeen {
    const none = { process: null, command: [], commands: [], folder: null, variables: [], otherScreen: null };
    return {
      kind: "dead",
      address: `${pid}-0`,
      screenPid: pid,
      screenStartTicks: 0,
      name,
      user: nameOfUser(uid),
      manageable: false,
      ...none,
    };
  }

  function nameOfUser(uid: number): string {
    const name = users.get(uid) ?? userName(uid, readAccounts());
    users.set(uid, name);
    return name;
  }
}

/** Where screen keeps its sockets when nobody says otherwise: Debian's folder and the one of a screen without a common folder. */
export function screenFolders(options: { screenFolder: string | null; home: string | undefined; everybody: boolean }): string[] {
  const { screenFolder, home, everybody } = options;
  const mine = `S-${userName(process.getuid?.() ?? 0, readAccounts())}`;
  const own = screenFolder !== null ? [screenFolder] : [join(COMMON, mine), ...(home ? [join(home, ".screen")] : [])];
  return everybody ? [...own, ...namesIn(COMMON).flatMap((name) => (name.startsWith("S-") ? [join(COMMON, name)] : []))] : own;
}

const COMMON = "/run/screen";

interface Socket {
  path: string;
  pid: number;
  name: string;
  uid: number;
}

function socketsIn(folder: string, isQuiet: (path: string) => boolean): Socket[] {
  return namesIn(folder).flatMap((file) => {
    const path = `${folder}/${file}`;
    if (isQuiet(path)) return [];
    const socket = parseSocketName(file);
    const found = socket && statSync(path, { throwIfNoEntry: false });
    // Old screens use a named pipe.
    return socket && found && (found.isSocket() || found.isFIFO()) ? [{ ...socket, path, uid: found.uid }] : [];
  });
}

/** Another process may have got the pid of a screen that is gone. */
function isScreen(pid: number): boolean {
  return nameOf(pid).includes("screen") || /^screen\b/i.test(argumentsOf(pid)[0] ?? "");
}

function lightly(pid: number, environment: () => string[]): WindowSeen {
  const run = () =>
    environment()
      .find((line) => line.startsWith(RUN))
      ?.slice(RUN.length) ?? null;
  return { pid, run, command: () => argumentsOf(pid) };
}

const RUN = "SIGNALBOX_RUN=";

function variablesOf(pid: number): string[] {
  const names = environmentOf(pid).map((line) => line.slice(0, Math.max(0, line.indexOf("="))));
  return [...new Set(names.filter((name) => /^[A-Za-z_]\w{0,79}$/.test(name)))].sort();
}
