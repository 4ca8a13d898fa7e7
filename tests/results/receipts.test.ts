/** Receipts by the gateway's own id: they find their message in any spelling, wait when it is not known yet, and are listed when it stays away. */

import { expect, test } from "bun:test";
import { fakeClock } from "../../src/kernel/clock.ts";
import { spellings } from "../../src/results/messages.ts";
import { maskBody } from "../../src/results/receipt.ts";
import { type Metering, ownMetering } from "../cast/metering.ts";
import { NOON } from "../cast/results.ts";
import { ownStore } from "../cast/store.ts";

const sent = (id: string, gatewayId: string, more = {}) => ({
  country: "UZ",
  operator: "uzmobile",
  message_id: id,
  state: "submitted",
  gateway_message_id: gatewayId,
  ...more,
});
const look = (metering: Metering) => metering.receipts.loop.runOnce();
const totals = (metering: Metering) => metering.counters.pair("UZ_uzmobile").total;

test("finds the message by the gateway's id, in decimal or hexadecimal, and tells who told", async () => {
  const metering = await ownMetering(await ownStore("receipts"), fakeClock(NOON));
  await metering.ingest.accept("program1", "s_1", [sent("m1", "0e9942a1"), sent("m2", "g-2")]);
  const taken = await metering.receipts.accept("smsc1", [
    { gateway_message_id: String(0x0e9942a1), state: "DELIVRD", msisdn: "998901234567", text: "Your code is 1234" },
    { gateway_message_id: "G-2", state: "undelivered", error_code: 27 },
    { gateway_message_id: "G-2", state: "undelivered", error_code: 27 },
    { state: "delivered" },
    { gateway_message_id: "x", state: "read" },
  ]);
  expect(taken).toMatchObject({ accepted: 2, duplicate: 1, waiting: 0 });
  expect(taken.rejected.map(({ index, field }) => [index, field])).toEqual([
    [3, "gateway_message_id"],
    [4, "state"],
  ]);
  expect(totals(metering)).toMatchObject({ sent: 2, delivered: 1, undelivered: 1, pending: 0 });
  const story = await metering.story("program1", "m1");
  expect(story?.message).toMatchObject({ state: "delivered", gatewayMessageId: "0e9942a1" });
  expect(story?.lines[1]).toMatchObject({ to: "delivered", toldBy: "gateway:smsc1", kept: null });
  expect(story?.lines[1]?.body).not.toMatch(/998901234567|1234/);
  await metering.stop();
});

test("waits for a message that is reported later, across a restart, and then counts it once", async () => {
  const store = await ownStore("receipts-wait");
  const clock = fakeClock(NOON);
  let metering = await ownMetering(store, clock);
  const receipt = { gateway_message_id: "late-1", state: "delivered", at: NOON / 1000 };
  expect(await metering.receipts.accept("smsc1", [receipt, receipt])).toMatchObject({ accepted: 0, waiting: 1, duplicate: 1 });
  expect(await metering.receipts.listed(null, 10)).toEqual([]);
  await metering.stop();
  metering = await ownMetering(store, clock);
  await look(metering);
  clock.advance(11 * 60_000);
  expect(await metering.receipts.listed(null, 10)).toMatchObject([{ gateway: "smsc1", gatewayMessageId: "late-1", state: "delivered" }]);
  // Its program comes back with its spool.
  await metering.ingest.accept("program1", "s_1", [sent("m9", "late-1", { at: (NOON - 5_000) / 1000 })]);
  for (let i = 0; i < 12; i++) await look(metering);
  expect(await metering.receipts.listed(null, 10)).toEqual([]);
  expect(totals(metering)).toMatchObject({ sent: 1, delivered: 1 });
  expect((await metering.story("program1", "m9"))?.lines[1]).toMatchObject({ to: "delivered", latencyMs: 5_000 });
  clock.advance(8 * 24 * 3_600_000);
  expect(await metering.receipts.accept("smsc1", [{ gateway_message_id: "nobody", state: "delivered" }])).toMatchObject({ waiting: 1 });
  clock.advance(8 * 24 * 3_600_000);
  for (let i = 0; i < 12; i++) await look(metering);
  expect(await metering.receipts.listed(null, 10)).toEqual([]);
  await metering.stop();
});

test("a receipt is for the message of its own gateway when two gateways use the same id", async () => {
  const metering = await ownMetering(await ownStore("receipts-two"), fakeClock(NOON));
  await metering.ingest.accept("program1", "s_1", [sent("a", "77", { gateway: "smsc1" }), sent("b", "77", { gateway: "smsc2" })]);
  await metering.receipts.accept("smsc2", [{ gateway_message_id: "77", state: "expired" }]);
  const states = await metering.messages.find({ gatewayMessageIds: ["77"] }, 10);
  expect(states.map(({ messageId, state }) => [messageId, state]).sort()).toEqual([
    ["a", "submitted"],
    ["b", "expired"],
  ]);
  await metering.stop();
});

test("the parts of a message come as receipts of their own", async () => {
  const metering = await ownMetering(await ownStore("receipts-parts"), fakeClock(NOON));
  await metering.ingest.accept("program1", "s_1", [sent("long", "p-1")]);
  const part = (n: number) => metering.receipts.accept("smsc1", [{ gateway_message_id: "p-1", state: "delivered", part: n, parts: 2 }]);
  await part(2);
  expect(totals(metering)).toMatchObject({ sent: 1, delivered: 0, pending: 1 });
  await part(1);
  expect(totals(metering)).toMatchObject({ sent: 1, delivered: 1, pending: 0 });
  const lines = (await metering.story("program1", "long"))?.lines ?? [];
  expect(lines.map(({ kept, part, parts }) => [kept, part, parts])).toEqual([
    [null, null, null],
    ["part", 2, 2],
    [null, 1, 2],
  ]);
  await metering.stop();
});

test("an id is met in decimal and hexadecimal, with leading zeros, in any case", () => {
  expect(spellings("0E99")).toContain("3737");
  expect(spellings("3737")).toContain("e99");
  expect(spellings("3737")).toContain("00000E99");
  expect(spellings(" Abc-1 ")).toEqual(["Abc-1", "abc-1", "ABC-1"]);
});

test("a kept body holds no phone number, no code and no text", () => {
  const body = maskBody({
    to: "+998 90 123 45 67",
    msisdn: 998901234567,
    text: "Your code: 4711",
    gateway_message_id: "abc4711",
    code: "482913",
  });
  expect(body).toBe('{"to":"+*** ** *** ** **","msisdn":"****","text":"(left out)","gateway_message_id":"abc4711","code":"******"}');
});
