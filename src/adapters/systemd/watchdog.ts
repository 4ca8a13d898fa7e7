/**
 * Feeds the service manager's watchdog while the event loop and the loops beat, and stops when one of them has stalled, so that the
 * manager ends us. A loop whose runs fail still beats: a store that is away shows in /readyz and an incident, not as restarts for ever.
 */

import type { Log } from "../../kernel/log.ts";
import { type Loop, type LoopHealth, openLoop } from "../../kernel/loop.ts";
import type { Notifier } from "./notify.ts";

export interface WatchdogOptions {
  notifier: Notifier;
  /** $WATCHDOG_USEC: the manager's patience. Without it nothing is fed. */
  watchdogUsec: string | undefined;
  loops: () => readonly LoopHealth[];
  /** One line for `systemctl status`. */
  status: () => string;
  log: Log;
  now: () => number;
  /** Milliseconds that no wall clock moves. */
  steadyMs?: () => number;
}

/** A loop may miss four beats and a minute (its own retries wait up to 30 s). */
const MISSED_BEATS = 4;
const GRACE_MS = 60_000;
const STATUS_EVERY_MS = 10_000;

export function openWatchdog(options: WatchdogOptions): Loop {
  const { notifier, log } = options;
  const patienceMs = Number(options.watchdogUsec ?? 0) / 1000;
  const everyMs = patienceMs > 0 ? Math.min(STATUS_EVERY_MS, patienceMs / 3) : STATUS_EVERY_MS;
  const beats = openBeats(options.steadyMs ?? (() => performance.now()));
  let wasStalled = false;
  return openLoop({
    name: "watchdog",
    everyMs,
    log,
    now: options.now,
    run() {
      const stalled = beats.look(options.loops());
      if (stalled.length > 0 && !wasStalled) log.error("loops have stalled: the watchdog is no longer fed", { loops: stalled });
      wasStalled = stalled.length > 0;
      if (wasStalled) notifier.tell(`STATUS=Stalled: ${stalled.join(", ")}`);
      else if (patienceMs > 0) notifier.tell("WATCHDOG=1", `STATUS=${options.status()}`);
      else notifier.tell(`STATUS=${options.status()}`);
    },
  });
}

/** Remembers when each loop's count of runs last moved. */
export function openBeats(steadyMs: () => number) {
  const seen = new Map<string, { runs: number; at: number }>();
  return {
    /** Names of the loops that have not begun a run for longer than they may. */
    look(loops: readonly LoopHealth[]): string[] {
      const now = steadyMs();
      return loops.flatMap(({ name, runs, everyMs }) => {
        const last = seen.get(name);
        if (last?.runs !== runs) {
          seen.set(name, { runs, at: now });
          return [];
        }
        return now - last.at > MISSED_BEATS * everyMs + GRACE_MS ? [name] : [];
      });
    },
  };
}
