/** Processes as /proc shows them. Identity is (pid, start ticks) under one boot: a pid alone is a number that gets used again. */

import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";

export interface ProcessStat {
  pid: number;
  /** `R`, `S`, `D`, `T`; `Z` and `X` are dead, whatever kill(pid, 0) says. */
  state: string;
  parent: number;
  group: number;
  session: number;
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
    cpuTicks: field(14) + field(15) + field(16) + field(17),
    startTicks: field(22),
    residentPages: field(24),
  };
}

// One stat line is under 400 bytes; one buffer, because looks are many and never overlap.
const buffer = Buffer.alloc(1024);

export function readStat(pid: number): ProcessStat | null {
  try {
    const fd = openSync(`/proc/${pid}/stat`, "r");
    try {
      return parseStat(buffer.toString("latin1", 0, readSync(fd, buffer, 0, buffer.length, 0)));
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
}

/** Whether this very process still runs: same start, not a zombie. */
export function isAlive(pid: number, startTicks: number): boolean {
  const stat = readStat(pid);
  return stat !== null && stat.startTicks === startTicks && stat.state !== "Z" && stat.state !== "X";
}

export function allPids(): number[] {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

/** Every living process of a kernel session: what was started in one terminal and did not leave it by setsid. */
export function processesOfSession(session: number): ProcessStat[] {
  return allPids().flatMap((pid) => {
    const stat = readStat(pid);
    return stat && stat.session === session && stat.state !== "Z" ? [stat] : [];
  });
}

/** The environment a process was started with; empty when it is gone or not ours to read. */
export function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
  } catch {
    return [];
  }
}
