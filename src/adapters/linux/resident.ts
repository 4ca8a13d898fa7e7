/**
 * Pages of our own executable that are in memory for us: half of them a start needed, once, or nobody: the kernel brings sixteen for every
 * one that is asked for. Whatever is given back lies in the page cache as before and comes back by itself when it is needed, within
 * microseconds and without the disk; where memory is short the kernel may take what nobody has mapped, and no longer must ask us.
 */

import { dlopen, FFIType } from "bun:ffi";
import { readFileSync, readlinkSync } from "node:fs";

const { symbols: libc } = dlopen("libc.so.6", {
  madvise: { args: [FFIType.u64, FFIType.u64, FFIType.i32], returns: FFIType.i32 },
});

// madvise(2): of a mapping of a file that nobody wrote to, the same bytes are read from the file at the next use.
const MADV_DONTNEED = 4;

interface Mapping {
  start: number;
  bytes: number;
}

/** Gives back what of our executable is mapped to be read or run. Nothing that was or may be written: that would be lost. */
export function giveBackExecutable(): void {
  const executable = readlinkSync("/proc/self/exe");
  for (const { start, bytes } of untouched(readFileSync("/proc/self/smaps", "utf8"), executable)) libc.madvise(start, bytes, MADV_DONTNEED);
}

/**
 * Of a file, the mappings that cannot be written and of which nothing was, as the linker does before it takes the right away: what was is no
 * longer the file's but anonymous. Dirty may as well mean a file that was copied here a moment ago: proc_pid_smaps(5).
 */
export function untouched(smaps: string, file: string): Mapping[] {
  return smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).flatMap((text) => {
    const [, start, end, rights, path] = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \d+ *(.*)$/m.exec(text) ?? [];
    const ours = path === file && /^r-[-x]p$/.test(rights!);
    if (!ours || !["Anonymous", "Swap"].every((kind) => isNone(text, kind))) return [];
    const from = Number.parseInt(start!, 16);
    return [{ start: from, bytes: Number.parseInt(end!, 16) - from }];
  });
}

/** What is not said may be there. */
function isNone(text: string, kind: string): boolean {
  return new RegExp(`^${kind}: +0 kB$`, "m").test(text);
}
