/** Random, disordered, repeated traffic: the counters say what a plain recount of every report says, before and after a restart. */

import { expect, test } from "bun:test";
import fc from "fast-check";
import { fakeClock } from "../../src/kernel/clock.ts";
import { blamesRecipient } from "../../src/results/errors.ts";
import { type MessageState, transition } from "../../src/results/message.ts";
import type { Rate } from "../../src/results/numbers.ts";
import { type Metering, ownMetering } from "../cast/metering.ts";
import { NOON } from "../cast/results.ts";
import { ownStore } from "../cast/store.ts";

interface Report {
  country: string;
  operator: string;
  message_id: string;
  state: MessageState;
  at: number;
  error_code?: string;
}

const OPERATORS = ["uzmobile", "beeline"];
const FINALS: MessageState[] = ["delivered", "delivered", "delivered", "undelivered", "rejected", "expired"];
const CODES = ["6", "27", "31", "2053", undefined];

function seeded(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    chance: (share: number) => next() < share,
    upTo: (n: number) => Math.floor(next() * n),
    pick: <T>(of: T[]): T => of[Math.floor(next() * of.length)]!,
  };
}

/** The lives of some messages within [from, to), as reports in the order of their times, then disturbed. */
function traffic(random: ReturnType<typeof seeded>, prefix: string, messages: number, from: number, to: number): Report[] {
  const reports: Report[] = [];
  for (let i = 0; i < messages; i++) {
    const base = { country: "UZ", operator: random.pick(OPERATORS), message_id: `${prefix}${i}` };
    const at = from + random.upTo(to - from);
    const tell = (state: MessageState, after: number, error_code?: string) => {
      if (at + after < to) reports.push({ ...base, state, at: at + after, error_code });
    };
    if (random.chance(0.5)) tell("attempt", 0);
    if (random.chance(0.1)) tell(random.pick<MessageState>(["failed", "blocked"]), 300, random.pick(CODES));
    else {
      if (random.chance(0.95)) tell("submitted", 400);
      if (random.chance(0.2)) tell("buffered", 2_000);
      if (random.chance(0.85)) tell(random.pick(FINALS), 3_000 + random.upTo(90_000), random.pick(CODES));
      if (random.chance(0.15)) tell(random.pick(FINALS), 100_000 + random.upTo(60_000), random.pick(CODES));
    }
  }
  reports.sort((a, b) => a.at - b.at);
  for (let i = 0; i < reports.length; i++) {
    if (random.chance(0.1)) reports.splice(random.upTo(reports.length), 0, reports[i]!);
    if (random.chance(0.2)) {
      const other = Math.min(reports.length - 1, i + random.upTo(20));
      [reports[i], reports[other]] = [reports[other]!, reports[i]!];
    }
  }
  return reports;
}

interface Told {
  operator: string;
  state: MessageState;
  code: string | null;
  submitAt: number;
  latency: { ms: number; order: number } | null;
  seen: Set<string>;
}

/** The recount: what each message stands at after all its reports. */
function recount(reports: readonly Report[]): Map<string, Told> {
  const messages = new Map<string, Told>();
  reports.forEach((report, order) => {
    const known = messages.get(report.message_id);
    const code = report.error_code ?? null;
    const key = `${report.state}/${code}`;
    if (!known) {
      messages.set(report.message_id, {
        operator: report.operator,
        state: report.state,
        code,
        submitAt: report.at,
        latency: null,
        seen: new Set([key]),
      });
      return;
    }
    if (known.seen.has(key)) return;
    known.seen.add(key);
    if (transition(known.state, report.state).kind === "keep") return;
    if (report.state === "delivered" && known.state !== "attempt") known.latency = { ms: Math.max(0, report.at - known.submitAt), order };
    if (report.state === "submitted") known.submitAt = report.at;
    known.state = report.state;
    known.code = code;
  });
  return messages;
}

