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

const SWEEP_AFTER = 32;

export function openWindow(limit: number, windowMs: number): Window {
  // Sorted by end. Grants append; only a report or an uncontrolled send goes in before the last few of one lease.
  let slots: Slot[] = [];
  let head = 0;
  let counted = 0;

  function expire(now: number): void {
    while (head < slots.length && slots[head]!.endMs + windowMs <= now) counted -= slots[head++]!.n;
    if (head > SWEEP_AFTER && head * 2 >= slots.length) {
      slots = slots.slice(head);
      head = 0;
    }
  }

  /** The first slot whose end is not before (or, with `after`, is after) this one. */
  function position(endMs: number, after: boolean): number {
    let low = head;
    let high = slots.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const end = slots[middle]!.endMs;
      if (after ? end <= endMs : end < endMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function insert(slot: Slot): void {
    const last = slots[slots.length - 1];
    if (!last || head === slots.length || last.endMs <= slot.endMs) slots.push(slot);
    else slots.splice(position(slot.endMs, true), 0, slot);
    counted += slot.n;
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
    hasRoom(now) {
      expire(now);
      return counted < limit;
    },
    nextFreeMs(now) {
      expire(now);
      if (counted < limit) return 0;
      if (limit <= 0) return Number.POSITIVE_INFINITY;
      let left = counted;
      for (let i = head; i < slots.length; i++) {
        left -= slots[i]!.n;
        if (left < limit) return slots[i]!.endMs + windowMs - now;
      }
      return 0;
    },
    take(grant, endMs, n = 1) {
      insert({ grant, endMs, n });
    },
    report(grant, before, endMs) {
      if (endMs >= before) return;
      for (let i = position(before, false); i < slots.length && slots[i]!.endMs === before; i++) {
        if (slots[i]!.grant?.permitId !== grant.permitId) continue;
        slots.splice(i, 1);
        counted--;
        insert({ grant, endMs, n: 1 });
        return;
      }
    },
    slots(now) {
      expire(now);
      return slots.slice(head);
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
