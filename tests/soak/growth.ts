/** Memory, files and threads of Signalbox, looked at every few seconds; and what of it a fresh one does not have. */

import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface Size {
  at: number;
  pid: number;
  memoryMb: number;
  /**
   * Without connections: the programs that wait for a permit hold one each, and come back to a fresh Signalbox one by one. And without what
   * /proc says of programs, a few files for each thread of theirs: a fresh one has looked at few.
   */
  files: number;
  /** What /proc said of programs that are gone: let go with the next look. */
  filesOfTheDead: number;
  connections: number;
  threads: number;
}

export function sizeOf(pid: number): Size | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? Number.NaN);
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => targetOf(`/proc/${pid}/fd/${fd}`));
    const connections = open.filter((target) => target.startsWith("socket:")).length;
    const ofPrograms = open.flatMap((target) => PROCESS.exec(target)?.[0] ?? []);
    return {
      at: Date.now(),
      pid,
      memoryMb: Math.round(number("VmRSS") / 1024),
      files: open.length - connections - ofPrograms.length,
      filesOfTheDead: ofPrograms.filter((folder) => !existsSync(folder)).length,
      connections,
      threads: number("Threads"),
    };
  } catch {
    return null;
  }
}

const PROCESS = /^\/proc\/\d+/;

function targetOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // closed meanwhile
  }
}

/** A Signalbox that has worked for long, and the one that took over from it with the same fleet. */
export function grown(worked: Size, fresh: Size, sizes: readonly Size[], sessions: number): string[] {
  const own = sizes.filter(({ pid }) => pid === worked.pid);
  const highest = Math.max(...own.map(({ memoryMb }) => memoryMb));
  return [
    ...(worked.files - fresh.files > 20 ? [`${worked.files} open files, a fresh one has ${fresh.files}`] : []),
    ...(worked.connections > 3 * sessions + 50 ? [`${worked.connections} connections for ${sessions} sessions`] : []),
    ...(worked.threads - fresh.threads > 6 ? [`${worked.threads} threads, a fresh one has ${fresh.threads}`] : []),
    ...(highest > fresh.memoryMb * 2 + 40 ? [`${highest} MB, a fresh one has ${fresh.memoryMb} MB`] : []),
  ];
}

export function keptOfTheDead(size: Size | null): string[] {
  return size && size.filesOfTheDead > 0 ? [`${size.filesOfTheDead} files of /proc of programs that are gone are open`] : [];
}

export function sizeWords({ memoryMb, files, connections, threads }: Size): string {
  return `${memoryMb} MB, ${files} files, ${connections} connections, ${threads} threads`;
}
