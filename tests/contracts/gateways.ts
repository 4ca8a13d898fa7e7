/** What every store of the sums of gateways must do. */

import { expect, test } from "bun:test";
import fc from "fast-check";
import { type GatewayReport, type GatewayTotals, reportOf } from "../../src/results/gateways.ts";
import type { Journal, MessageItem } from "../../src/results/journal.ts";
import { message, NOON } from "../cast/results.ts";

const order = { most: 7, timeZone: "Asia/Tashkent", ofPairs: { UZ_ucell: "smpp1" }, now: 0, credits: [] };

/** Of a message as it stands at last: what the sums should say of it. */
function naive(messages: Iterable<{ gateway: string | null; pair: string; states: MessageItem["state"][] }>): Record<string, number[]> {
  const sums: Record<string, number[]> = {};
  for (const { gateway, pair, states } of messages) {
    const key = gateway ?? (pair === "UZ_ucell" ? "smpp1" : "");
    sums[key] ??= [0, 0, 0, 0];
    const own = sums[key];
    own[0]! += 1;
    if (states.some((state) => state !== "attempt")) own[1]! += 1;
    if (states.includes("delivered")) own[2]! += 1;
    else if (states.includes("undelivered")) own[3]! += 1;
  }
  return sums;
}

export function gatewaysContract(name: string, { journal, totals }: { journal: Journal; totals: GatewayTotals }): void {
  /** As the house does: what is there goes into the days of the zone before anything is added. */
  async function rollAll(timeZone = order.timeZone, ofPairs: Record<string, string> = order.ofPairs, now = order.now): Promise<void> {
    while (await totals.rezone({ most: 400, timeZone }));
    while ((await totals.roll({ ...order, timeZone, ofPairs, now })) === order.most);
  }

  const report = async (): Promise<GatewayReport> => reportOf(await totals.read("2000-01-01", "2100-01-01"));

  test(`${name}: whatever order gateways are told in and wherever a roll falls, each message counts once, for its gateway`, async () => {
    let run = 0;
    const expected = new Map<string, { gateway: string | null; pair: string; states: MessageItem["state"][] }>();
    const step = fc.record({
      id: fc.integer({ min: 1, max: 12 }),
      state: fc.constantFrom("attempt" as const, "submitted" as const, "delivered" as const, "undelivered" as const),
      gateway: fc.constantFrom(null, null, "smpp1", "http2"),
      rolls: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        run++;
        for (const { id, state, gateway, rolls } of steps) {
          const messageId = `m-${run}-${id}`;
          const pair = id % 2 === 0 ? "UZ_ucell" : "UZ_uzmobile";
          const [outcome] = await journal.append([message(messageId, state, { gateway, pair })], NOON);
          if (outcome!.kind === "new") {
            const known = expected.get(messageId) ?? { gateway: null, pair, states: [] };
            // The first final wins, unless it is taken back by a delivery.
            if (!(state === "undelivered" && known.states.includes("delivered"))) known.states.push(state);
            known.gateway ??= gateway;
            expected.set(messageId, known);
          }
          if (rolls) await totals.roll(order);
        }
        await rollAll();
        const found = Object.fromEntries(
          (await report()).gateways.map(({ gateway, tally }) => [
            gateway,
            [tally.attempts, tally.sent, tally.delivered, tally.undelivered],
          ]),
        );
        for (const [gateway, sums] of Object.entries(found)) if (sums.every((n) => n === 0)) delete found[gateway];
        expect(found).toEqual(naive(expected.values()));
      }),
      { numRuns: 25 },
    );
  });

  test(`${name}: days are those of the house, and errors, latencies and credits stand beside the sums`, async () => {
    // 23:30 in Tashkent on the 4th is 18:30 UTC.
    const late = Date.UTC(2026, 1, 4, 18, 30);
    const early = Date.UTC(2026, 1, 4, 19, 30);
    await journal.append(
      [
        message("d-1", "submitted", { gateway: "days", at: late }),
        message("d-1", "delivered", { at: late + 4_000 }),
        message("d-2", "submitted", { gateway: "days", at: early, country: "GB", pair: "GB_o2" }),
        message("d-2", "undelivered", { at: early + 9_000, errorCode: "30008", country: "GB", pair: "GB_o2" }),
      ],
      early,
    );
    await rollAll();
    await totals.roll({ ...order, credits: [{ gateway: "days", program: "program1", credit: 12.5, at: early }] });
    const sums = await totals.read("2026-02-01", "2026-02-28");
    expect(sums.days.map(({ day, country }) => [day, country])).toEqual([
      ["2026-02-04", "UZ"],
      ["2026-02-05", "GB"],
    ]);
    const found = reportOf(sums).gateways.find(({ gateway }) => gateway === "days");
    expect(found).toMatchObject({ delivered: 1, counted: 2, errors: [{ code: "30008", n: 1 }], credits: [{ credit: 12.5 }] });
    expect(found?.latency?.n).toBe(1);
  });

  test(`${name}: when the time zone changes, what was counted goes into its days, all of a message for one gateway`, async () => {
    let now = Date.UTC(2026, 6, 1);
    let run = 0;
    const zones = fc.constantFrom("UTC", "Asia/Tashkent", "America/New_York", "Asia/Kathmandu");
    const step = fc.record({
      id: fc.integer({ min: 1, max: 6 }),
      hours: fc.integer({ min: 0, max: 13 }),
      state: fc.constantFrom("submitted" as const, "delivered" as const),
      gateway: fc.constantFrom(null, null, "near", "far"),
      after: fc.constantFrom("nothing" as const, "nothing" as const, "roll" as const, "zone" as const, "pair" as const),
      zone: zones,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), zones, async (steps, last) => {
        run++;
        const pair = `UZ_z${run}`;
        const messages = new Map<string, { at: number; gateway: string | null; named: string; delivered: boolean }>();
        let zone = "UTC";
        let named = `first-${run}`;
        const roll = () => rollAll(zone, { ...order.ofPairs, [pair]: named }, ++now);
        await roll();
        for (const { id, hours, state, gateway, after, zone: next } of steps) {
          now += hours * 3_600_000 + 10;
          const messageId = `z-${run}-${id}`;
          const told = gateway === null ? null : `${gateway}-${run}`;
          const [outcome] = await journal.append([message(messageId, state, { gateway: told, pair, at: now })], now);
          const known = messages.get(messageId) ?? { at: now, gateway: null, named, delivered: false };
          // What comes a second time tells nothing, its gateway neither.
          if (outcome!.kind === "new") known.gateway ??= told;
          known.delivered ||= state === "delivered";
          messages.set(messageId, known);
          if (after === "zone") zone = next;
          if (after === "pair") named = `${named.startsWith("first") ? "second" : "first"}-${run}`;
          if (after !== "nothing") await roll();
        }
        zone = last;
        await roll();
        const day = new Intl.DateTimeFormat("en-CA", { timeZone: last, dateStyle: "short" });
        const expected: Record<string, [number, number]> = {};
        for (const { at, gateway, named, delivered } of messages.values()) {
          const key = `${day.format(at)} ${gateway ?? named}`;
          const [sent, arrived] = expected[key] ?? [0, 0];
          expected[key] = [sent + 1, arrived + Number(delivered)];
        }
        const found: Record<string, [number, number]> = {};
        for (const { day, gateway, counts } of (await totals.read("2026-06-01", "2040-01-01")).days)
          if (gateway.endsWith(`-${run}`) && counts.some((n) => n !== 0)) found[`${day} ${gateway}`] = [counts[1]!, counts[2]!];
        expect(found).toEqual(expected);
      }),
      { numRuns: 30 },
    );
    await rollAll(order.timeZone, order.ofPairs, now);
  });

  test(`${name}: a message of which the journal may not hold all stays in the day it was counted in`, async () => {
    const oldest = Date.UTC(2026, 0, 1);
    await rollAll("UTC");
    // Told ten hours late, before anything that the journal holds was received.
    await journal.append([message("early-1", "submitted", { gateway: "early", at: oldest - 5 * 3_600_000 })], oldest + 5 * 3_600_000);
    await rollAll("UTC");
    await rollAll("Asia/Tashkent");
    expect((await totals.read("2025-12-01", "2026-01-31")).days.flatMap(({ day, gateway }) => (gateway === "early" ? [day] : []))).toEqual([
      "2025-12-31",
    ]);
  });
}
