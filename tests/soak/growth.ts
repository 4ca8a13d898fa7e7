/** Memory, files and threads of Signalbox, looked at every few seconds; and what of it a fresh one does not have. */

import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface Size {
  at: number;
  pid: number;
  memoryMb: number;
  /**
   * Without connections: the programs that wait for a permit hold one each, and come back to a fresh Signalbox one by one. And without what
   * /proc says of the living, a few for each thread of theirs, of which a fresh one has looked at few; of the dead nothing may stay open.
   */
  files: number;
  connections: number;
  threads: number;
}

export function sizeOf(pid: number): Size | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? Number.NaN);
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => targetOf(`/proc/${pid}/fd/${fd}`));
    const connections = open.filter((target) => target.startsWith("socket:")).length;
    const ofTheLiving = open.filter((target) => existsSync(PROCESS.exec(target)?.[0] ?? "")).length;
    const files = open.length - connections - ofTheLiving;
    return { at: Date.now(), pid, memoryMb: Math.round(number("VmRSS") / 1024), files, connections, threads: number("Threads") };
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

export function sizeWords({ memoryMb, files, connections, threads }: Size): string {
  return `${memoryMb} MB, ${files} files, ${connections} connections, ${threads} threads`;
}
