/**
 * The sliding-window log of one budget. A slot counts until one window after its end: the earlier of its lease's end and the arrival of the
 * result that named it. The message was handed over before that end and never before its grant, so N slots make N hand-overs a window, exactly.
 * Pure: the time is an argument, uptime in ms.
 */

import type { Grant } from "./permit.ts";

export interface Slot {
  /** Null for an uncontrolled send. */
  grant: Grant | null;
  /** Uptime by which it was handed over at the latest. */
  endMs: number;
  n: number;
}

export interface Window {
  limit(): number;
  windowMs(): number;
  /** Applies from now on; nothing is revoked, and what has left the log does not come back. */
  configure(limit: number, windowMs: number): void;
  used(now: number): number;
  /** Slots left as of the last look. */
  left(): number;
  hasRoom(now: number): boolean;
  /** Ms until fewer than the limit count: 0 when a slot is free, Infinity when no time brings one. */
  nextFreeMs(now: number): number;
  /** Takes a slot whether or not there is room: a permit asks `hasRoom` of every nested window first, an uncontrolled send asks nobody. */
  take(grant: Grant | null, endMs: number, n?: number): void;
  /** Its message was handed over by `endMs`, earlier than `before`. Nothing happens when the slot has left the log. */
  report(grant: Grant, before: number, endMs: number): void;
  /** What counts now, by end. */
  slots(now: number): Slot[];
}

const FIRST_CAPACITY = 16;

export function openWindow(limit: number, windowMs: number): Window {
  // A ring sorted by end, its size a power of two, so that a take neither divides nor makes an object. Grants append; only a report or an
  // uncontrolled send goes in before the last few of one lease.
  let capacity = FIRST_CAPACITY;
  let ends = new Float64Array(capacity);
  let sizes = new Float64Array(capacity);
  let grants: (Grant | null)[] = new Array(capacity).fill(null);
  let mask = capacity - 1;
  // Ascend for ever; the place of one is `index & mask`.
  let head = 0;
  let tail = 0;
  let counted = 0;

  function expire(now: number): void {
    while (head !== tail && ends[head & mask]! + windowMs <= now) {
      const place = head++ & mask;
      counted -= sizes[place]!;
      grants[place] = null;
    }
    // Far below 2^31, so that the indexes stay small integers.
    if (head === tail) head = tail = 0;
    else if (head > 0x3fff_ffff) rebase();
  }

  function rebase(): void {
    const shift = head - (head & mask);
    head -= shift;
    tail -= shift;
  }

  function put(index: number, grant: Grant | null, endMs: number, n: number): void {
    const place = index & mask;
    ends[place] = endMs;
    sizes[place] = n;
    grants[place] = grant;
  }

  function copy(from: number, to: number): void {
    put(to, grants[from & mask]!, ends[from & mask]!, sizes[from & mask]!);
  }

  function insert(grant: Grant | null, endMs: number, n: number): void {
    if (tail - head === capacity) grow();
    let at = tail++;
    for (; at > head && ends[(at - 1) & mask]! > endMs; at--) copy(at - 1, at);
    put(at, grant, endMs, n);
    counted += n;
  }

  function grow(): void {
    const kept = list();
    capacity *= 2;
    mask = capacity - 1;
    ends = new Float64Array(capacity);
    sizes = new Float64Array(capacity);
    grants = new Array(capacity).fill(null);
    head = 0;
    tail = kept.length;
    for (let i = 0; i < kept.length; i++) put(i, kept[i]!.grant, kept[i]!.endMs, kept[i]!.n);
  }

  function list(): Slot[] {
    return Array.from({ length: tail - head }, (_, i) => {
      const place = (head + i) & mask;
      return { grant: grants[place]!, endMs: ends[place]!, n: sizes[place]! };
    });
  }

  /** The first slot whose end is not before this one. */
  function position(endMs: number): number {
    let low = head;
    let high = tail;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ends[middle & mask]! < endMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    limit: () => limit,
    windowMs: () => windowMs,
    configure(newLimit, newWindowMs) {
      limit = newLimit;
      windowMs = newWindowMs;
    },
    used(now) {
      expire(now);
      return counted;
    },
    left: () => limit - counted,
    hasRoom(now) {
      expire(now);
      return counted < limit;
    },
    nextFreeMs(now) {
      expire(now);
      if (counted < limit) return 0;
      if (limit <= 0) return Number.POSITIVE_INFINITY;
      let left = counted;
      for (let i = head; i < tail; i++) {
        left -= sizes[i & mask]!;
        if (left < limit) return ends[i & mask]! + windowMs - now;
      }
      return 0;
    },
    take(grant, endMs, n = 1) {
      insert(grant, endMs, n);
    },
    report(grant, before, endMs) {
      if (endMs >= before) return;
      for (let i = position(before); i < tail && ends[i & mask] === before; i++) {
        if (grants[i & mask]?.permitId !== grant.permitId) continue;
        counted -= sizes[i & mask]!;
        for (let next = i + 1; next < tail; next++) copy(next, next - 1);
        grants[--tail & mask] = null;
        insert(grant, endMs, 1);
        return;
      }
    },
    slots(now) {
      expire(now);
      return list();
    },
  };
}

/** When a grant's lease ends, in uptime of this boot. One of another boot counts as made at uptime 0: no clock knows better. */
export function leaseEndOf(grant: Grant, bootId: string): number {
  return (grant.bootId === bootId ? grant.grantedUptimeMs : 0) + grant.leaseMs;
}

/** The end of a slot as the disk tells it. A report made in an earlier boot may read as any uptime, and its message lay before uptime 0. */
export function endOf(grant: Grant, bootId: string): number {
  return Math.min(leaseEndOf(grant, bootId), grant.reportedUptimeMs ?? Number.POSITIVE_INFINITY);
}
