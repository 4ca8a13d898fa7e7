/** Processes as /proc shows them. Identity is (pid, start ticks) under one boot: a pid alone is a number that gets used again. */

import { closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";

export interface ProcessStat {
  pid: number;
  /** `R`, `S`, `D`, `T`; `Z` and `X` are dead, whatever kill(pid, 0) says. */
  state: string;
  parent: number;
  group: number;
  session: number;
  /** The process group in the foreground of its terminal; -1: it has no terminal. */
  foreground: number;
  /** User and system time, its own and that of children it has waited for. */
  cpuTicks: number;
  /** Since boot: field 22. */
  startTicks: number;
  residentPages: number;
}

/** One line of /proc/PID/stat. The name in parentheses may hold anything, so the fields count from the last `)`. */
export function parseStat(line: string): ProcessStat | null {
  const end = line.lastIndexOf(")");
  if (end < 0) return null;
  const fields = line.slice(end + 2).split(" ");
  const pid = Number.parseInt(line, 10);
  const field = (number: number) => Number(fields[number - 3]);
  if (!Number.isInteger(pid) || fields.length < 22) return null;
  return {
    pid,
    state: fields[0]!,
    parent: field(4),
    group: field(5),
    session: field(6),
    foreground: field(8),
    cpuTicks: field(14) + field(15) + field(16) + field(17),
    startTicks: field(22),
    residentPages: field(24),
  };
}

export function readStat(pid: number): ProcessStat | null {
  try {
    return parseStat(readLine(`/proc/${pid}/stat`));
  } catch {
    return null;
  }
}

// One stat line is under 400 bytes; one buffer, because looks are many and never overlap.
const buffer = Buffer.alloc(1024);

/** A file of /proc that is one short line. Half of what readFileSync takes, which measures it and reads it again for its end. Throws. */
export function readLine(path: string): string {
  const fd = openSync(path, "r");
  try {
    return buffer.toString("latin1", 0, readSync(fd, buffer, 0, buffer.length, 0));
  } finally {
    closeSync(fd);
  }
}

/** Whether this very process still runs: same start, not a zombie. */
export function isAlive(pid: number, startTicks: number): boolean {
  const stat = readStat(pid);
  return stat !== null && stat.startTicks === startTicks && stat.state !== "Z" && stat.state !== "X";
}

export function allPids(): number[] {
  const pids: number[] = [];
  // What begins with a digit there is a process.
  for (const name of readdirSync("/proc")) if (name < ":") pids.push(Number(name));
  return pids;
}

/** Every living process of a kernel session: what was started in one terminal and did not leave it by setsid. */
export function processesOfSession(session: number): ProcessStat[] {
  return allPids().flatMap((pid) => {
    const stat = readStat(pid);
    return stat && stat.session === session && stat.state !== "Z" ? [stat] : [];
  });
}

/** The environment a process was started with; empty when it is gone, in the midst of exec, or not ours to read. */
export function environmentOf(pid: number): string[] {
  return listed(readText(`/proc/${pid}/environ`, "latin1"));
}

/** The wait status of a process that has ended and whose parent has not asked for it yet: field 52. null when it cannot be read. */
export function zombieStatus(pid: number, startTicks: number): number | null {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, "latin1");
    const stat = parseStat(line);
    if (stat?.state !== "Z" || stat.startTicks !== startTicks) return null;
    const status = Number(line.slice(line.lastIndexOf(")") + 2).split(" ")[52 - 3]);
    // Who may not look reads 0 for everything: no code at all is better than a wrong one.
    return Number.isInteger(status) && mayLookInto(pid) ? status : null;
  } catch {
    return null;
  }
}

/** The kernel's own rule for what /proc tells of a process: root, or its user. */
function mayLookInto(pid: number): boolean {
  const own = process.getuid?.() ?? -1;
  return own === 0 || ownerOf(pid) === own;
}

/** Its arguments as it was started; empty when it is gone, a zombie, or in the midst of exec. */
export function argumentsOf(pid: number): string[] {
  return listed(readText(`/proc/${pid}/cmdline`));
}

function listed(text: string): string[] {
  return text === "" ? [] : text.replace(/\0$/, "").split("\0");
}

/** The kernel's short name for it. */
export function nameOf(pid: number): string {
  return readText(`/proc/${pid}/comm`).trimEnd();
}

/** The user whose rights it has, or null when it is gone. */
export function ownerOf(pid: number): number | null {
  const found = /^Uid:\t\d+\t(\d+)/m.exec(readText(`/proc/${pid}/status`));
  return found ? Number(found[1]) : null;
}

/** Where it is now, or null when it is gone or not ours to see. */
export function folderOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}

// Some kernels are built without it.
const KNOWS_CHILDREN = existsSync(`/proc/${process.pid}/task/${process.pid}/children`);

export function childrenOf(pid: number): number[] {
  if (!KNOWS_CHILDREN) return allPids().filter((other) => readStat(other)?.parent === pid);
  return readText(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
}

function readText(path: string, encoding: "utf8" | "latin1" = "utf8"): string {
  try {
    return readFileSync(path, encoding);
  } catch {
    return "";
  }
}
