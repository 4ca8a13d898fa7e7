/** Tells the history of starts and ends until it has them: a store that is away delays the rows, never a start or a stop. */

import { messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { History, RunEnded, RunStarted } from "./history.ts";
import { tailOf } from "./output.ts";
import type { Terminals } from "./terminals.ts";

export const LAST_LINES = 40;
/** screen flushes what a program printed last when its window closes; a helper that keeps the terminal open must not hold the row up. */
const LINES_DEADLINE_MS = 1_000;
/** Runs whose folder is gone and whose row is not written: beyond this the oldest is given up, and said so. */
const MAX_WAITING = 10_000;

export interface Recorder {
  started(run: RunStarted): void;
  /** The last lines are read once the terminal is closed. */
  ended(run: RunEnded): void;
  /** Does what can be done now. Never throws, never waits. */
  settle(now: number): void;
  /** Resolves when everything told so far is written or has failed once. */
  flush(now: number): Promise<void>;
}

export interface RecorderOptions {
  history: History;
  terminals: Terminals;
  log: Log;
  /** The last lines of an ended run are complete. */
  onLines: (session: string, run: string, lines: string[]) => void;
}

export function openRecorder({ history, terminals, log, onLines }: RecorderOptions): Recorder {
  const starts: RunStarted[] = [];
  const closing: { run: RunEnded; seenAt: number | null }[] = [];
  const ends: RunEnded[] = [];
  let writing: Promise<void> | null = null;
  let away = false;

  function collect(now: number, all: boolean): void {
    for (const item of closing.splice(0)) {
      item.seenAt ??= now;
      if (!all && terminals.isOpen(item.run.run) && Math.abs(now - item.seenAt) < LINES_DEADLINE_MS) {
        closing.push(item);
        continue;
      }
      const lastLines = linesOf(terminals, item.run);
      onLines(item.run.session, item.run.run, lastLines);
      ends.push({ ...item.run, lastLines });
    }
    if (ends.length > MAX_WAITING)
      log.error("run history given up for lack of a store", { runs: ends.splice(0, ends.length - MAX_WAITING).length });
  }

  async function write(): Promise<void> {
    const started = starts.splice(0, starts.length);
    const ended = ends.splice(0, ends.length);
    try {
      await Promise.all(started.map((run) => history.started(run)));
      if (ended.length > 0) await history.ended(ended);
      for (const { run } of ended) terminals.forget(run);
      if (away) log.info("run history is written again", { runs: started.length + ended.length });
      away = false;
    } catch (error) {
      // Told again with the next look: both are safe to repeat.
      starts.unshift(...started);
      ends.unshift(...ended);
      // Said when it begins, not with each of four looks a second.
      if (!away) log.warn("run history cannot be written yet", { runs: starts.length + ends.length, error: messageOf(error) });
      away = true;
    }
  }

  function writeSoon(): Promise<void> {
    writing ??= write().finally(() => {
      writing = null;
    });
    return writing;
  }

  return {
    started: (run) => void starts.push(run),
    ended: (run) => void closing.push({ run, seenAt: null }),
    settle(now) {
      collect(now, false);
      if (starts.length + ends.length > 0) void writeSoon();
    },
    async flush(now) {
      collect(now, true);
      if (writing) await writing;
      if (starts.length + ends.length > 0) await writeSoon();
    },
  };
}

function linesOf(terminals: Terminals, { session, run }: RunEnded): string[] {
  try {
    return tailOf(terminals.output(session, run), LAST_LINES);
  } catch {
    return [];
  }
}
