/** What is known of each session's runs: the one that lives, those that ended, and what somebody asked for meanwhile. */

import { MOST_GIVE_UP_AFTER } from "../pairs/program.ts";
import { exitWords, outcomeOf } from "./exit.ts";
import type { RunEnded, RunMemory, RunStarted } from "./history.ts";
import { type Intent, phaseOf } from "./judge.ts";
import type { Leftover } from "./leftovers.ts";
import type { Load } from "./status.ts";
import type { RunSeen } from "./terminals.ts";

export interface Track {
  run: RunSeen | null;
  /** Oldest first. */
  past: RunMemory[];
  /** A start is on its way to the terminals. */
  opening: boolean;
  intent: Intent | null;
  /** The last lines of the newest ended run. */
  lines: { run: string; lines: string[] } | null;
  load: Load | null;
  leftover: Leftover | null;
  killedAt: number;
}

export interface Tracks extends Iterable<[string, Track]> {
  of(session: string): Track;
  remember(memory: RunMemory): void;
  /**
   * Takes in what was seen of a run. An end comes back as the row to be written: the same row again for a run whose folder
   * was not yet put away, so that it is.
   */
  takeIn(seen: RunSeen, now: number): RunEnded | null;
  /** The row of a run that left no folder: its machine went down, or somebody took the folder away. */
  giveUp(row: RunStarted, thisBoot: boolean, now: number): RunEnded;
}

/** Ended runs remembered per session: as many as a policy may count before it gives up. */
export const PAST_RUNS = MOST_GIVE_UP_AFTER;

export function openTracks(successCodesOf: (program: string) => readonly number[]): Tracks {
  const tracks = new Map<string, Track>();

  function of(session: string): Track {
    let track = tracks.get(session);
    if (!track) {
      track = { run: null, past: [], opening: false, intent: null, lines: null, load: null, leftover: null, killedAt: 0 };
      tracks.set(session, track);
    }
    return track;
  }

  function remember(memory: RunMemory): void {
    const { past } = of(memory.session);
    past.push(memory);
    // In order of birth, whatever the order they were met in.
    if (past.length > 1 && past.at(-2)!.run > memory.run) past.sort((a, b) => (a.run < b.run ? -1 : 1));
    if (past.length > PAST_RUNS) past.shift();
  }

  return {
    [Symbol.iterator]: () => tracks[Symbol.iterator](),
    of,
    remember,
    takeIn(seen, now) {
      const track = of(seen.session);
      if (phaseOf(seen, now) !== "ended") {
        if (!track.run || track.run.run <= seen.run) track.run = seen;
        return null;
      }
      if (track.run?.run === seen.run) track.run = null;
      const known = track.past.find((run) => run.run === seen.run);
      const memory = known ?? memoryOf(seen, successCodesOf(seen.program), now);
      if (!known) remember(memory);
      return {
        ...memory,
        program: seen.program,
        reason: seen.reason,
        bootId: seen.bootId,
        pid: seen.child?.pid ?? null,
        endedBy: seen.stop?.by ?? null,
        endReason: seen.stop?.reason ?? null,
      };
    },
    giveUp(row, thisBoot, now) {
      const outcome = thisBoot ? "terminal_gone" : "lost";
      const { run, session, startedAt, startedBy } = row;
      const ended = { exitCode: null, exitWords: exitWords(null, outcome), outcome, lastLines: [] } as const;
      const memory: RunMemory = { run, session, startedAt, startedBy, endedAt: now, ...ended, lastLines: [] };
      remember(memory);
      return { ...row, ...memory, pid: null, endedBy: null, endReason: null };
    },
  };
}

function memoryOf(seen: RunSeen, successCodes: readonly number[], now: number): RunMemory {
  const code = seen.exit?.code ?? null;
  const outcome = outcomeOf(seen, successCodes);
  return {
    run: seen.run,
    session: seen.session,
    startedAt: Math.round(seen.child?.startedAt ?? seen.orderedAt),
    startedBy: seen.by,
    endedAt: Math.round(seen.exit?.at ?? now),
    exitCode: code,
    exitWords: outcome === "unhealthy" && seen.stop?.reason ? seen.stop.reason : exitWords(code, outcome, seen.adopted),
    outcome,
    endedBy: seen.stop?.by ?? null,
    endReason: seen.stop?.reason ?? null,
    lastLines: [],
  };
}
