import { expect, test } from "bun:test";
import { NOON } from "../../tests/cast/results.ts";
import type { CountsItem, MessageItem } from "./journal.ts";
import { phoneHasher } from "./phone.ts";
import { type Reading, readResult } from "./result.ts";
import { readTime } from "./time.ts";

const reading: Reading = {
  program: "program1",
  session: null,
  now: NOON,
  place: (country, operator) => ({ country, pair: `${country}_${operator}` }),
  sessionId: (name) => (name === "program1_UZ_uzmobile" ? "s_1" : name),
  phone: phoneHasher(() => new Uint8Array(32)),
  excuses: (code) => code === "absent",
};
const least = { country: "UZ", operator: "uzmobile", message_id: "m1", state: "submitted" };
const few = {
  country_code: "UZ",
  operator_name: "uzmobile",
  messages_sent: 10,
  success_rate: 0.85,
  session_id: "r1",
  timestamp: NOON / 1000,
};

test("reads a message with the least and with everything", () => {
  expect(readResult(least, reading)).toEqual({
    kind: "message",
    program: "program1",
    session: null,
    pair: "UZ_uzmobile",
    country: "UZ",
    messageId: "m1",
    state: "submitted",
    at: NOON,
    permitId: null,
    errorCode: null,
    gateway: null,
    gatewayMessageId: null,
    phoneHash: null,
    phoneMask: null,
    convertedAt: null,
  });
  const full = {
    ...least,
    message_id: 17,
    state: "undelivered",
    at: "2026-01-05T16:59:59.5+05:00",
    permit_id: "p_1",
    session: "program1_UZ_uzmobile",
    phone: "+998 90 123-45-67",
    error_code: 27,
    gateway: "main",
    gateway_message_id: "E99",
    converted_at: NOON / 1000,
    unknown_field: true,
  };
  expect(readResult(full, reading)).toMatchObject({
    messageId: "17",
    at: NOON - 500,
    permitId: "p_1",
    session: "s_1",
    phoneMask: "+9989******67",
    errorCode: "27",
    gateway: "main",
    gatewayMessageId: "E99",
    convertedAt: NOON,
  });
});

test("never lets a phone number through, however it is written", () => {
  const read = (phone: string) => readResult({ ...least, phone }, reading) as MessageItem;
  const [a, b, c] = [read("+998901234567"), read("00998 90 123 45 67"), read("998901234567")];
  expect(new Set([a.phoneHash, b.phoneHash, c.phoneHash]).size).toBe(1);
  expect(JSON.stringify([a, b, c])).not.toContain("1234567");
  expect(read("12345").phoneMask).toBe("*****");
});

test("takes None of Python as not given", () => {
  expect(readResult({ ...least, at: null, permit_id: null, phone: null, error_code: null }, reading)).toMatchObject({
    at: NOON,
    errorCode: null,
  });
});

test("fixes the session of a run, whatever the item says", () => {
  expect(readResult({ ...least, session: "other" }, { ...reading, session: "s_run" })).toMatchObject({ session: "s_run" });
});

test("shortens an error code and keeps it on one line", () => {
  expect(readResult({ ...least, state: "failed", error_code: `time;out\n${"x".repeat(100)}` }, reading)).toMatchObject({
    errorCode: `time out ${"x".repeat(55)}`,
  });
});

// What became of 10 sent: fields, delivered, failed.
const COUNTS: [Record<string, unknown>, number, number][] = [
  [{ success_rate: 0.85 }, 9, 1],
  [{ success_rate: 0 }, 0, 10],
  [{ success_rate: null, delivered: 7 }, 7, 3],
  [{ success_rate: null, failed: 4 }, 6, 4],
  [{ delivered: 2, success_rate: 0.9 }, 2, 8],
  [{ delivered: 6, failed: 1 }, 6, 4],
  [{ messages_sent: 0, success_rate: null }, 0, 0],
];
for (const [fields, delivered, failed] of COUNTS)
  test(`counts ${JSON.stringify(fields)} as ${delivered} delivered, ${failed} failed`, () => {
    expect(readResult({ ...few, ...fields }, reading)).toMatchObject({
      kind: "counts",
      delivered,
      failed,
      cumulative: false,
      session: "r1",
    });
  });

test("reads errors of counts as a list and as a map", () => {
  const errors = (value: unknown) => ({ ...(readResult({ ...few, errors: value }, reading) as CountsItem).errors });
  expect(errors(["timeout", "timeout", "no credit"])).toEqual({ timeout: 2, "no credit": 1 });
  expect(errors({ "27": 3, "8": 0 })).toEqual({ "27": 3 });
});

// What is wrong, the field that says so, and a piece of what is said.
const BAD: [unknown, string, string][] = [
  [7, "(item)", "JSON object"],
  [["a"], "(item)", "JSON object"],
  [{}, "message_id", "messages_sent"],
  [{ ...least, message_id: undefined }, "message_id", "is required"],
  [{ ...least, message_id: "" }, "message_id", "must not be empty"],
  [{ ...least, message_id: "a\nb" }, "message_id", "control characters"],
  [{ ...least, state: "sent" }, "state", "must be one of attempt, submitted"],
  [{ ...least, country: undefined }, "country", "is required"],
  [{ ...least, country: 7 }, "country", "string"],
  [{ ...least, operator: "" }, "operator", "must not be empty"],
  [{ ...least, at: "2026-01-05T12:00:00" }, "at", "offset"],
  [{ ...least, at: "yesterday" }, "at", "RFC 3339"],
  [{ ...least, at: "2026-01-05T12:00:06Z" }, "at", "future"],
  [{ ...least, at: "2026-01-03T11:59:59Z" }, "at", "48 h"],
  [{ ...few, success_rate: 85 }, "success_rate", "0.85"],
  [{ ...few, success_rate: undefined }, "success_rate", "is required"],
  [{ ...few, timestamp: undefined }, "timestamp", "time"],
  [{ ...few, messages_sent: -1 }, "messages_sent", "negative"],
  [{ ...few, messages_sent: 1.5 }, "messages_sent", "whole"],
  [{ ...few, delivered: 11 }, "delivered", "exceed"],
  [{ ...few, delivered: 8, failed: 3 }, "delivered", "exceed"],
  [{ ...few, kind: "total" }, "kind", "cumulative"],
];
for (const [item, field, message] of BAD)
  test(`refuses ${JSON.stringify(item)} at ${field}`, () => {
    const refusal = readResult(item, reading);
    expect(refusal).toMatchObject({ field });
    expect((refusal as { message: string }).message).toContain(message);
  });

test("reads times in each of their forms", () => {
  expect(readTime("2026-01-05T12:00:00Z")).toBe(NOON);
  expect(readTime("2026-01-05 17:00:00.000+0500")).toBe(NOON);
  expect(readTime(NOON / 1000)).toBe(NOON);
  expect(readTime(NOON)).toBe(NOON);
  expect(readTime(Number.NaN)).toBeNull();
  expect(readTime("2026-13-05T12:00:00Z")).toBeNull();
});
