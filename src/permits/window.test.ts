import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Grant } from "./permit.ts";
import { endOf, leaseEndOf, openWindow } from "./window.ts";

const LEASE = 2_000;
const WINDOW = 60_000;

test("a slot frees one window after its lease, when nothing is reported", () => {
  const window = openWindow(1, WINDOW);
  window.take(grantAt(1, 0), LEASE);
  expect(window.nextFreeMs(0)).toBe(62_000);
  expect(window.hasRoom(61_999)).toBe(false);
  expect(window.hasRoom(62_000)).toBe(true);
});

test("a slot frees one window after its first result, when that comes within the lease", () => {
  const window = openWindow(1, WINDOW);
  const grant = grantAt(1, 0);
  window.take(grant, LEASE);
  window.report(grant, LEASE, 150);
  expect(window.nextFreeMs(150)).toBe(60_000);
  expect(window.used(60_149)).toBe(1);
  expect(window.used(60_150)).toBe(0);
});

test("a result after the lease changes nothing: the lease had ended the slot already", () => {
  const window = openWindow(1, WINDOW);
  const grant = grantAt(1, 0);
  window.take(grant, LEASE);
  window.report(grant, LEASE, 30_000);
  expect(window.nextFreeMs(30_000)).toBe(32_000);
});

test("a report on a slot that has left the log harms nobody", () => {
  const window = openWindow(1, WINDOW);
  const grant = grantAt(1, 0);
  window.take(grant, LEASE);
  expect(window.used(70_000)).toBe(0);
  window.report(grant, LEASE, 100);
  expect(window.used(70_000)).toBe(0);
});

test("uncontrolled sends fill the log beyond the limit, and no slot is free before fewer than the limit remain", () => {
  const window = openWindow(3, WINDOW);
  window.take(null, 1_000, 4);
  window.take(null, 5_000);
  window.take(null, 3_000);
  expect(window.used(5_000)).toBe(6);
  expect(window.nextFreeMs(5_000)).toBe(56_000);
  expect(window.used(61_000)).toBe(2);
});

test("a raised limit frees slots now, a lowered one revokes nothing", () => {
  const window = openWindow(2, WINDOW);
  for (const n of [1, 2]) window.take(grantAt(n, 0), LEASE);
  window.configure(3, WINDOW);
  expect(window.hasRoom(0)).toBe(true);
  window.configure(1, WINDOW);
  expect(window.used(0)).toBe(2);
  expect(window.nextFreeMs(0)).toBe(62_000);
});

test("a limit of 0 never frees", () => {
  expect(openWindow(0, WINDOW).nextFreeMs(0)).toBe(Number.POSITIVE_INFINITY);
});

test("a grant of another boot counts as made at uptime 0, whatever it was reported at", () => {
  const grant = { ...grantAt(1, 900_000), bootId: "boot-0", reportedUptimeMs: 900_100 };
  expect(leaseEndOf(grant, "boot-1")).toBe(LEASE);
  expect(endOf(grant, "boot-1")).toBe(LEASE);
  expect(endOf(grant, "boot-0")).toBe(900_100);
});

test("agrees with a plain list of everything at every step", () => {
  const step = fc.record({ kind: fc.constantFrom("take", "take", "report", "send", "limit", "wait"), a: fc.nat(1_000), b: fc.nat(1_000) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 100, maxLength: 300 }), (steps) => {
      const limits = [0, 1, 3, 10, 25];
      let limit = 3;
      let windowMs = 500;
      let now = 0;
      const window = openWindow(limit, windowMs);
      let log: { grant: Grant | null; endMs: number; n: number }[] = [];
      for (const { kind, a, b } of steps) {
        log = log.filter((slot) => slot.endMs + windowMs > now);
        if (kind === "take") {
          const grant = grantAt(log.length + now * 1000, now);
          window.take(grant, now + 100);
          log.push({ grant, endMs: now + 100, n: 1 });
        } else if (kind === "report") {
          const open = log.filter((slot) => slot.grant && slot.endMs === slot.grant.grantedUptimeMs + 100);
          const slot = open[a % Math.max(1, open.length)];
          if (slot?.grant && slot.endMs > now) {
            window.report(slot.grant, slot.endMs, now);
            slot.endMs = now;
          }
        } else if (kind === "send") {
          const endMs = now - (a % windowMs);
          window.take(null, endMs, 1 + (b % 4));
          log.push({ grant: null, endMs, n: 1 + (b % 4) });
        } else if (kind === "limit") {
          limit = limits[a % limits.length]!;
          // A longer window does not bring back what has left the log, so it only shrinks here.
          windowMs = Math.max(200, windowMs - (b % 20));
          window.configure(limit, windowMs);
        } else now += a % 60;
        log = log.filter((slot) => slot.endMs + windowMs > now);
        const used = log.reduce((sum, slot) => sum + slot.n, 0);
        expect(window.used(now)).toBe(used);
        expect(window.nextFreeMs(now)).toBe(nextFree(log, used, limit, windowMs, now));
      }
    }),
    { numRuns: 100, seed: 1 },
  );
});

function nextFree(log: { endMs: number; n: number }[], used: number, limit: number, windowMs: number, now: number): number {
  if (used < limit) return 0;
  if (limit === 0) return Number.POSITIVE_INFINITY;
  const times = log.map((slot) => slot.endMs + windowMs).sort((a, b) => a - b);
  const left = (at: number) => log.reduce((sum, slot) => sum + (slot.endMs + windowMs > at ? slot.n : 0), 0);
  return times.find((at) => left(at) < limit)! - now;
}

function grantAt(number: number, grantedUptimeMs: number): Grant {
  return {
    permitId: `p_${number}`,
    country: "UZ",
    pair: "UZ_uzmobile",
    gateway: null,
    program: "program1",
    session: null,
    bootId: "boot-1",
    grantedUptimeMs,
    leaseMs: LEASE,
    grantedAt: 0,
    reportedUptimeMs: null,
    abandoned: false,
  };
}