const OPEN: MessageState[] = ["submitted", "buffered"];
const NEGATIVE: MessageState[] = ["undelivered", "rejected", "expired"];

function expectedRate(messages: readonly Told[], now: number): Pick<Rate, "kind" | "n"> & { value?: number } {
  const latencies = messages.flatMap((message) => message.latency ?? []).sort((a, b) => a.order - b.order);
  const last = latencies
    .slice(-500)
    .map(({ ms }) => ms)
    .sort((a, b) => a - b);
  const m = last.length < 50 ? 120_000 : Math.min(600_000, Math.max(30_000, last[Math.ceil(last.length * 0.9) - 1]!));
  const edge = Math.floor((now - m) / 10_000) * 10_000;
  let n = 0;
  for (let back = 900_000; back <= 6 * 3_600_000; back += 10_000) {
    const cohort = messages.filter(({ submitAt }) => submitAt < edge && submitAt >= edge - back);
    const delivered = cohort.filter(({ state }) => state === "delivered").length;
    const against = cohort.filter(({ state, code }) => OPEN.includes(state) || (NEGATIVE.includes(state) && !blamesRecipient(code))).length;
    n = delivered + against;
    if (n >= 30) return { kind: "rate", n, value: delivered / n };
  }
  return { kind: "insufficient", n };
}

function compare(metering: Metering, reports: readonly Report[], now: number): void {
  const messages = [...recount(reports).values()];
  for (const operator of OPERATORS) {
    const own = messages.filter((message) => message.operator === operator);
    const of = (...states: MessageState[]) => own.filter(({ state }) => states.includes(state)).length;
    const numbers = metering.counters.pair(`UZ_${operator}`);
    expect(numbers.total).toEqual({
      attempts: own.length,
      sent: own.length - of("attempt", "failed", "blocked"),
      delivered: of("delivered"),
      undelivered: of(...NEGATIVE),
      failed: of("failed"),
      blocked: of("blocked"),
      pending: of(...OPEN),
    });
    expect(numbers.rate).toMatchObject(expectedRate(own, now));
    expect(numbers.latency?.n ?? 0).toBe(Math.min(500, own.filter((message) => message.latency).length));
  }
}

test("counts what a recount counts, whatever the order, and the same after a restart", async () => {
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 }), fc.integer({ min: 20, max: 1500 }), async (seed, size) => {
      const store = await ownStore(`oracle-${round++}`);
      const clock = fakeClock(NOON);
      const random = seeded(seed);
      let metering = await ownMetering(store, clock);
      const all: Report[] = [];
      for (let part = 0; part < 4; part++) {
        const spanMs = 600_000 + random.upTo(3 * 3_600_000);
        const reports = traffic(random, `${part}-`, Math.ceil(size / 4), clock.now(), clock.now() + spanMs);
        clock.advance(spanMs);
        for (let i = 0; i < reports.length; ) {
          const batch = reports.slice(i, i + 1 + random.upTo(100));
          const taken = await metering.ingest.accept(
            "program1",
            random.pick(["s_1", "s_2"]),
            batch.map((report) => ({ ...report, at: report.at / 1000 })),
          );
          expect(taken.rejected).toEqual([]);
          i += batch.length;
        }
        all.push(...reports);
        clock.advance(random.upTo(400_000));
        compare(metering, all, clock.now());
        const before = [
          metering.counters.fleet(),
          metering.counters.session("s_1"),
          metering.counters.program("program1"),
          metering.counters.country("UZ"),
        ];
        // Killed: only the journal and an older roll are there. Or closed: all is rolled.
        if (random.chance(0.5)) await metering.stop();
        else await Promise.all(metering.loops.map((loop) => loop.stop()));
        metering = await ownMetering(store, clock);
        expect([
          metering.counters.fleet(),
          metering.counters.session("s_1"),
          metering.counters.program("program1"),
          metering.counters.country("UZ"),
        ]).toEqual(before);
        compare(metering, all, clock.now());
      }
    }),
    { numRuns: 6 },
  );
});
