/**
 * Looks after the runs that live: finds terminals that hold their program still and thaws them, sessions that send nothing, and programs
 * above their memory limit. It only tells; restarts are judged and planned like all others.
 */

import { type Act, type Actor, act, SIGNALBOX } from "../kernel/act.ts";
import { conflict, messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { Configured } from "./configured.ts";
import { spanWords } from "./restarts.ts";
import type { Terminals } from "./terminals.ts";
import type { Track, Tracks } from "./tracks.ts";
import type { Traffic } from "./traffic.ts";
import {
  type Frozen,
  type Heavy,
  type Hold,
  LOOKS,
  nextHold,
  type Silent,
  sameVitals,
  silenceMs,
  silentWords,
  type Vitals,
  WELL,
} from "./vitals.ts";

export interface Pace {
  /** Between two looks at terminals and silence. */
  lookMs: number;
  /** Between two measurements of processor and memory. */
  measureMs: number;
  /** A frozen terminal is thawed after this, when its program allows. */
  thawAfterMs: number;
  /** And again after this, while it stays frozen. */
  thawAgainMs: number;
}

export const PACE: Pace = { lookMs: 2_000, measureMs: 5_000, thawAfterMs: 10_000, thawAgainMs: 60_000 };

export interface HealthOptions {
  terminals: Pick<Terminals, "held" | "thaw">;
  tracks: Tracks;
  configured: () => readonly Configured[];
  traffic: Traffic;
  pace: Pace;
  log: Log;
  writeActs: (acts: readonly Act[]) => Promise<void>;
  nudge: () => void;
}

export interface Health {
  of(session: string): Vitals;
  /** Looks when it is time to. True when anything changed that has to be judged. */
  look(now: number): boolean;
  /** Processor and memory were measured. */
  weigh(): void;
  /** It is about to be ended: a frozen program could not say goodbye. */
  loosen(session: string): void;
  /** Throws `conflict` with reason `not_frozen` when there is nothing to thaw. Whether it helped is seen, not told. */
  thaw(session: Configured["session"], actor: Actor, now: number): Promise<void>;
}

interface Chart {
  run: string;
  hold: Hold | null;
  thawAt: number | null;
  ableSince: number | null;
  heavyLooks: number;
  vitals: Vitals;
}

export function openHealth({ terminals, tracks, configured, traffic, pace, log, writeActs, nudge }: HealthOptions): Health {
  const charts = new Map<string, Chart>();
  let lookedAt = Number.NEGATIVE_INFINITY;

  function chartOf(session: string, run: string): Chart {
    const known = charts.get(session);
    if (known?.run === run) return known;
    const chart: Chart = { run, hold: null, thawAt: null, ableSince: null, heavyLooks: 0, vitals: WELL };
    charts.set(session, chart);
    return chart;
  }

  function frozenOf(chart: Chart, { session, program }: Configured, evidence: string | undefined, now: number): Frozen | null {
    chart.hold = nextHold(chart.hold, evidence, now);
    if (!chart.hold || chart.hold.looks < LOOKS) {
      chart.thawAt = null;
      return null;
    }
    if (!program?.autoThaw) return { since: chart.hold.since, thawAt: null };
    // A clock that was set back must not put it off.
    const farthest = now + Math.max(pace.thawAfterMs, pace.thawAgainMs);
    chart.thawAt = Math.min(chart.thawAt ?? now + pace.thawAfterMs, farthest);
    if (now >= chart.thawAt) {
      chart.thawAt = now + pace.thawAgainMs;
      const reason = `held still since ${Math.round((now - chart.hold.since) / 1000)} s`;
      void writeThaw(session, SIGNALBOX, now, reason).catch((error) =>
        log.warn("an act could not be written", { error: messageOf(error) }),
      );
      void release(session.id, chart.run);
    }
    return { since: chart.hold.since, thawAt: chart.thawAt };
  }

  function writeThaw(session: Configured["session"], actor: Actor, now: number, reason: string | null): Promise<void> {
    return writeActs([act(actor, now, "session.thaw", `session:${session.id}`, { reason, detail: { name: session.name } })]);
  }

  /** What begins and ends by itself stands in the audit, too: the timeline is read from there. */
  function tellOf(session: Configured["session"], before: Vitals, after: Vitals, now: number): void {
    const told: [verb: string, reason: string][] = [];
    if (after.frozen && !before.frozen) told.push(["session.freeze", "its terminal holds it still"]);
    if (before.frozen && !after.frozen) told.push(["session.unfreeze", `held still for ${spanWords(now - before.frozen.since)}`]);
    if (after.silent && !before.silent) told.push(["session.silent", silentWords(after.silent)]);
    if (told.length === 0) return;
    writeActs(
      told.map(([verb, reason]) => act(SIGNALBOX, now, verb, `session:${session.id}`, { reason, detail: { name: session.name } })),
    ).catch((error) => log.warn("an act could not be written", { error: messageOf(error) }));
  }

  /** Looked at again at once: only what is seen counts. */
  async function release(session: string, run: string): Promise<void> {
    try {
      await terminals.thaw(run);
      log.info("a frozen terminal was told to go on", { session, run });
    } catch (error) {
      log.warn("a frozen terminal could not be told to go on", { session, run, error: messageOf(error) });
    }
    lookedAt = Number.NEGATIVE_INFINITY;
    nudge();
  }

  function silentOf(chart: Chart, { session, program, pairs }: Configured, startedAt: number, now: number): Silent | null {
    const free = pairs
      .map((pair) => ({ country: pair.country, free: traffic.freeSlots(pair.id) }))
      .sort((a, b) => b.free - a.free)
      .find((pair) => pair.free > 0);
    chart.ableSince = free ? Math.min(chart.ableSince ?? now, now) : null;
    if (!program || !free) return null;
    const seen = { now, startedAt, lastAt: traffic.lastAt(session.id), ableSince: chart.ableSince, reports: traffic.reports(program.name) };
    const silentMs = silenceMs(seen, program.silentAfterMs);
    if (silentMs === null) return null;
    const minutes = Math.floor(silentMs / 60_000);
    // Told again when the minute changes, not with every slot that comes and goes.
    return chart.vitals.silent?.minutes === minutes ? chart.vitals.silent : { minutes, ...free, cure: program.silentRestart };
  }

  function heavyOf(chart: Chart, track: Track, limitMb: number | null): Heavy | null {
    if (limitMb === null || !track.load || chart.heavyLooks < LOOKS) return null;
    return { memoryMb: Math.round(track.load.memoryBytes / 1_048_576), limitMb };
  }

  return {
    of: (session) => {
      const chart = charts.get(session);
      return chart && tracks.of(session).run?.run === chart.run ? chart.vitals : WELL;
    },

    look(now) {
      if (now - lookedAt < pace.lookMs && now >= lookedAt) return false;
      lookedAt = now;
      const held = terminals.held();
      let changed = false;
      for (const one of configured()) {
        const track = tracks.of(one.session.id);
        const { run } = track;
        if (!run?.child?.alive || run.stop) {
          charts.delete(one.session.id);
          continue;
        }
        const chart = chartOf(one.session.id, run.run);
        const vitals: Vitals = {
          frozen: frozenOf(chart, one, held.get(run.run), now),
          silent: one.program?.silentAfterMs == null ? null : silentOf(chart, one, run.child.startedAt, now),
          heavy: heavyOf(chart, track, one.program?.memoryLimitMb ?? null),
        };
        if (sameVitals(chart.vitals, vitals)) continue;
        tellOf(one.session, chart.vitals, vitals, now);
        chart.vitals = vitals;
        changed = true;
      }
      return changed;
    },

    weigh() {
      for (const { session, program } of configured()) {
        const { run, load } = tracks.of(session.id);
        if (!run || !load || load.run !== run.run) continue;
        const chart = chartOf(session.id, run.run);
        const over = program?.memoryLimitMb != null && load.memoryBytes > program.memoryLimitMb * 1_048_576;
        chart.heavyLooks = over ? chart.heavyLooks + 1 : 0;
      }
    },

    loosen(session) {
      const chart = charts.get(session);
      if (chart?.vitals.frozen) void release(session, chart.run);
    },

    async thaw(session, actor, now) {
      const chart = charts.get(session.id);
      if (!chart?.vitals.frozen) throw conflict(`${session.name} is not frozen`, "not_frozen");
      await writeThaw(session, actor, now, null);
      await release(session.id, chart.run);
    },
  };
}
