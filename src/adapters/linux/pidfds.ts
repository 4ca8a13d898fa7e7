/** Watches many processes with one system call: a pidfd is readable once its process has ended, and can never mean another one. */

import { dlopen, FFIType, ptr } from "bun:ffi";
import { closeSync } from "node:fs";
import { isAlive } from "./processes.ts";

const { symbols: libc } = dlopen("libc.so.6", {
  syscall: { args: [FFIType.i64, FFIType.i64, FFIType.i64], returns: FFIType.i64 },
  poll: { args: [FFIType.ptr, FFIType.u64, FFIType.i32], returns: FFIType.i32 },
});

// pidfd_open(2), Linux 5.3; the number is the same on every architecture.
const SYS_PIDFD_OPEN = 434;
const POLLIN = 1;

export interface ProcessWatch {
  /** Whether the process was alive when asked; from then on `ended` tells its end once. */
  add(key: string, pid: number, startTicks: number): boolean;
  remove(key: string): void;
  /** Keys whose process has ended since the last call. */
  ended(): string[];
  size(): number;
  close(): void;
}

interface Entry {
  /** -1: no pidfd to be had (old kernel, out of descriptors), so /proc is read instead. */
  fd: number;
  pid: number;
  startTicks: number;
}

export function openProcessWatch(): ProcessWatch {
  const entries = new Map<string, Entry>();
  let order: string[] = [];
  let polled = new Int32Array(0);
  let stale = true;

  function arrange(): void {
    order = [...entries.keys()];
    polled = new Int32Array(order.length * 2);
    order.forEach((key, i) => {
      // struct pollfd { int fd; short events; short revents; }: a negative fd is skipped by the kernel.
      polled[i * 2] = entries.get(key)!.fd;
      polled[i * 2 + 1] = POLLIN;
    });
    stale = false;
  }

  function remove(key: string): void {
    const entry = entries.get(key);
    if (!entry) return;
    entries.delete(key);
    if (entry.fd >= 0) closeSync(entry.fd);
    stale = true;
  }

  return {
    add(key, pid, startTicks) {
      remove(key);
      const fd = Number(libc.syscall(SYS_PIDFD_OPEN, pid, 0));
      // Asked after the descriptor is open: whoever is alive now under this start time is whom the descriptor holds.
      if (!isAlive(pid, startTicks)) {
        if (fd >= 0) closeSync(fd);
        return false;
      }
      entries.set(key, { fd, pid, startTicks });
      stale = true;
      return true;
    },
    remove,
    ended() {
      if (entries.size === 0) return [];
      if (stale) arrange();
      libc.poll(ptr(polled), order.length, 0);
      const gone = order.filter((key, i) => {
        const entry = entries.get(key)!;
        return entry.fd >= 0 ? polled[i * 2 + 1]! >> 16 !== 0 : !isAlive(entry.pid, entry.startTicks);
      });
      for (const key of gone) remove(key);
      return gone;
    },
    size: () => entries.size,
    close() {
      for (const key of [...entries.keys()]) remove(key);
    },
  };
}
