/**
 * Port: every run there was, one row each: when it started and by whose wish, how it ended, its last lines.
 *
 * `started` and `ended` are each told as often as the teller likes (it may have been killed before it knew that it had told): the first
 * word of each counts, a later one changes nothing, and an end without a start makes the whole row. Both are on disk once they resolve.
 */

import type { Outcome } from "./exit.ts";
import type { RunRecord } from "./fleet.ts";

export interface RunStarted {
  run: string;
  session: string;
  program: string;
  startedAt: number;
  startedBy: string;
  reason: string | null;
  /** The boot it was started under: an open row of another boot was lost in a reboot. */
  bootId: string;
}

export interface RunEnded extends RunStarted {
  pid: number | null;
  endedAt: number;
  exitCode: number | null;
  exitWords: string;
  outcome: Outcome;
  /** Who asked for the end, when somebody did. */
  endedBy: string | null;
  endReason: string | null;
  /** Masked. */
  lastLines: string[];
}

/** What restarts are decided by; the last lines only of the newest. */
export interface RunMemory {
  run: string;
  session: string;
  startedAt: number;
  startedBy: string;
  endedAt: number;
  exitCode: number | null;
  exitWords: string;
  outcome: Outcome;
  /** Who asked for the end and why, when somebody did. */
  endedBy?: string | null;
  endReason?: string | null;
  lastLines: string[];
}

/** A run goes when it ended before `before`, or has `most` newer ones of its session, and in any case `kept`. */
export interface TrimOrder {
  last: Trimmed | null;
  before: number;
  kept: number;
  most: number;
  step: number;
}

export interface Trimmed {
  session: string;
  more: boolean;
}

export interface History {
  started(run: RunStarted): Promise<void>;
  /** Several at once are one write. */
  ended(runs: readonly RunEnded[]): Promise<void>;
  /** Newest first. */
  of(session: string, limit: number): Promise<RunRecord[]>;
  /** Those that began before a time, the last to begin first. */
  startedBefore(session: string, before: number, limit: number): Promise<RunRecord[]>;
  /** Runs without an end. */
  open(): Promise<RunStarted[]>;
  /** Per session its newest ended runs, oldest first, at most `limit` each. */
  recent(limit: number): Promise<RunMemory[]>;
  /**
   * Deletes old runs of one session, at most `step` of them: the one after the last answer's, or that one again when it had more. null:
   * there is none after it. Never an open run, never one of the newest `kept` of its session.
   */
  trim(order: TrimOrder): Promise<Trimmed | null>;
}
