/** Memory, files and threads of Signalbox, looked at every few seconds; and what of it a fresh one does not have. */

import { readdirSync, readFileSync } from "node:fs";

export interface Size {
  at: number;
  pid: number;
  memoryMb: number;
  files: number;
  threads: number;
}

export function sizeOf(pid: number): Size | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? Number.NaN);
    const files = readdirSync(`/proc/${pid}/fd`).length;
    return { at: Date.now(), pid, memoryMb: Math.round(number("VmRSS") / 1024), files, threads: number("Threads") };
  } catch {
    return null;
  }
}

/** A Signalbox that has worked for long, and the one that took over from it with the same fleet. */
export function grown(worked: Size, fresh: Size, sizes: readonly Size[]): string[] {
  const own = sizes.filter(({ pid }) => pid === worked.pid);
  const highest = Math.max(...own.map(({ memoryMb }) => memoryMb));
  return [
    ...(worked.files - fresh.files > 20 ? [`${worked.files} open files, a fresh one has ${fresh.files}`] : []),
    ...(worked.threads - fresh.threads > 6 ? [`${worked.threads} threads, a fresh one has ${fresh.threads}`] : []),
    ...(highest > fresh.memoryMb * 2 + 40 ? [`${highest} MB, a fresh one has ${fresh.memoryMb} MB`] : []),
  ];
}

export function sizeWords({ memoryMb, files, threads }: Size): string {
  return `${memoryMb} MB, ${files} files, ${threads} threads`;
}
