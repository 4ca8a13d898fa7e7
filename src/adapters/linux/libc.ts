/** The few calls of the C library that Bun has no name for. Each returns plain values; errno is not read, the caller knows what failed. */

import { dlopen, FFIType, ptr } from "bun:ffi";
import { readFileSync } from "node:fs";
import type { Clock } from "../../kernel/clock.ts";

const { symbols: libc } = dlopen("libc.so.6", {
  clock_gettime: { args: [FFIType.i32, FFIType.ptr], returns: FFIType.i32 },
  flock: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 },
  getsockopt: { args: [FFIType.i32, FFIType.i32, FFIType.i32, FFIType.ptr, FFIType.ptr], returns: FFIType.i32 },
  mkfifo: { args: [FFIType.cstring, FFIType.u32], returns: FFIType.i32 },
  sysconf: { args: [FFIType.i32], returns: FFIType.i64 },
});

// clock_gettime(2): counts suspend, does not start anew with the process, no NTP jump.
const CLOCK_BOOTTIME = 7;
// Seconds and nanoseconds, 64 bits each, the lower half first; halves, because a BigInt is an object that each permit would make four of.
const timespec = new Uint32Array(4);

function boottimeMs(): number {
  libc.clock_gettime(CLOCK_BOOTTIME, ptr(timespec));
  return (timespec[0]! + timespec[1]! * 2 ** 32) * 1000 + timespec[2]! / 1e6;
}

/** The machine's clocks. */
export function systemClock(): Clock {
  return { now: Date.now, uptimeMs: boottimeMs, bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim() };
}

/** Takes an exclusive lock on an open file without waiting; false when another process has it. Held until the descriptor closes. */
export function tryLock(fd: number): boolean {
  const LOCK_EX = 2;
  const LOCK_NB = 4;
  return libc.flock(fd, LOCK_EX | LOCK_NB) === 0;
}

/** Whether somebody has an exclusive lock on an open file. Many may ask at once without being in each other's way. */
export function isLocked(fd: number): boolean {
  const LOCK_SH = 1;
  const LOCK_NB = 4;
  const LOCK_UN = 8;
  if (libc.flock(fd, LOCK_SH | LOCK_NB) !== 0) return true;
  libc.flock(fd, LOCK_UN);
  return false;
}

/** A named pipe for us alone. Throws when there cannot be one. */
export function makePipe(path: string): void {
  if (libc.mkfifo(Buffer.from(`${path}\0`), 0o600) !== 0) throw new Error(`no pipe can be made at ${path}`);
}

/** Who is at the other end of a Unix socket (SO_PEERCRED, unix(7)), or null. */
export function peerCredentials(fd: number): { pid: number; uid: number; gid: number } | null {
  const SOL_SOCKET = 1;
  const SO_PEERCRED = 17;
  const answer = new Int32Array(3);
  const length = new Uint32Array([12]);
  if (libc.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, ptr(answer), ptr(length)) !== 0) return null;
  return { pid: answer[0]!, uid: answer[1]!, gid: answer[2]! };
}

/** Clock ticks a second, the unit of CPU and start times in /proc. */
export function ticksPerSecond(): number {
  const SC_CLK_TCK = 2;
  return Number(libc.sysconf(SC_CLK_TCK));
}

/** Bytes of a memory page, the unit of resident sizes in /proc: 4 KiB on most machines, up to 64 on some. */
export function pageBytes(): number {
  const SC_PAGESIZE = 30;
  return Number(libc.sysconf(SC_PAGESIZE));
}

/** Descriptors that this process may have open at once. */
export function mostOpenFiles(): number {
  const SC_OPEN_MAX = 4;
  return Number(libc.sysconf(SC_OPEN_MAX));
}
