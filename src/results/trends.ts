/**
 * Rolls the journal into sums: what the counters added since the mark goes to the store with the new mark, in one transaction. Also the way
 * back: reads the sums and the journal after their mark into memory, at start and whenever memory may have missed a delta.
 */

import type { Clock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import type { Journal } from "./journal.ts";
import type { Roll, Rollups } from "./rollups.ts";
import { openSources, type Sources } from "./sources.ts";
import { firstBlock } from "./window.ts";

const AT_ONCE = 5_000;

/** The fold as the store has it now: sums at their mark, then the journal after it. */
export async function readSources(journal: Journal, rollups: Rollups, clock: Clock): Promise<{ sources: Sources; mark: number }> {
  const saved = await rollups.load(firstBlock(clock.now()));
  const sources = openSources(saved);
  for (;;) {
    const deltas = await journal.since(sources.seq, AT_ONCE);
    for (const delta of deltas) sources.apply(delta, clock.now());
    if (deltas.length < AT_ONCE) return { sources, mark: saved.mark };
  }
}

export interface Roller {
  /** Stores what is new. When that fails, the same is tried again first. */
  roll(sources: Sources): Promise<void>;
  /** The seq up to which the store has everything. */
  mark(): number;
}

export function openRoller(rollups: Rollups, clock: Clock, firstMark: number): Roller {
  let mark = firstMark;
  let open: Roll | null = null;

  async function store(roll: Roll): Promise<void> {
    try {
      await rollups.roll(roll);
    } catch (error) {
      // The answer of an earlier try may have been lost, not its work.
      if (!(error instanceof AppError && error.code === "conflict" && (await rollups.mark()) === roll.through)) throw error;
    }
    mark = roll.through;
    open = null;
  }

  return {
    async roll(sources) {
      if (open) await store(open);
      if (sources.seq === mark) return;
      open = sources.takeRoll(mark, clock.now());
      await store(open);
    },
    mark: () => mark,
  };
}
