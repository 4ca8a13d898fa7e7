/** The life of a message, one rule a line: what was told of it in order, where it stands then, and what each report did. */

import { expect, test } from "bun:test";
import { message } from "../../tests/cast/results.ts";
import type { MessageItem } from "./journal.ts";
import { type KnownMessage, report } from "./known.ts";
import type { MessageState } from "./message.ts";

/** `delivered`, `undelivered:27` with a code, `delivered 2/3` of a part, `undelivered:27!` excused. */
type Told = string;
type Rule = [rule: string, told: Told[], stands: string, did: string];

const RULES: Rule[] = [
  ["a message is first heard of by any report", ["delivered"], "delivered", "moves"],
  [
    "it goes from attempt by submitted and buffered to delivered",
    ["attempt", "submitted", "buffered", "delivered"],
    "delivered",
    "moves moves moves moves",
  ],
  ["a gateway call that failed ends it", ["attempt", "failed:timeout"], "failed:timeout", "moves moves"],
  ["what we refused ends it", ["attempt", "blocked:quiet_hours"], "blocked:quiet_hours", "moves moves"],
  [
    "a report of an earlier state that comes late changes nothing",
    ["delivered", "submitted", "attempt"],
    "delivered",
    "moves lower_rank lower_rank",
  ],
  ["a receipt that comes before its submit is not taken back by it", ["buffered", "submitted"], "buffered", "moves lower_rank"],
  ["the same report again is a duplicate", ["submitted", "submitted"], "submitted", "moves duplicate"],
  ["the same final with the same code again is a duplicate", ["undelivered:27", "undelivered:27"], "undelivered:27", "moves duplicate"],
  ["the same state with another code is kept, and moves nothing", ["undelivered:27", "undelivered:31"], "undelivered:27", "moves same"],
  ["delivered replaces undelivered", ["submitted", "undelivered:27", "delivered"], "delivered", "moves moves moves"],
  ["delivered replaces expired", ["submitted", "expired", "delivered"], "delivered", "moves moves moves"],
  ["delivered replaces unknown, however late", ["submitted", "unknown", "delivered"], "delivered", "moves moves moves"],
  ["any real final replaces unknown", ["submitted", "unknown", "rejected:8"], "rejected:8", "moves moves moves"],
  ["an intermediate receipt does not replace unknown", ["submitted", "unknown", "buffered"], "unknown", "moves moves lower_rank"],
  ["unknown never replaces a final", ["delivered", "unknown"], "delivered", "moves lower_rank"],
  ["undelivered after delivered is a contradiction", ["delivered", "undelivered:27"], "delivered", "moves contradiction"],
  ["expired after delivered is a contradiction", ["delivered", "expired"], "delivered", "moves contradiction"],
  ["delivered after rejected is a contradiction: the first final stands", ["rejected:8", "delivered"], "rejected:8", "moves contradiction"],
  ["delivered after failed is a contradiction", ["failed", "delivered"], "failed", "moves contradiction"],
  ["delivered after blocked is a contradiction", ["blocked", "delivered"], "blocked", "moves contradiction"],
  ["expired after undelivered is a contradiction", ["undelivered", "expired"], "undelivered", "moves contradiction"],
  ["a contradiction told twice is kept once", ["delivered", "rejected", "rejected"], "delivered", "moves contradiction duplicate"],
  [
    "a contradiction does not stand in the way of what is allowed",
    ["undelivered", "expired", "delivered"],
    "delivered",
    "moves contradiction moves",
  ],
  [
    "delivered then undelivered then delivered stays delivered",
    ["delivered", "undelivered", "delivered"],
    "delivered",
    "moves contradiction duplicate",
  ],
  [
    "several parts: delivered with the last of them",
    ["submitted", "delivered 1/3", "delivered 3/3", "delivered 2/3"],
    "delivered",
    "moves part part moves",
  ],
  ["several parts: one that is delivered proves the message submitted", ["delivered 1/2"], "submitted", "moves"],
  ["several parts: also after its attempt", ["attempt", "delivered 2/2"], "submitted", "moves moves"],
  ["several parts: the receipts of all of them are enough", ["delivered 2/2", "delivered 1/2"], "delivered", "moves moves"],
  [
    "several parts: the same part twice is a duplicate",
    ["submitted", "delivered 1/2", "delivered 1/2"],
    "submitted",
    "moves part duplicate",
  ],
  [
    "several parts: one that is lost loses the message",
    ["submitted", "delivered 1/2", "undelivered:27 2/2"],
    "undelivered:27",
    "moves part moves",
  ],
  [
    "several parts: one delivered after another was lost changes nothing",
    ["undelivered 2/2", "delivered 1/2"],
    "undelivered",
    "moves part",
  ],
  [
    "several parts: delivered at last, when the lost one came through too",
    ["submitted", "undelivered 2/2", "delivered 1/2", "delivered 2/2"],
    "delivered",
    "moves moves part moves",
  ],
  ["several parts: the whole may be told at once too", ["submitted", "delivered 1/3", "delivered"], "delivered", "moves part moves"],
  ["a message of one part is a whole", ["submitted", "delivered 1/1"], "delivered", "moves moves"],
];

for (const [rule, told, stands, did] of RULES)
  test(`${rule}: ${told.join(", ")}`, () => {
    const { known, outcomes } = live(told);
    expect(`${known?.state}${known?.errorCode ? `:${known.errorCode}` : ""}`).toBe(stands);
    expect(outcomes.join(" ")).toBe(did);
  });

test("what a state counted for is taken back as it was counted, whatever the class of its error became", () => {
  const excused = live(["submitted", "undelivered:27!", "delivered"]);
  expect(excused.excused).toEqual([0, 1, 2]);
  expect(live(["submitted", "undelivered:27", "delivered"]).excused).toEqual([0, 0, 0]);
  // The second is a repetition, although somebody changed the class in between.
  expect(live(["undelivered:27!", "undelivered:27"]).outcomes).toEqual(["moves", "duplicate"]);
  expect(live(["submitted", "delivered 1/2", "undelivered:27! 2/2", "delivered 2/2"]).excused).toEqual([0, 1, 2]);
});

function live(told: readonly Told[]): { known: KnownMessage | null; outcomes: string[]; excused: number[] } {
  let known: KnownMessage | null = null;
  const outcomes: string[] = [];
  const excused: number[] = [];
  for (const one of told) {
    const verdict = report(known, itemOf(one));
    if (verdict.kind === "moved" || verdict.kind === "kept") known = verdict.next;
    if (verdict.kind === "moved") excused.push(verdict.excused);
    outcomes.push(verdict.kind === "moved" ? "moves" : verdict.kind === "kept" ? verdict.why : verdict.kind);
  }
  return { known, outcomes, excused };
}

function itemOf(told: Told): MessageItem {
  const [, state, code, mark, part, parts] = /^(\w+)(?::(\w+))?(!)? ?(?:(\d+)\/(\d+))?$/.exec(told)!;
  return message("m", state as MessageState, {
    errorCode: code ?? null,
    ...(part && parts ? { part: Number(part), parts: Number(parts) } : {}),
    ...(mark ? { excused: true } : {}),
  });
}
