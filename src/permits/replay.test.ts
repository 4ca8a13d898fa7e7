/** The checker against a naive one: every moment, every slot, no windows kept. */

import { expect, test } from "bun:test";
import fc from "fast-check";
import type { LedgerEntry, LedgerGrant, LedgerLimit, LedgerSend } from "./ledger.ts";
import { openReplay, type Verdict } from "./replay.ts";

const WINDOW = 60_000;

function verdictOf(...entries: LedgerEntry[]): Verdict {
  const replay = openReplay();
  for (const entry of entries) replay.add(entry);
  return replay.verdicts()[0]!;
}

const grant = (grantedUptimeMs: number, more: Partial<LedgerGrant> = {}): LedgerGrant => ({
  kind: "grant",
  country: "UZ",
  permitId: "p_1",
  pair: "UZ_uzmobile",
  program: "program1",
  session: null,
  bootId: "boot-1",
  grantedUptimeMs,
  leaseMs: 2_000,
  grantedAt: grantedUptimeMs,
  reportedUptimeMs: null,
  reportedBootId: null,
  abandoned: false,
  ...more,
});
const send = (uptimeMs: number, n = 1, more: Partial<LedgerSend> = {}): LedgerSend => ({
  kind: "uncontrolled",
  country: "UZ",
  pair: "UZ_uzmobile",
  program: "program1",
  session: null,
  reason: "no_permit",
  n,
  bootId: "boot-1",
  uptimeMs,
  countedAt: uptimeMs,
  at: uptimeMs,
  ...more,
});
const limit = (uptimeMs: number, to: number, windowMs = WINDOW, bootId = "boot-1"): LedgerLimit => ({
  kind: "limit",
  country: "UZ",
  limit: to,
  windowMs,
  bootId,
  uptimeMs,
  at: uptimeMs,
});

test("a slot leaves one window after its lease's end, or after the report that came before it", () => {
  expect(verdictOf(limit(0, 1), grant(1_000), grant(63_000)).worst).toBeNull();
  expect(verdictOf(limit(0, 1), grant(1_000), grant(62_999)).worst).toMatchObject({ count: 2, limit: 1, endUptimeMs: 62_999 });
  expect(verdictOf(limit(0, 1), grant(1_000, { reportedUptimeMs: 1_500 }), grant(61_500)).worst).toBeNull();
  expect(verdictOf(limit(0, 1), grant(1_000, { reportedUptimeMs: 9_000 }), grant(63_000)).worst).toBeNull();
});

test("uncontrolled sends count where they stand, as many as they are", () => {
  const verdict = verdictOf(limit(0, 10), grant(1_000), send(30_000, 12), grant(40_000));
  expect(verdict).toMatchObject({ grants: 2, uncontrolled: 12, uncontrolledBy: { no_permit: 12 }, over: 2 });
  expect(verdict.worst).toMatchObject({ count: 14, uncontrolled: 12, limit: 10, startUptimeMs: -20_000, endUptimeMs: 40_000 });
});

test("a lowered limit breaks nothing by itself, a grant made over it does", () => {
  expect(verdictOf(limit(0, 3), grant(1), grant(2), grant(3), limit(10, 1), grant(62_003)).over).toBe(0);
  expect(verdictOf(limit(0, 3), grant(1), grant(2), grant(3), limit(10, 1), grant(62_002)).over).toBe(1);
});

test("a window made longer does not bring back what had left, one made shorter lets go at once", () => {
  expect(verdictOf(limit(0, 1, 1_000), grant(0), limit(3_000, 1, WINDOW), grant(3_001)).over).toBe(0);
  expect(verdictOf(limit(0, 1, 1_000), grant(0), limit(2_999, 1, WINDOW), grant(3_001)).over).toBe(1);
  expect(verdictOf(limit(0, 1), grant(0), limit(10_000, 1, 1_000), grant(10_001)).over).toBe(0);
});

