/** Results as one part of the house: taken in, journalled, counted, rolled up. Opens with the numbers it closed with. */

import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { type Loop, openLoop } from "../kernel/loop.ts";
import type { Zone } from "../kernel/zone.ts";
import { openCounters } from "./counters.ts";
import { type Deadlines, openDeadlineLoop } from "./deadline.ts";
import type { Tier, Trends } from "./history.ts";
import { type Ingest, type IngestOptions, openIngest } from "./ingest.ts";
import type { Delta, Journal } from "./journal.ts";
import type { Messages } from "./messages.ts";
import type { Counters } from "./numbers.ts";
import type { Orphans } from "./orphans.ts";
import { openPast, type PastReader } from "./past.ts";
import { openReceipts, type Receipts } from "./receipts.ts";
import type { Rollups } from "./rollups.ts";
import { keptOf } from "./steps.ts";
import { openRoller, readSources } from "./trends.ts";

const TELL_EVERY_MS = 1_000;
/** Whoever looks back waits for a roll when the last one is older. */
const FRESH_MS = 2_000;
/** Rolled earlier than after a minute when so much has come, so that no start has more to read. */
const MOST_UNROLLED = 50_000;

export interface ResultsOptions {
  journal: Journal;
  rollups: Rollups;
  trends: Trends;
  /** Days that each tier is kept. */
  keptDays: () => Record<Tier, number>;
  /** Whose days: UTC when left out. */
  zone?: Zone;
  clock: Clock;
  log: Log;
  place: IngestOptions["place"];
  sessionId: IngestOptions["sessionId"];
  phone: IngestOptions["phone"];
  excuses: IngestOptions["excuses"];
  deadlines: Deadlines;
  messages: Messages;
  orphans: Orphans;
  /** New deltas after they are counted, with our uptime at their arrival: the permits settle their slots by them. */
  onNew?: (deltas: readonly Delta[], arrivedUptimeMs: number) => void;
  onCredit?: IngestOptions["onCredit"];
}

export interface Results {
  ingest: Ingest;
  receipts: Receipts;
  messages: Messages;
  /** All that was told of a message. */
  story: Journal["story"];
  phone: IngestOptions["phone"];
  counters: Counters;
  past: PastReader;
  loops: Loop[];
  /** Stops the loops and stores what is not rolled yet. Call it after the last request and before the store closes. */
  stop(): Promise<void>;
}

export async function openResults(options: ResultsOptions): Promise<Results> {
  const { journal, rollups, clock, log } = options;
  const first = await readSources(journal, rollups, clock);
  const counters = openCounters(clock, first.sources);
  let roller = openRoller(rollups, clock, first.mark);
  let uncertain = false;
  let held: Delta[] | null = null;
  let unrolled = 0;
  let rolledAt = 0;
  let rolling: Promise<void> | null = null;

  // Nobody has been told anything yet, so nothing has changed for anybody.
  const tell = openLoop({
    name: "results.tell",
    everyMs: TELL_EVERY_MS,
    run: () => counters.tell(),
    firstAfterMs: TELL_EVERY_MS,
    log,
    now: clock.now,
  });
  const roll = openLoop({ name: "results.roll", everyMs: 60_000, run: rollOnce, log, now: clock.now });

  const ingest = openIngest({
    ...options,
    onNew(deltas, arrivedUptimeMs) {
      counters.add(deltas);
      held?.push(...deltas);
      unrolled += deltas.length;
      if (unrolled > MOST_UNROLLED) {
        unrolled = 0;
        roll.nudge();
      }
      options.onNew?.(deltas, arrivedUptimeMs);
    },
    onUncertain() {
      uncertain = true;
      roll.nudge();
    },
  });

  const receipts = openReceipts({ ...options, take: ingest.take });
  const deadline = openDeadlineLoop({ deadlines: options.deadlines, take: ingest.take, clock, log });

  /** One at a time, whoever asks. */
  function rollOnce(): Promise<void> {
    rolling ??= rollOrReread().finally(() => {
      rolling = null;
    });
    return rolling;
  }

  async function rollOrReread(): Promise<void> {
    if (uncertain) await reread();
    unrolled = 0;
    const from = clock.now();
    await roller.roll(counters.sources());
    rolledAt = from;
  }

  async function fresh(): Promise<number> {
    if (roller.mark() === counters.sources().seq && !uncertain) return clock.now();
    const age = clock.now() - rolledAt;
    // The past of a minute ago is better than none.
    if (age > FRESH_MS || age < 0) await rollOnce().catch((error) => log.warn("results: history is not up to date", { error }));
    return rolledAt;
  }

  /** An append whose answer never came may be on disk all the same: memory is read anew from there. */
  async function reread(): Promise<void> {
    log.warn("results: an answer of the journal is missing, reading the numbers anew");
    uncertain = false;
    held = [];
    try {
      await journal.settled();
      const { sources, mark } = await readSources(journal, rollups, clock);
      for (const delta of held) if (delta.seq > sources.seq) sources.apply(delta, clock.now());
      counters.replace(sources);
      roller = openRoller(rollups, clock, mark);
    } catch (error) {
      uncertain = true;
      throw error;
    } finally {
      held = null;
    }
  }

  return {
    ingest,
    receipts,
    messages: options.messages,
    story: journal.story,
    phone: options.phone,
    counters,
    past: openPast({
      trends: options.trends,
      counters,
      clock,
      kept: () => keptOf(options.keptDays()),
      ...(options.zone && { zone: options.zone }),
      fresh,
    }),
    loops: [tell, roll, deadline, receipts.loop],
    async stop() {
      await Promise.all([tell.stop(), roll.stop(), deadline.stop(), receipts.loop.stop()]);
      // Not a loss when it fails: the journal has all, the next start reads it from there.
      await rollOnce().catch((error) => log.warn("results: the last roll failed; the next start reads the journal", { error }));
    },
  };
}
