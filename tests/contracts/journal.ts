/** What every journal must do. */

import { expect, test } from "bun:test";
import type { Delta, Journal, Outcome } from "../../src/results/journal.ts";
import { counts, message, NOON } from "../cast/results.ts";

const MINUTE = 60_000;

export function journalContract(name: string, open: () => Promise<Journal>): void {
  const kinds = (outcomes: Outcome[]) => outcomes.map((outcome) => outcome.kind);
  const deltas = (outcomes: Outcome[]): Delta[] => outcomes.flatMap((outcome) => (outcome.kind === "new" ? outcome.deltas : []));
  const moves = (outcomes: Outcome[]) => deltas(outcomes).map(({ from, to, n }) => `${n} ${from} -> ${to}`);

  test(`${name}: follows a message from its attempt to its end`, async () => {
    const journal = await open();
    const take = async (item: Parameters<Journal["append"]>[0][number]) => deltas(await journal.append([item], NOON + 99));
    expect(await take(message("life", "attempt", { permitId: "p_1" }))).toMatchObject([{ from: null, to: "attempt", submitAt: NOON }]);
    expect(await take(message("life", "submitted", { at: NOON + 1000 }))).toMatchObject([
      { from: "attempt", to: "submitted", submitAt: NOON + 1000, permitId: "p_1", latencyMs: null },
    ]);
    expect(await take(message("life", "delivered", { at: NOON + 7000, errorCode: "0" }))).toMatchObject([
      {
        from: "submitted",
        to: "delivered",
        submitAt: NOON + 1000,
        latencyMs: 6000,
        at: NOON + 7000,
        receivedAt: NOON + 99,
        n: 1,
        basis: "receipts",
      },
    ]);
  });

  test(`${name}: takes the same report once, for ever`, async () => {
    const journal = await open();
    await journal.append([message("twice", "submitted")], NOON);
    expect(kinds(await journal.append([message("twice", "submitted", { at: NOON + 5 })], NOON + 9))).toEqual(["duplicate"]);
    expect(kinds(await journal.append([message("twice", "delivered"), message("twice", "delivered")], NOON))).toEqual(["new", "duplicate"]);
    expect(kinds(await journal.append([message("twice", "submitted")], NOON))).toEqual(["duplicate"]);
  });

  test(`${name}: tells messages of two programs apart by their program`, async () => {
    const journal = await open();
    const outcomes = await journal.append([message("shared", "submitted"), message("shared", "submitted", { program: "program2" })], NOON);
    expect(kinds(outcomes)).toEqual(["new", "new"]);
  });

  test(`${name}: judges many reports of a message in one request one after the other`, async () => {
    const journal = await open();
    const outcomes = await journal.append(
      [message("batch", "submitted"), message("batch", "buffered"), message("batch", "delivered")],
      NOON,
    );
    expect(moves(outcomes)).toEqual(["1 null -> submitted", "1 submitted -> buffered", "1 buffered -> delivered"]);
  });

  test(`${name}: keeps what came late or contradicts as part of the story, and changes no number by it`, async () => {
    const journal = await open();
    await journal.append([message("late", "delivered", { at: NOON + 10 })], NOON);
    expect(await journal.append([message("late", "submitted")], NOON + 1)).toEqual([{ kind: "new", deltas: [] }]);
    expect(await journal.append([message("late", "rejected", { errorCode: "8" })], NOON + 2)).toEqual([{ kind: "new", deltas: [] }]);
    const story = await journal.story("program1", "late");
    expect(story?.message).toMatchObject({ state: "delivered", errorCode: null });
    expect(story?.lines.map(({ to, kept, errorCode }) => [to, kept, errorCode])).toEqual([
      ["delivered", null, null],
      ["submitted", "lower_rank", null],
      ["rejected", "contradiction", "8"],
    ]);
  });

  test(`${name}: lets a delivery replace an earlier expiry, and says which code it takes back`, async () => {
    const journal = await open();
    await journal.append([message("soft", "submitted"), message("soft", "expired", { errorCode: "27" })], NOON);
    expect(deltas(await journal.append([message("soft", "delivered", { at: NOON + 60_000 })], NOON))).toMatchObject([
      { from: "expired", to: "delivered", fromErrorCode: "27", latencyMs: 60_000 },
    ]);
  });

  test(`${name}: counts a receipt for the session that sent, whoever brings it`, async () => {
    const journal = await open();
    await journal.append([message("brought", "submitted", { session: "s_sender" })], NOON);
    expect(deltas(await journal.append([message("brought", "delivered", { session: "s_hook" })], NOON))).toMatchObject([
      { session: "s_sender" },
    ]);
    expect((await journal.since((await journal.lastSeq()) - 1, 10))[0]).toMatchObject({ session: "s_sender", to: "delivered" });
  });

  test(`${name}: refuses a message that changes its pair, unless nobody knew the pair before`, async () => {
    const journal = await open();
    await journal.append([message("moved", "submitted"), message("homeless", "submitted", { pair: "UZ_unassigned" })], NOON);
    const outcomes = await journal.append([message("moved", "delivered", { pair: "UZ_beeline" }), message("homeless", "delivered")], NOON);
    expect(outcomes[0]).toEqual({ kind: "rejected", field: "operator", message: "message moved was first reported for UZ_uzmobile" });
    expect(deltas(outcomes)).toMatchObject([{ pair: "UZ_unassigned", to: "delivered" }]);
  });

  test(`${name}: notes a conversion without a change of state`, async () => {
    const journal = await open();
    await journal.append([message("used", "delivered")], NOON);
    const again = message("used", "delivered", { convertedAt: NOON + 30 });
    expect(await journal.append([again], NOON)).toEqual([{ kind: "new", deltas: [] }]);
    expect(kinds(await journal.append([again], NOON))).toEqual(["duplicate"]);
    expect((await journal.story("program1", "used"))?.message.convertedAt).toBe(NOON + 30);
  });

  test(`${name}: stops listening to a message that never ends its story`, async () => {
    const journal = await open();
    const many = Array.from({ length: 64 }, (_, i) => message("loop", "buffered", { errorCode: `e${i}` }));
    expect(new Set(kinds(await journal.append(many, NOON)))).toEqual(new Set(["new"]));
    expect(kinds(await journal.append([message("loop", "buffered", { errorCode: "e64" })], NOON))).toEqual(["rejected"]);
  });

  test(`${name}: counts a counts report once, in its minute, errors by their code`, async () => {
    const journal = await open();
    const item = counts(100, 80, { at: NOON + 90_500, errors: { "27": 5, "8": 12 } });
    const first = await journal.append([item, item], NOON + 91_000);
    expect(kinds(first)).toEqual(["new", "duplicate"]);
    expect(moves(first)).toEqual(["80 null -> delivered", "12 null -> failed", "5 null -> failed", "3 null -> failed"]);
    expect(deltas(first)[1]).toMatchObject({ errorCode: "8", submitAt: NOON + MINUTE, at: NOON + 90_500, basis: "attempts" });
    expect(kinds(await journal.append([item], NOON))).toEqual(["duplicate"]);
  });

  test(`${name}: differences cumulative counts, and reads a decrease as a new beginning`, async () => {
    const journal = await open();
    const told = async (sent: number, delivered: number, at: number) =>
      moves(await journal.append([counts(sent, delivered, { session: "s_cumulative", cumulative: true, at: NOON + at })], NOON));
    expect(await told(10, 8, 0)).toEqual(["8 null -> delivered", "2 null -> failed"]);
    expect(await told(30, 26, MINUTE)).toEqual(["18 null -> delivered", "2 null -> failed"]);
    // Late, and contained in what came before it.
    expect(await told(20, 17, MINUTE / 2)).toEqual([]);
    // One more was sent, but the rate fell: nothing is taken back, the next report makes up for it.
    expect(await told(31, 25, 2 * MINUTE)).toEqual(["1 null -> failed"]);
    expect(await told(33, 27, 3 * MINUTE)).toEqual(["1 null -> delivered", "1 null -> failed"]);
    expect(await told(5, 5, 4 * MINUTE)).toEqual(["5 null -> delivered"]);
  });

  test(`${name}: gives back its deltas in order, as they were answered`, async () => {
    const journal = await open();
    const before = await journal.lastSeq();
    const outcomes = await journal.append(
      [message("o1", "submitted"), counts(3, 3, { session: "" }), message("o1", "attempt"), message("o1", "delivered")],
      NOON,
    );
    expect(await journal.since(before, 100)).toEqual(deltas(outcomes));
    expect((await journal.since(before, 1)).length).toBe(1);
  });

  test(`${name}: numbers ascend over requests that come at once`, async () => {
    const journal = await open();
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, i) => journal.append([message(`c${i}`, "submitted"), message(`c${i}`, "delivered")], NOON)),
    );
    const seqs = all.flatMap(deltas).map((delta) => delta.seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    expect(new Set(seqs).size).toBe(100);
  });

  test(`${name}: knows nothing of an id that never came`, async () => {
    const journal = await open();
    expect(await journal.story("program1", "never")).toBeNull();
    await journal.settled();
  });
}