test("after a reboot what was not over counts as ended at uptime 0; a report of the new boot says nothing of the old one", () => {
  const before = grant(500_000, { bootId: "boot-0", reportedUptimeMs: 3, reportedBootId: "boot-1" });
  expect(verdictOf(limit(0, 1, WINDOW, "boot-0"), before, grant(59_999)).over).toBe(1);
  expect(verdictOf(limit(0, 1, WINDOW, "boot-0"), before, grant(60_000)).over).toBe(0);
  const over: LedgerEntry = { kind: "boot", bootId: "boot-1", lastUptimeMs: 562_000 };
  expect(verdictOf(limit(0, 1, WINDOW, "boot-0"), before, over, grant(1)).over).toBe(0);
});

test("a ledger that is not in order is refused: it would prove nothing", () => {
  expect(() => verdictOf(grant(2_000), grant(1_000))).toThrow("not in order");
});

interface Event {
  time: number;
  what: "grant" | "send" | "limit";
  leaseMs: number;
  reportMs: number | null;
  n: number;
  limit: number;
  windowMs: number;
}
const event: fc.Arbitrary<Event> = fc.record({
  time: fc.nat(4_000),
  what: fc.constantFrom("grant", "grant", "grant", "grant", "send", "limit"),
  leaseMs: fc.nat(300),
  reportMs: fc.option(fc.nat(400), { nil: null }),
  n: fc.integer({ min: 1, max: 3 }),
  limit: fc.nat(6),
  windowMs: fc.constantFrom(200, 1_000, 1_000, 2_000),
});

test("never another verdict than the naive checker's, over changed limits and windows", () => {
  let broken = 0;
  let kept = 0;
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 60 }), (events) => {
      const inOrder = events.toSorted((a, b) => a.time - b.time);
      const entries = inOrder.map((one) => entryOf(one));
      const found = verdictOf(limit(0, 4, 1_000), ...entries);
      const naive = naively([{ ...inOrder[0]!, time: 0, what: "limit", limit: 4, windowMs: 1_000 }, ...inOrder]);
      expect([found.over, found.densest?.count ?? 0, worstOf(found)]).toEqual([naive.over, naive.densest, naive.worst]);
      if (naive.over > 0) broken++;
      else kept++;
    }),
    { numRuns: 3_000, seed: 20_261_120 },
  );
  expect(Math.min(broken, kept)).toBeGreaterThan(100);
});

function worstOf(verdict: Verdict): number {
  return verdict.worst ? verdict.worst.count - verdict.worst.limit : 0;
}

function entryOf(one: Event): LedgerEntry {
  if (one.what === "limit") return limit(one.time, one.limit, one.windowMs);
  if (one.what === "send") return send(one.time, one.n);
  return grant(one.time, { leaseMs: one.leaseMs, reportedUptimeMs: one.reportMs === null ? null : one.time + one.reportMs });
}

/** For each beginning all slots before it, each asked anew whether it had left at any moment between. */
function naively(events: readonly Event[]): { over: number; densest: number; worst: number } {
  let [over, densest, worst] = [0, 0, 0];
  const endOf = (one: Event) => (one.what === "send" ? one.time : one.time + Math.min(one.leaseMs, one.reportMs ?? one.leaseMs));
  events.forEach((own, i) => {
    if (own.what === "limit") return;
    const inForce = events.slice(0, i).findLast((one) => one.what === "limit")!;
    let count = 0;
    for (let j = 0; j <= i; j++) {
      const slot = events[j]!;
      if (slot.what === "limit") continue;
      // Each stretch of one window length between the slot's beginning and now: it left when its end lay that far back by the stretch's end.
      let left = false;
      let windowMs = events.slice(0, j).findLast((one) => one.what === "limit")!.windowMs;
      for (let k = j + 1; k <= i; k++) {
        if (endOf(slot) + windowMs <= events[k]!.time) left = true;
        if (events[k]!.what === "limit") windowMs = events[k]!.windowMs;
      }
      if (!left && (j === i || endOf(slot) + windowMs > own.time)) count += slot.what === "send" ? slot.n : 1;
    }
    densest = Math.max(densest, count);
    worst = Math.max(worst, count - inForce.limit);
    if (count > inForce.limit) over++;
  });
  return { over, densest, worst };
}
