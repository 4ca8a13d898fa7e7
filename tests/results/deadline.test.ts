/** A message whose final never came is `unknown` after a day, by a row of the journal; a real final replaces it even then. */

import { expect, test } from "bun:test";
import { fakeClock } from "../../src/kernel/clock.ts";
import { type Metering, ownMetering } from "../cast/metering.ts";
import { NOON } from "../cast/results.ts";
import { ownStore } from "../cast/store.ts";

const HOUR_MS = 3_600_000;
const item = (id: string, state: string, at: number, more = {}) => ({
  country: "UZ",
  operator: "uzmobile",
  message_id: id,
  state,
  at: at / 1000,
  ...more,
});
const look = (metering: Metering) => metering.loops.find((loop) => loop.name === "results.deadline")!.runOnce();
const numbers = (metering: Metering) => metering.counters.pair("UZ_uzmobile");

test("is unknown 24 h after its submit, not earlier, and only when no final came", async () => {
  const clock = fakeClock(NOON);
  const metering = await ownMetering(await ownStore("deadline"), clock);
  await metering.ingest.accept("program1", "s_1", [
    item("silent", "submitted", NOON),
    item("waiting", "buffered", NOON),
    item("done", "submitted", NOON),
    item("done", "delivered", NOON),
    item("tried", "attempt", NOON),
  ]);
  const receipt = numbers(metering).lastReceiptAt;
  clock.advance(24 * HOUR_MS - 1);
  await look(metering);
  expect(numbers(metering).total).toMatchObject({ sent: 3, pending: 2, undelivered: 0 });
  clock.advance(1);
  await look(metering);
  expect(numbers(metering).total).toMatchObject({ sent: 3, pending: 0, undelivered: 2, delivered: 1 });
  expect(numbers(metering).lastReceiptAt).toBe(receipt);
  const now = clock.now();
  expect(await metering.ingest.accept("program1", "s_1", [item("silent", "delivered", now)])).toMatchObject({ accepted: 1 });
  expect(numbers(metering).total).toMatchObject({ sent: 3, pending: 0, undelivered: 1, delivered: 2 });
  await metering.stop();
});

test("finds the same after a kill in the middle, each once, and keeps the numbers a fold of the journal", async () => {
  const store = await ownStore("deadline-kill");
  const clock = fakeClock(NOON);
  let metering = await ownMetering(store, clock);
  const many = Array.from({ length: 1000 }, (_, i) => item(`m${i}`, "submitted", NOON));
  await metering.ingest.accept("program1", "s_1", many);
  await metering.ingest.accept(
    "program1",
    "s_1",
    many.slice(0, 300).map((one) => ({ ...one, message_id: `n${one.message_id}` })),
  );
  clock.advance(25 * HOUR_MS);
  // The mark of the first step is lost, as by a kill after its append.
  const mark = await store.read("deadlines.mark", null);
  await look(metering);
  await store.write("deadlines.setMark", mark);
  const before = numbers(metering).total;
  expect(before).toMatchObject({ sent: 1300, pending: 0, undelivered: 1300 });
  await Promise.all(metering.loops.map((loop) => loop.stop()));
  metering = await ownMetering(store, clock);
  await look(metering);
  expect(numbers(metering).total).toEqual(before);
  await metering.stop();
});

test("a clock that was ahead for a while does not hold up what came after", async () => {
  const clock = fakeClock(NOON);
  const metering = await ownMetering(await ownStore("deadline-clock"), clock);
  await metering.ingest.accept("program1", "s_1", [item("first", "submitted", NOON)]);
  clock.jump(1000 * 24 * HOUR_MS);
  await metering.ingest.accept("program1", "s_1", [item("ahead", "submitted", clock.now())]);
  clock.jump(-1000 * 24 * HOUR_MS);
  await metering.ingest.accept("program1", "s_1", [item("after", "submitted", NOON)]);
  clock.advance(25 * HOUR_MS);
  await look(metering);
  expect(numbers(metering).total).toMatchObject({ pending: 0, undelivered: 3 });
  await metering.stop();
});
