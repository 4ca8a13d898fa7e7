import { expect, test } from "bun:test";
import { memoryDocuments } from "../../tests/cast/doubles.ts";
import { refusal } from "../../tests/cast/refusal.ts";
import { fakeClock } from "../kernel/clock.ts";
import { quiet } from "../kernel/log.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, type RezoneOrder } from "./history.ts";
import { faultsOf, type Keeping, type KeptDays, openRetention, USUAL_DAYS } from "./retention.ts";

const zones = { trends: { rezone: async () => ({ more: false }) }, timeZone: "UTC" };
const anna = { name: "anna", from: "127.0.0.1" };

function opened(left = { scopes: 3, lines: 2 }) {
  const clock = fakeClock();
  const documents = memoryDocuments();
  const asked: string[] = [];
  let pauses = 0;
  const keeping: Keeping = {
    async trimTier({ tier, before, after }) {
      asked.push(`${tier} ${(clock.now() - before) / DAY_MS}`);
      return { deleted: 1, next: after + 1 < left.scopes ? after + 1 : null };
    },
    async trimMessages({ before }) {
      asked.push(`messages ${(clock.now() - before) / DAY_MS}`);
      left.lines--;
      return { deleted: 300, more: left.lines > 0 };
    },
    async noteSize(day) {
      asked.push(`size ${day === Math.floor(clock.now() / DAY_MS)}`);
    },
  };
  const pause = async () => {
    pauses++;
  };
  const trimOutput = async (budgetBytes: number) => {
    asked.push(`output ${budgetBytes / 1_048_576}`);
    return 0;
  };
  const retention = openRetention({ documents, keeping, ...zones, trimOutput, clock, log: quiet, pause });
  return { clock, documents, asked, retention, keeping, trimOutput, pauses: () => pauses };
}

test("leaves a start alone, then looks once an hour, a pause after each step", async () => {
  const { clock, asked, retention, pauses } = opened({ scopes: 2, lines: 2 });
  await retention.loop.runOnce();
  expect(asked).toEqual([]);
  clock.advance(5 * MINUTE_MS);
  await retention.loop.runOnce();
  expect(asked).toEqual([
    "size true",
    "output 10240",
    "1m 14",
    "1m 14",
    "15m 90",
    "15m 90",
    "1h 730",
    "1h 730",
    "1d 3650",
    "1d 3650",
    "messages 30",
    "messages 30",
  ]);
  // The look at the time zone of days is a step too.
  expect(pauses()).toBe(1 + 11);
  asked.length = 0;
  clock.advance(59 * MINUTE_MS);
  await retention.loop.runOnce();
  expect(asked).toEqual([]);
  clock.advance(HOUR_MS);
  await retention.loop.runOnce();
  expect(asked.length).toBe(11);
});

test("moves days to the time zone first, as long as there are some, and once", async () => {
  const { documents, keeping, trimOutput, clock } = opened({ scopes: 1, lines: 1 });
  const asked: unknown[] = [];
  const trends = {
    async rezone(order: RezoneOrder) {
      asked.push(order);
      return { more: asked.length < 3 };
    },
  };
  const pause = async () => {};
  const retention = openRetention({ documents, keeping, trends, timeZone: "Asia/Tashkent", trimOutput, clock, log: quiet, pause });
  await retention.loop.runOnce();
  await retention.loop.runOnce();
  const whole = { "15m": clock.now() - 90 * DAY_MS, "1h": clock.now() - 730 * DAY_MS };
  expect(asked).toEqual(Array(3).fill({ timeZone: "Asia/Tashkent", whole }));
});

test("what is much goes on with the next run", async () => {
  const { clock, asked, retention } = opened({ scopes: 1, lines: 500 });
  clock.advance(5 * MINUTE_MS);
  await retention.loop.runOnce();
  expect(asked.length).toBeLessThan(210);
  await retention.loop.runOnce();
  await retention.loop.runOnce();
  expect(asked.filter((one) => one.startsWith("messages")).length).toBe(500);
});

test("a change is kept, audited, and counts at once", async () => {
  const { documents, asked, retention, clock, keeping, trimOutput } = opened();
  const wanted = { days: { ...USUAL_DAYS, "1m": 7, messages: 10 }, outputMegabytes: 500 };
  await retention.change(wanted, anna);
  await retention.loop.runOnce();
  expect(asked).toContain("1m 7");
  expect(asked).toContain("output 500");
  expect(asked).toContain("messages 10");
  expect((await documents.acts({ limit: 1 }))[0]).toMatchObject({ verb: "settings.update", subject: "setting:retention", actor: "anna" });
  const again = openRetention({ documents, keeping, ...zones, trimOutput, clock, log: quiet, pause: async () => {} });
  await again.loop.runOnce();
  expect([again.days(), again.outputMegabytes()]).toEqual([wanted.days, 500]);
  expect(await refusal(again.change(wanted, anna, 0))).toMatchObject({ code: "conflict" });
});

test.each([
  ["messages that are younger than the reports that are taken", { messages: 2 }, ["messages"]],
  ["a finer tier that outlives a coarser one", { "15m": 10, "1m": 14 }, ["15m"]],
  ["half a day", { "1h": 400.5 }, ["1h"]],
  ["more than a century", { "1d": 100_000 }, ["1d"]],
  ["nothing wrong", {}, []],
] as [string, Partial<KeptDays>, string[]][])("refuses %s", async (_, more, fields) => {
  expect(faultsOf({ days: { ...USUAL_DAYS, ...more }, outputMegabytes: 10_240 }).map(({ field }) => field)).toEqual(fields);
});

test("refuses a budget of output that holds not even a few runs", () => {
  expect(faultsOf({ days: USUAL_DAYS, outputMegabytes: 10 }).map(({ field }) => field)).toEqual(["output_megabytes"]);
});
