/**
 * Processor and memory of every session over the last day, a sample a minute.
 *
 * The port: `add` keeps one minute of all sessions, the same minute again replaces it, and what is older than a day goes with it. `of`
 * gives a session's, oldest first; a minute in which nothing was measured has none.
 */

import { messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { Load } from "./status.ts";

export interface Sample {
  /** Wall ms of the minute's beginning. */
  at: number;
  /** Share of one core over the minute; null: measured once only. */
  cpu: number | null;
  /** The most that was seen in the minute. */
  memoryBytes: number;
}

export interface SampleTaken extends Omit<Sample, "at"> {
  session: string;
}

export interface Samples {
  /** `at` is the beginning of the minute. */
  add(at: number, taken: readonly SampleTaken[]): Promise<void>;
  of(session: string, since: number): Promise<Sample[]>;
}

export const SAMPLE_MS = 60_000;
export const DAY_MS = 86_400_000;
/** A page that was opened a moment ago still finds its whole day. */
export const SAMPLES_KEPT_MS = DAY_MS + 3_600_000;

export const noSamples: Samples = { add: async () => {}, of: async () => [] };

export interface Sampler {
  /** Takes in what was just measured. The first look of a new minute writes the one before. */
  look(now: number, loads: Iterable<readonly [string, Load | null]>): void;
  /** Writes the minute as far as it went. */
  flush(): Promise<void>;
}

interface Going {
  run: string;
  /** Where the minute began: the end of the one before, when the run is the same. */
  fromCpuMs: number;
  fromUptimeMs: number;
  last: Load;
  mostBytes: number;
  seen: boolean;
}

/** `afterMinute` is called with each minute that is written: for what has to be done now and then, in the same transaction. */
export function openSampler(samples: Samples, log: Log, afterMinute: (now: number) => Promise<void> = async () => {}): Sampler {
  const going = new Map<string, Going>();
  let minute: number | null = null;
  let writing: Promise<void> = Promise.resolve();
  let away = false;

  function take(session: string, load: Load): void {
    const before = going.get(session);
    if (before?.run !== load.run) {
      const { run, cpuMs: fromCpuMs, uptimeMs: fromUptimeMs, memoryBytes: mostBytes } = load;
      going.set(session, { run, fromCpuMs, fromUptimeMs, last: load, mostBytes, seen: true });
      return;
    }
    before.last = load;
    before.mostBytes = Math.max(before.mostBytes, load.memoryBytes);
    before.seen = true;
  }

  /** Ends the minute: what was seen in it, and where the next one begins. */
  function harvest(): SampleTaken[] {
    const taken: SampleTaken[] = [];
    for (const [session, one] of going) {
      if (!one.seen) {
        going.delete(session);
        continue;
      }
      const { last, fromCpuMs, fromUptimeMs, mostBytes } = one;
      const overMs = last.uptimeMs - fromUptimeMs;
      // A helper that ended takes its time with it.
      taken.push({ session, cpu: overMs > 0 ? Math.max(0, last.cpuMs - fromCpuMs) / overMs : null, memoryBytes: mostBytes });
      Object.assign(one, { fromCpuMs: last.cpuMs, fromUptimeMs: last.uptimeMs, mostBytes: last.memoryBytes, seen: false });
    }
    return taken;
  }

  function write(at: number): Promise<void> {
    const taken = harvest();
    const told = taken.length === 0 ? Promise.resolve() : samples.add(at, taken);
    return Promise.all([told, afterMinute(at)]).then(
      () => {
        away = false;
      },
      (error) => {
        // A minute that cannot be written is a gap in the chart; said once.
        if (!away) log.warn("samples cannot be written", { error: messageOf(error) });
        away = true;
      },
    );
  }

  return {
    look(now, loads) {
      const current = now - (now % SAMPLE_MS);
      if (minute !== null && current !== minute) writing = write(minute);
      minute = current;
      for (const [session, load] of loads) if (load) take(session, load);
    },
    async flush() {
      await writing;
      if (minute !== null) await write(minute);
      minute = null;
    },
  };
}
