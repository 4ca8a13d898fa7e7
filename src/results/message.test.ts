import { expect, test } from "bun:test";
import { type MessageState, transition } from "./message.ts";

type Case = [current: MessageState | null, incoming: MessageState, outcome: string];

// One rule a line: what stands, what comes, what becomes of it.
const RULES: Case[] = [
  [null, "attempt", "move"],
  [null, "submitted", "move"],
  [null, "delivered", "move"],
  [null, "blocked", "move"],
  [null, "failed", "move"],
  ["attempt", "submitted", "move"],
  ["attempt", "failed", "move"],
  ["attempt", "blocked", "move"],
  ["attempt", "delivered", "move"],
  ["submitted", "buffered", "move"],
  ["submitted", "delivered", "move"],
  ["submitted", "undelivered", "move"],
  ["submitted", "rejected", "move"],
  ["submitted", "expired", "move"],
  ["submitted", "unknown", "move"],
  ["buffered", "delivered", "move"],
  ["buffered", "expired", "move"],
  ["unknown", "delivered", "move"],
  ["unknown", "rejected", "move"],
  ["undelivered", "delivered", "move"],
  ["expired", "delivered", "move"],
  ["submitted", "attempt", "lower_rank"],
  ["buffered", "submitted", "lower_rank"],
  ["delivered", "submitted", "lower_rank"],
  ["delivered", "unknown", "lower_rank"],
  ["unknown", "buffered", "lower_rank"],
  ["failed", "attempt", "lower_rank"],
  ["submitted", "submitted", "same"],
  ["delivered", "delivered", "same"],
  ["delivered", "undelivered", "contradiction"],
  ["delivered", "expired", "contradiction"],
  ["delivered", "rejected", "contradiction"],
  ["rejected", "delivered", "contradiction"],
  ["failed", "delivered", "contradiction"],
  ["blocked", "delivered", "contradiction"],
  ["undelivered", "expired", "contradiction"],
  ["expired", "undelivered", "contradiction"],
];

for (const [current, incoming, outcome] of RULES)
  test(`${current ?? "nothing known"}, then ${incoming}: ${outcome}`, () => {
    const step = transition(current, incoming);
    expect(step.kind === "move" ? "move" : step.why).toBe(outcome);
    if (step.kind === "move") expect(step).toEqual({ kind: "move", from: current, to: incoming });
  });
