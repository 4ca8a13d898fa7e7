import { describe, expect, test } from "bun:test";
import { LOOKS, nextHold, type SendingSeen, silenceMs, silentWords } from "./vitals.ts";

const MINUTE = 60_000;
const NOW = 1_000 * MINUTE;

describe("a hold", () => {
  test("is believed after three looks at the same wait, and dated from the first", () => {
    let hold = nextHold(null, "7 10 1 0x1", NOW);
    for (let look = 1; look < LOOKS; look++) hold = nextHold(hold, "7 10 1 0x1", NOW + look * 2_000);
    expect(hold).toEqual({ evidence: "7 10 1 0x1", since: NOW, looks: 3 });
  });

  test("begins anew when the program moved in between, and ends when it does not wait", () => {
    const hold = nextHold(nextHold(null, "7 10", NOW), "7 11", NOW + 2_000);
    expect(hold).toMatchObject({ since: NOW + 2_000, looks: 1 });
    expect(nextHold(hold, undefined, NOW + 4_000)).toBeNull();
  });
});

describe("silence", () => {
  const seen: SendingSeen = { now: NOW, startedAt: NOW - 60 * MINUTE, lastAt: NOW - 12 * MINUTE, ableSince: 0, reports: true };
  const cases: [string, Partial<SendingSeen>, number | null][] = [
    ["since its last message", {}, 12 * MINUTE],
    ["since its start, when there was none", { lastAt: null }, 60 * MINUTE],
    ["since its start, when the message was an earlier run's", { startedAt: NOW - 11 * MINUTE }, 11 * MINUTE],
    ["not before its time", { lastAt: NOW - 9 * MINUTE }, null],
    ["not while it cannot send", { ableSince: null }, null],
    ["not when it could send for a short while only", { ableSince: NOW - 5 * MINUTE }, null],
    ["not of a program that never reported", { reports: false }, null],
  ];
  for (const [what, more, ms] of cases) test(what, () => expect(silenceMs({ ...seen, ...more }, 10 * MINUTE)).toBe(ms));
  test("never, when it is switched off", () => expect(silenceMs(seen, null)).toBeNull());

  test("is told with its country's slots", () => {
    expect(silentWords({ minutes: 12, country: "UZ", free: 7, cure: false })).toBe("no message for 12 min although UZ has 7 free slots");
    expect(silentWords({ minutes: 150, country: "UZ", free: 1, cure: false })).toBe("no message for 3 h although UZ has 1 free slot");
  });
});
