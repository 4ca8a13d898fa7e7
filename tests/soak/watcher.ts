/**
 * Who lives when, seen from outside: /proc twenty times a second and `screen -ls` every other second. Asks Signalbox nothing and uses
 * nothing of it, so that what Signalbox tells can be held against it. What lived shorter than between two looks was not seen.
 */

import { readdirSync, readFileSync } from "node:fs";

export type Role = "screen" | "keeper" | "program" | "helper";

export interface Life {
  pid: number;
  startTicks: string;
  /** Of its environment; null for what people started by hand, and of screens that waited for their run. */
  run: string | null;
  session: string | null;
  role: Role;
  /** Wall time of the looks that saw it first and last. */
  firstAt: number;
  lastAt: number;
  /** The first look that did not see it any more, or saw it dead. */
  goneAt: number | null;
}

/** One line of `screen -ls`. */
export interface Listed {
  screenPid: number;
  name: string;
  dead: boolean;
}

export interface Watcher {
  lives: readonly Life[];
  /** Programs that live as of the last look, of sessions. */
  programs(): Life[];
  life(pid: number): Life | undefined;
  listings: readonly { at: number; listed: Listed[] }[];
  list(): Promise<Listed[]>;
  /** Resolves after a look that began later than now. */
  looked(): Promise<void>;
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 50;
const LIST_EVERY_MS = 2_000;
/** Three seconds: then it is none of ours. */
const MOST_LOOKS = 60;

export function watch(screenFolder: string, environment: Record<string, string | undefined>): Watcher {
  const lives: Life[] = [];
  const living = new Map<number, Life>();
  /** By pid: start ticks and how often seen; what is not of these screens is looked at no more. */
  const strange = new Map<number, { startTicks: string; looks: number; firstAt: number }>();
  const listings: { at: number; listed: Listed[] }[] = [];
  let stopped = false;
  let looks = 0;

  function look(): void {
    const now = Date.now();
    const there = new Set<number>();
    for (const entry of readdirSync("/proc")) {
      const pid = Number(entry);
      if (!Number.isInteger(pid)) continue;
      const stat = statOf(pid);
      if (!stat || stat.dead) continue;
      there.add(pid);
      const known = living.get(pid);
      if (known?.startTicks === stat.startTicks) {
        known.lastAt = now;
        continue;
      }
      if (known) bury(known, now);
      meet(pid, stat, now);
    }
    for (const life of living.values()) if (!there.has(life.pid)) bury(life, now);
    for (const pid of strange.keys()) if (!there.has(pid)) strange.delete(pid);
    looks++;
  }

  /**
   * From the second look on: between fork and exec a process is a copy of its parent, and between two execs of our shim not yet the program.
   * On a busy machine that takes longer than a look.
   */
  function meet(pid: number, { startTicks, parent }: Stat, now: number): void {
    // Its life begins with its run: until then it is met anew by every look.
    if (strange.get(pid)?.startTicks !== startTicks && isWaiting(pid, parent)) return;
    const before = strange.get(pid);
    if (before?.startTicks !== startTicks) {
      strange.set(pid, { startTicks, looks: 1, firstAt: now });
      return;
    }
    before.looks++;
    if (before.looks > MOST_LOOKS || isOnItsWay(pid, parent)) return;
    const settings = text(`/proc/${pid}/environ`).split("\0");
    if (!settings.includes(`SCREENDIR=${screenFolder}`)) return;
    const setting = (name: string) => settings.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
    const run = setting("SIGNALBOX_RUN");
    const life: Life = {
      ...{ pid, startTicks, run, session: setting("SIGNALBOX_SESSION"), role: roleOf(pid, parent) },
      ...{ firstAt: before.firstAt, lastAt: now, goneAt: null },
    };
    strange.delete(pid);
    living.set(pid, life);
    lives.push(life);
  }

  /** What our shim starts before the program, and its own copies. */
  function isOnItsWay(pid: number, parent: number): boolean {
    const [program = "", ...words] = text(`/proc/${pid}/cmdline`).split("\0");
    if (program === "" || /(^|\/)(stty|flock)$/.test(program)) return true;
    return words.some((word) => word.endsWith("/signalbox-run")) && !isScreen(pid) && !isScreen(parent);
  }

  /** In a screen that has no run yet: what will become the program of one. */
  function isWaiting(pid: number, parent: number): boolean {
    return !isScreen(pid) && !isScreen(parent) && text(`/proc/${pid}/cmdline`).split("\0")[2] === "--spare";
  }

  function roleOf(pid: number, parent: number): Role {
    if (isScreen(pid)) return "screen";
    if (isKeeper(pid) && isScreen(parent)) return "keeper";
    return isKeeper(parent) || living.get(parent)?.role === "keeper" ? "program" : "helper";
  }

  function bury(life: Life, now: number): void {
    life.goneAt = now;
    living.delete(life.pid);
  }

  async function list(): Promise<Listed[]> {
    const asked = Bun.spawn(["screen", "-ls"], { env: environment, stdin: "ignore", stdout: "pipe", stderr: "ignore", timeout: 20_000 });
    const listed = [...(await new Response(asked.stdout).text()).matchAll(/^\t(\d+)\.(.+?)\t(.*)$/gm)].map(([, pid, name, rest]) => ({
      screenPid: Number(pid),
      name: name!,
      dead: /dead/i.test(rest!),
    }));
    listings.push({ at: Date.now(), listed });
    return listed;
  }

  const looking = every(LOOK_EVERY_MS, async () => look());
  const listing = every(LIST_EVERY_MS, list);

  async function every(ms: number, deed: () => Promise<unknown>): Promise<void> {
    while (!stopped) {
      await deed();
      await Bun.sleep(ms);
    }
  }

  return {
    lives,
    listings,
    list,
    programs: () => [...living.values()].filter(({ role, run }) => role === "program" && run !== null),
    life: (pid) => living.get(pid),
    async looked() {
      const seen = looks;
      while (looks < seen + 2) await Bun.sleep(LOOK_EVERY_MS);
    },
    async stop() {
      stopped = true;
      await Promise.all([looking, listing]);
    },
  };
}

interface Stat {
  startTicks: string;
  parent: number;
  dead: boolean;
}

function statOf(pid: number): Stat | null {
  const line = text(`/proc/${pid}/stat`);
  // The name in parentheses may hold anything.
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  if (fields.length < 20) return null;
  return { startTicks: fields[19]!, parent: Number(fields[1]), dead: fields[0] === "Z" || fields[0] === "X" };
}

function isScreen(pid: number): boolean {
  return text(`/proc/${pid}/comm`).trim() === "screen";
}

function isKeeper(pid: number): boolean {
  const [, script, first] = text(`/proc/${pid}/cmdline`).split("\0");
  return (script?.endsWith("/signalbox-run") ?? false) && first !== "--child";
}

function text(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

/** Of a screen or a shell that waited for its run, whose own environment does not tell it: that of what runs below. */
export function runBelow(pid: number): { run: string; session: string } | null {
  for (const child of text(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number)) {
    const settings = text(`/proc/${child}/environ`).split("\0");
    const value = (name: string) => settings.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
    const [run, session] = [value("SIGNALBOX_RUN"), value("SIGNALBOX_SESSION")];
    const found = run !== undefined && session !== undefined ? { run, session } : runBelow(child);
    if (found) return found;
  }
  return null;
}
