/** A loop that a signal wakes: runs every `everyMs`, at once when nudged, one run at a time; a failure is logged, delayed and never ends it. */

import { messageOf } from "./errors.ts";
import type { Log } from "./log.ts";

export interface Loop {
  name: string;
  start(): void;
  /** Run as soon as the present run, if any, is over. Many nudges are one run. */
  nudge(): void;
  /** For a run that knows when the next one is due: after so many ms, if that is before its time. */
  dueIn(ms: number): void;
  /** One run, awaited: for tests and for a last round at shutdown. Throws what the body throws. */
  runOnce(): Promise<void>;
  /** No run begins after this; resolves when the present one is over. */
  stop(): Promise<void>;
  /** For /metrics and the watchdog: a stalled loop is visible. */
  health(): LoopHealth;
}

export interface LoopHealth {
  name: string;
  runs: number;
  failures: number;
  /** Wall ms of the end of the last run that succeeded, 0 before the first. */
  lastOkAt: number;
  lastError: string | null;
  everyMs: number;
  /** Housekeeping: a start does not wait for its first run. */
  late?: boolean;
}

export interface LoopOptions {
  name: string;
  everyMs: number;
  run: () => Promise<void> | void;
  /** The first run comes so long after the start, which does not wait for it. Default: at once. */
  firstAfterMs?: number;
  log: Log;
  now: () => number;
}

const FIRST_RETRY_MS = 200;

/** For `firstAfterMs`: what keeps house has time. */
export const HOUSEKEEPING_AFTER_MS = 1_000;

export function openLoop(options: LoopOptions): Loop {
  const { name, everyMs, log } = options;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let running: Promise<void> | null = null;
  let again = false;
  let soon: ReturnType<typeof setImmediate> | null = null;
  let started = false;
  let failuresInARow = 0;
  let dueMs = everyMs;
  const health: LoopHealth = {
    name,
    runs: 0,
    failures: 0,
    lastOkAt: 0,
    lastError: null,
    everyMs,
    late: options.firstAfterMs !== undefined,
  };

  async function body(): Promise<void> {
    health.runs++;
    await options.run();
    health.lastOkAt = options.now();
    health.lastError = null;
    failuresInARow = 0;
  }

  function schedule(ms: number): void {
    if (!started) return;
    if (timer) clearTimeout(timer);
    timer = setTimeout(tick, ms);
  }

  /** With the next turn: a timer of 0 ms takes 1. Many nudges of one turn are one run. */
  function wake(): void {
    soon ??= setImmediate(() => {
      soon = null;
      if (timer) clearTimeout(timer);
      tick();
    });
  }

  function tick(): void {
    if (running) {
      again = true;
      return;
    }
    again = false;
    dueMs = everyMs;
    let delay = everyMs;
    running = body()
      .then(() => {
        delay = Math.min(everyMs, dueMs);
      })
      .catch((error) => {
        health.failures++;
        health.lastError = messageOf(error);
        delay = Math.max(everyMs, Math.min(30_000, FIRST_RETRY_MS * 2 ** failuresInARow++));
        log.error(`${name}: run failed, next in ${delay} ms`, { error });
      })
      .finally(() => {
        running = null;
        schedule(again && failuresInARow === 0 ? 0 : delay);
      });
  }

  return {
    name,
    start() {
      if (started) return;
      started = true;
      if (options.firstAfterMs === undefined) tick();
      else schedule(options.firstAfterMs);
    },
    nudge() {
      if (!started) return;
      if (running) again = true;
      else wake();
    },
    dueIn(ms) {
      dueMs = Math.min(dueMs, Math.max(0, ms));
    },
    runOnce: body,
    async stop() {
      started = false;
      if (timer) clearTimeout(timer);
      if (soon) clearImmediate(soon);
      timer = null;
      soon = null;
      await running;
    },
    health: () => ({ ...health }),
  };
}
