/** A day of traffic with every disorder, killed and started in between: counters, roll-ups and history equal a plain recount of the raw log. */

import { expect, test } from "bun:test";
import { sqliteTrends } from "../../src/adapters/sqlite/trends.ts";
import { fakeClock } from "../../src/kernel/clock.ts";
import { evenly, SUMS, TIER_MS, TIERS } from "../../src/results/history.ts";
import { bucketsOf, hourOf, OPERATORS, openRecount, type Plain, type Raw, SESSIONS, seeded } from "../cast/day.ts";
import { type Metering, ownMetering } from "../cast/metering.ts";
import { NOON } from "../cast/results.ts";
import { ownStore } from "../cast/store.ts";

const HOUR_MS = 3_600_000;
const START = NOON - 12 * HOUR_MS;
const isRecipients = (code: string) => code === "27";

for (const seed of [1, 20261120])
  test(`a day by seed ${seed} equals its recount, hour by hour, over kills and restarts`, async () => {
    const random = seeded(seed);
    const clock = fakeClock(START);
    const store = await ownStore(`day-${seed}`);
    const trends = sqliteTrends(store);
    const plain = openRecount();
    let metering = await ownMetering(store, clock);
    let queue: Raw[] = [];
    let restarts = 0;

    for (let hour = 0; hour < 54; hour++) {
      const end = START + (hour + 1) * HOUR_MS;
      if (hour < 24) queue.push(...hourOf(random, hour, START + hour * HOUR_MS, 25));
      queue.sort((a, b) => a.arrivedAt - b.arrivedAt);
      const due = queue.filter(({ arrivedAt }) => arrivedAt < end);
      queue = queue.slice(due.length);
      for (let i = 0; i < due.length; ) {
        const batch = due.slice(i, i + 1 + random.upTo(15));
        i += batch.length;
        const at = batch.at(-1)!.arrivedAt;
        if (at > clock.now()) clock.advance(at - clock.now());
        await take(batch.map((raw) => ({ ...raw, arrivedAt: clock.now() })));
        if (random.chance(0.04)) await restart();
      }
      clock.advance(end - clock.now());
      await settle();
      if (hour % 7 === 6) await compare(metering);
    }
    clock.advance(25 * HOUR_MS);
    await settle();
    await compare(metering);
    await restart();
    await compare(metering);
    expect([...plain.messages.values()].some(({ state }) => state === "unknown")).toBe(true);
    expect(restarts).toBeGreaterThan(3);
    await metering.stop();

    async function take(batch: Raw[]): Promise<void> {
      for (const kind of ["counts", "result", "receipt"] as const) {
        const own = batch.filter((raw) => raw.kind === kind);
        if (own.length === 0) continue;
        const bodies = own.map(({ body }) => body);
        const session = kind === "result" ? random.pick([...SESSIONS, null]) : null;
        const taken =
          kind === "receipt"
            ? await metering.receipts.accept("smsc1", bodies)
            : await metering.ingest.accept(kind === "counts" ? "program2" : "program1", session, bodies);
        expect(taken.rejected).toEqual([]);
        for (const raw of own) plain.take(raw, session);
      }
    }

    /** Receipts find their messages, and what is a day old is unknown. */
    async function settle(): Promise<void> {
      for (let look = 0; look < 12; look++) await metering.receipts.loop.runOnce();
      plain.match();
      await metering.loops.find(({ name }) => name === "results.deadline")!.runOnce();
      plain.age(clock.now());
    }

    /** Closed well, or killed: then what was not rolled is read from the journal. */
    async function restart(): Promise<void> {
      restarts++;
      if (random.chance(0.5)) await metering.stop();
      else await Promise.all(metering.loops.map((loop) => loop.stop()));
      metering = await ownMetering(store, clock);
    }

    async function compare({ counters }: Metering): Promise<void> {
      const messages = [...plain.messages.values()];
      const counts = [...plain.counts.values()];
      const ofOperator = (operator: string) => (one: { operator: string }) => one.operator === operator;
      for (const operator of OPERATORS) {
        const own = [messages.filter(ofOperator(operator)), counts.filter(ofOperator(operator))] as const;
        expect(counters.pair(`UZ_${operator}`).total).toEqual(tally(...own));
      }
      for (const session of SESSIONS)
        expect(counters.session(session).total).toEqual(
          tally(
            messages.filter((one) => one.session === session),
            [],
          ),
        );
      expect(counters.program("program1").total).toEqual(tally(messages, []));
      expect(counters.program("program2").total).toEqual(tally([], counts));
      expect(counters.country("UZ").total).toEqual(tally(messages, counts));

      await metering.loops.find(({ name }) => name === "results.roll")!.runOnce();
      const from = START - 2 * 24 * HOUR_MS;
      for (const tier of TIERS) {
        const stepMs = TIER_MS[tier];
        for (const operator of [null, ...OPERATORS]) {
          const where = operator === null ? {} : { pair: `UZ_${operator}` };
          const read = await trends.read({ where, tier, bounds: evenly(from, from + 6 * 24 * HOUR_MS, stepMs) });
          const of = operator === null ? () => true : ofOperator(operator);
          const expected = bucketsOf(messages.filter(of), counts.filter(of), stepMs, isRecipients);
          const found = new Map<number, number[]>();
          for (let step = 0; step * SUMS < read.sums.length; step++) {
            const sums = [...read.sums.subarray(step * SUMS, step * SUMS + 9)];
            if (sums.some((sum) => sum !== 0)) found.set(from + step * stepMs, sums);
          }
          expect([tier, operator, [...found]]).toEqual([tier, operator, [...expected].sort((a, b) => a[0] - b[0])]);
        }
      }
    }

    function tally(own: readonly Plain[], counted: Parameters<typeof bucketsOf>[1]) {
      const sums = new Array<number>(9).fill(0);
      for (const bucket of bucketsOf(own, counted, HOUR_MS, isRecipients).values())
        for (const [place, n] of bucket.entries()) sums[place]! += n;
      const [attempts = 0, sent = 0, delivered = 0, undelivered = 0, failed = 0, blocked = 0, , pending = 0] = sums;
      return { attempts, sent, delivered, undelivered, failed, blocked, pending };
    }
  }, 60_000);
