/** What every store of the folded sums must do. */

import { expect, test } from "bun:test";
import type { Journal } from "../../src/results/journal.ts";
import type { Roll, Rollups, SavedSource, SourceKey } from "../../src/results/rollups.ts";
import { refusal } from "../cast/refusal.ts";
import { message, NOON } from "../cast/results.ts";

const uz: SourceKey = { program: "program1", session: "s_1", pair: "UZ_uzmobile", country: "UZ" };
const kz: SourceKey = { program: "program1", session: null, pair: "KZ_kcell", country: "KZ" };

const source = (key: SourceKey, n: number): SavedSource => ({
  ...key,
  totals: [n, n, 0, 0, 0, 0, 0, n, 0],
  lastSendAt: NOON,
  lastReceiptAt: null,
  seconds: [[NOON / 1000, n]],
  errors: [[NOON / 60_000, "27", 2]],
  latencies: Float64Array.of(1500.5, NOON, n, 700, NOON, n),
});

/** `open` gives both ports of one fresh store: sums are kept of sources the journal has seen. */
export function rollupsContract(name: string, open: () => Promise<{ rollups: Rollups; journal: Journal }>): void {
  async function opened() {
    const { rollups, journal } = await open();
    await journal.append([message("a", "submitted"), message("b", "submitted", { ...kz })], NOON);
    return rollups;
  }
  const roll = (more: Partial<Roll>): Roll => ({
    from: 0,
    through: 2,
    sources: [],
    blocks: [],
    trends: [],
    codes: [],
    keepFrom: 0,
    ...more,
  });

  test(`${name}: begins with nothing at mark 0`, async () => {
    const rollups = await opened();
    expect(await rollups.load(0)).toEqual({ mark: 0, sources: [], blocks: [], codes: [] });
    expect(await rollups.mark()).toBe(0);
  });

  test(`${name}: gives back what was rolled, each source with its own`, async () => {
    const rollups = await opened();
    const blocks = [
      { ...uz, block: 7, body: Int32Array.of(1, 2, 3) },
      { ...kz, block: 8, body: Int32Array.of(-4) },
      { ...uz, block: 8, body: Int32Array.of(5, 6) },
    ];
    await rollups.roll(roll({ sources: [source(uz, 3), source(kz, 4)], blocks }));
    const saved = await rollups.load(7);
    expect(saved.mark).toBe(2);
    expect(saved.sources).toHaveLength(2);
    for (const one of [source(uz, 3), source(kz, 4)]) expect(saved.sources).toContainEqual(one);
    expect(saved.blocks).toHaveLength(3);
    for (const one of blocks) expect(saved.blocks).toContainEqual(one);
    expect((await rollups.load(8)).blocks).toHaveLength(2);
  });

  test(`${name}: replaces what it kept, and lets go of blocks that are too old`, async () => {
    const rollups = await opened();
    await rollups.roll(roll({ sources: [source(uz, 3)], blocks: [{ ...uz, block: 7, body: Int32Array.of(1) }] }));
    await rollups.roll(
      roll({ from: 2, through: 9, sources: [source(uz, 5)], blocks: [{ ...uz, block: 9, body: Int32Array.of(2) }], keepFrom: 8 }),
    );
    const saved = await rollups.load(0);
    expect(saved.mark).toBe(9);
    expect(saved.sources).toEqual([source(uz, 5)]);
    expect(saved.blocks.map(({ block }) => block)).toEqual([9]);
  });

  test(`${name}: refuses what was rolled already, and changes nothing by it`, async () => {
    const rollups = await opened();
    await rollups.roll(roll({ sources: [source(uz, 3)] }));
    expect(await refusal(rollups.roll(roll({ sources: [source(uz, 99)] })))).toMatchObject({ code: "conflict" });
    expect((await rollups.load(0)).sources).toEqual([source(uz, 3)]);
  });
}
