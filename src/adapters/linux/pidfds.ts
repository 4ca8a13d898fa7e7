/** Watches many processes with one system call: a pidfd is readable once its process has ended, and can never mean another one. */

import { dlopen, FFIType, ptr } from "bun:ffi";
import { closeSync } from "node:fs";
import { isAlive, zombieStatus } from "./processes.ts";

const { symbols: libc } = dlopen("libc.so.6", {
  syscall: { args: [FFIType.i64, FFIType.i64, FFIType.i64], returns: FFIType.i64 },
  ioctl: { args: [FFIType.i32, FFIType.u64, FFIType.ptr], returns: FFIType.i32 },
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
  /**
   * How a process that `ended` told last has ended, as a shell says it: 137 for KILL. The kernel tells it of processes that are not our
   * children from Linux 6.15 on; null: it does not.
   */
  codeOf(key: string): number | null;
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
  const codes = new Map<string, number | null>();
  let order: string[] = [];
  let polled = new Int32Array(0);
  let stale = true;
  /** Processes without a pidfd: each is asked for. */
  let unheld = 0;

  function arrange(): void {
    order = [...entries.keys()];
    polled = new Int32Array(order.length * 2);
    order.forEach((key, i) => {
      // struct pollfd { int fd; short events; short revents; }: a negative fd is skipped by the kernel.
      polled[i * 2] = entries.get(key)!.fd;
      polled[i * 2 + 1] = POLLIN;
    });
    unheld = order.filter((key) => entries.get(key)!.fd < 0).length;
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
      const told = libc.poll(ptr(polled), order.length, 0);
      if (told === 0 && unheld === 0) return [];
      const gone = order.filter((key, i) => {
        const entry = entries.get(key)!;
        return entry.fd >= 0 ? polled[i * 2 + 1]! >> 16 !== 0 : !isAlive(entry.pid, entry.startTicks);
      });
      codes.clear();
      for (const key of gone) {
        codes.set(key, endOf(entries.get(key)!));
        remove(key);
      }
      return gone;
    },
    codeOf: (key) => codes.get(key) ?? null,
    size: () => entries.size,
    close() {
      for (const key of [...entries.keys()]) remove(key);
    },
  };
}

// _IOWR(0xFF, 11, struct pidfd_info), linux/pidfd.h: u64 mask first, s32 exit_code at byte 60 of 64.
const PIDFD_GET_INFO = 0xc040ff0b;
const PIDFD_INFO_EXIT = 1n << 3n;
const info = new DataView(new ArrayBuffer(64));

/** A zombie tells by its status, and once its parent has taken that, its pidfd does. */
function endOf({ fd, pid, startTicks }: Entry): number | null {
  const status = statusOf(fd) ?? zombieStatus(pid, startTicks) ?? statusOf(fd);
  if (status === null) return null;
  const signal = status & 0x7f;
  return signal === 0 ? (status >> 8) & 0xff : 128 + signal;
}

function statusOf(fd: number): number | null {
  if (fd < 0) return null;
  info.setBigUint64(0, PIDFD_INFO_EXIT, true);
  if (libc.ioctl(fd, PIDFD_GET_INFO, ptr(info)) !== 0) return null;
  return (info.getBigUint64(0, true) & PIDFD_INFO_EXIT) === 0n ? null : info.getInt32(60, true);
}
