/**
 * The last day of a country out of its ledger: grants against results, and the densest window. Counted when somebody looks, kept for a while,
 * and counted anew in the background: a day of a busy house is a long read, in small steps.
 */

import type { Clock } from "../kernel/clock.ts";
import { messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { Ledger } from "./ledger.ts";
import type { Verdict } from "./replay.ts";

export interface Days {
  /** As last counted, at most some seconds ago while somebody looks; null: it is being counted for the first time. */
  of(country: string): Verdict | null;
  /** The same, when it has been counted. */
  counted(country: string): Promise<Verdict>;
  /** Something happened that whoever looks must see: it is counted anew at the next look. */
  forget(country: string): void;
}

export const DAY_MS = 86_400_000;
const FRESH_MS = 10_000;
/** Counting takes at most so much of the time: 1 part in. */
const SHARE = 20;
/** Countries somebody looked at lately. */
const MOST_KEPT = 32;

interface Kept {
  verdict: Verdict | null;
  /** Uptime from which it is counted anew. */
  staleMs: number;
  counting: Promise<Verdict> | null;
  /** Something happened while it was counted. */
  again: boolean;
}

export interface DaysOptions {
  ledger: Ledger;
  clock: Clock;
  log: Log;
  /** What was settled is in the ledger when this resolves. */
  settled: () => Promise<void>;
}

export function openDays({ ledger, clock, log, settled }: DaysOptions): Days {
  const kept = new Map<string, Kept>();

  function look(country: string): Kept {
    const known = kept.get(country) ?? { verdict: null, staleMs: Number.NEGATIVE_INFINITY, counting: null, again: false };
    // Last looked at stands last.
    kept.delete(country);
    kept.set(country, known);
    for (const oldest of kept.keys()) {
      if (kept.size <= MOST_KEPT) break;
      kept.delete(oldest);
    }
    if (known.counting === null && clock.uptimeMs() >= known.staleMs) {
      known.counting = count(country, known);
      known.counting.catch((error) => log.error("permits: could not count the last day", { country, error: messageOf(error) }));
    }
    return known;
  }

  async function count(country: string, into: Kept): Promise<Verdict> {
    const beganMs = clock.uptimeMs();
    try {
      const { openReplay } = await import("./replay.ts");
      // What made somebody look may be on its way to the disk, and this count stands for a while.
      await settled();
      const replay = openReplay();
      for await (const page of ledger.pages({ country, from: clock.now() - DAY_MS })) for (const entry of page) replay.add(entry);
      into.verdict = replay.verdicts()[0] ?? nothing(country);
      return into.verdict;
    } finally {
      into.counting = null;
      into.staleMs = into.again ? Number.NEGATIVE_INFINITY : clock.uptimeMs() + Math.max(FRESH_MS, SHARE * (clock.uptimeMs() - beganMs));
      into.again = false;
    }
  }

  return {
    of: (country) => look(country).verdict,
    counted: (country) => {
      const { counting, verdict } = look(country);
      return counting ?? Promise.resolve(verdict ?? nothing(country));
    },
    forget(country) {
      const known = kept.get(country);
      if (!known) return;
      known.staleMs = Number.NEGATIVE_INFINITY;
      known.again = known.counting !== null;
    },
  };
}

function nothing(country: string): Verdict {
  return { country, grants: 0, abandoned: 0, reported: 0, uncontrolled: 0, uncontrolledBy: {}, densest: null, worst: null, over: 0 };
}
