/**
 * Watches many processes with one system call, which costs as much as there are ends to tell: a pidfd is readable once its process has
 * ended, and can never mean another one.
 */

import { dlopen, FFIType, ptr } from "bun:ffi";
import { closeSync } from "node:fs";
import { isAlive, zombieStatus } from "./processes.ts";

const { symbols: libc } = dlopen("libc.so.6", {
  syscall: { args: [FFIType.i64, FFIType.i64, FFIType.i64], returns: FFIType.i64 },
  ioctl: { args: [FFIType.i32, FFIType.u64, FFIType.ptr], returns: FFIType.i32 },
  epoll_create1: { args: [FFIType.i32], returns: FFIType.i32 },
  epoll_ctl: { args: [FFIType.i32, FFIType.i32, FFIType.i32, FFIType.ptr], returns: FFIType.i32 },
  epoll_wait: { args: [FFIType.i32, FFIType.ptr, FFIType.i32, FFIType.i32], returns: FFIType.i32 },
});

// pidfd_open(2), Linux 5.3; the number is the same on every architecture.
const SYS_PIDFD_OPEN = 434;
const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLLIN = 1;
/** struct epoll_event { u32 events; u64 data; }, packed on x86-64 only: epoll_ctl(2). The descriptor stands in the low half of `data`. */
const DATA_AT = process.arch === "x64" ? 4 : 8;
const EVENT_BYTES = DATA_AT + 8;
const AT_ONCE = 64;

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
  const byFd = new Map<number, string>();
  /** Processes without a pidfd: each is asked for. */
  const unheld = new Set<string>();
  const codes = new Map<string, number | null>();
  const events = new DataView(new ArrayBuffer(AT_ONCE * EVENT_BYTES));
  let epoll = -1;

  function hold(pid: number): number {
    if (epoll < 0) epoll = libc.epoll_create1(EPOLL_CLOEXEC);
    // Out of descriptors: no pidfd would be told, so none is held.
    const fd = epoll < 0 ? -1 : Number(libc.syscall(SYS_PIDFD_OPEN, pid, 0));
    if (fd < 0) return -1;
    events.setUint32(0, EPOLLIN, true);
    events.setUint32(DATA_AT, fd, true);
    if (libc.epoll_ctl(epoll, EPOLL_CTL_ADD, fd, ptr(events)) === 0) return fd;
    closeSync(fd);
    return -1;
  }

  function letGo(fd: number): void {
    if (fd < 0) return;
    // A child between fork and exec has it open too: closing alone would not take it out.
    libc.epoll_ctl(epoll, EPOLL_CTL_DEL, fd, ptr(events));
    closeSync(fd);
  }

  function remove(key: string): void {
    const entry = entries.get(key);
    if (!entry) return;
    entries.delete(key);
    unheld.delete(key);
    byFd.delete(entry.fd);
    letGo(entry.fd);
  }

  /** Each is told again and again until it is removed. */
  function told(): string[] {
    const count = epoll < 0 ? 0 : libc.epoll_wait(epoll, ptr(events), AT_ONCE, 0);
    const fds = Array.from({ length: Math.max(0, count) }, (_, i) => events.getUint32(i * EVENT_BYTES + DATA_AT, true));
    return fds.flatMap((fd) => byFd.get(fd) ?? []);
  }

  function end(key: string): void {
    codes.set(key, endOf(entries.get(key)!));
    remove(key);
  }

  return {
    add(key, pid, startTicks) {
      remove(key);
      const fd = hold(pid);
      // Asked after the descriptor is open: whoever is alive now under this start time is whom the descriptor holds.
      if (!isAlive(pid, startTicks)) {
        letGo(fd);
        return false;
      }
      entries.set(key, { fd, pid, startTicks });
      if (fd >= 0) byFd.set(fd, key);
      else unheld.add(key);
      return true;
    },
    remove,
    ended() {
      if (entries.size === 0) return [];
      codes.clear();
      const gone = [...unheld].filter((key) => !isAlive(entries.get(key)!.pid, entries.get(key)!.startTicks));
      gone.forEach(end);
      for (let now = told(); now.length > 0; now = told()) {
        now.forEach(end);
        gone.push(...now);
      }
      return gone;
    },
    codeOf: (key) => codes.get(key) ?? null,
    size: () => entries.size,
    close() {
      for (const key of [...entries.keys()]) remove(key);
      if (epoll >= 0) closeSync(epoll);
      epoll = -1;
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
