/** What everything that finds messages without a final must do. */

import { expect, test } from "bun:test";
import type { Deadlines } from "../../src/results/deadline.ts";
import type { Journal } from "../../src/results/journal.ts";
import { counts, message, NOON } from "../cast/results.ts";

const DAY = 86_400_000;
const NOW = NOON + DAY;

export function deadlinesContract(name: string, open: () => Promise<{ journal: Journal; deadlines: Deadlines }>): void {
  const ids = ({ messages }: { messages: { messageId: string }[] }) => messages.map(({ messageId }) => messageId).sort();

  test(`${name}: finds who still waits for an end, once, and nobody else`, async () => {
    const { journal, deadlines } = await open();
    const items = [
      message("submitted", "submitted"),
      message("buffered", "submitted"),
      message("buffered", "buffered"),
      message("delivered", "submitted"),
      message("delivered", "delivered"),
      message("attempt", "attempt"),
      message("failed", "failed"),
      counts(10, 8),
    ];
    await journal.append(items, NOON);
    const found = await deadlines.due(0, NOON, NOW, 100);
    expect(ids(found)).toEqual(["buffered", "submitted"]);
    expect(found.messages[0]).toEqual({ program: "program1", messageId: found.messages[0]!.messageId, pair: "UZ_uzmobile", country: "UZ" });
    expect(found.through).toBe(await journal.lastSeq());
    expect(await deadlines.due(found.through, NOON, NOW, 100)).toEqual({ through: found.through, messages: [] });
  });

  test(`${name}: goes in steps, and no further than what is old enough`, async () => {
    const { journal, deadlines } = await open();
    for (let n = 0; n < 5; n++) await journal.append([message(`m${n}`, "submitted")], NOON + n);
    const first = await deadlines.due(0, NOON + 3, NOW, 2);
    expect(ids(first)).toEqual(["m0", "m1"]);
    const second = await deadlines.due(first.through, NOON + 3, NOW, 100);
    expect(ids(second)).toEqual(["m2", "m3"]);
    expect((await deadlines.due(second.through, NOON + 3, NOW, 100)).through).toBe(second.through);
    expect(ids(await deadlines.due(second.through, NOON + 4, NOW, 100))).toEqual(["m4"]);
  });

  test(`${name}: an arrival in the future does not hold up those behind it`, async () => {
    const { journal, deadlines } = await open();
    await journal.append([message("ahead", "submitted")], NOW + DAY);
    await journal.append([message("after", "submitted")], NOON);
    expect(ids(await deadlines.due(0, NOON, NOW, 100))).toEqual(["after", "ahead"]);
  });

  test(`${name}: remembers how far it was`, async () => {
    const { deadlines } = await open();
    expect(await deadlines.mark()).toBe(0);
    await deadlines.setMark(41);
    expect(await deadlines.mark()).toBe(41);
  });
}
