/**
 * How much there is on disk, by table, and when the disk will be full. Measured from the side and remembered: whoever looks gets what was
 * measured last and, when that is an hour old, sets off the next measurement without waiting long for it.
 */

import type { Clock } from "../kernel/clock.ts";
import { messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import { DAY_MS, HOUR_MS } from "./history.ts";

export interface Measured {
  /** Of the store, free pages included. */
  fileBytes: number;
  /** Inside the file, to be written over first. */
  freeBytes: number;
  tables: { name: string; rows: number; bytes: number }[];
  /** In use by day, oldest first. */
  days: { at: number; usedBytes: number }[];
  /** Output of runs. */
  outputBytes: number;
  outputFiles: number;
  /** What the client keeps until it is told. */
  spoolBytes: number;
  /** Of the disk that the data folder lies on. */
  diskBytes: number;
  diskFreeBytes: number;
}

export interface DataSize extends Measured {
  at: number;
  forecast: Forecast;
}

/** `fullAt`: when the disk is full if it goes on as in the last 7 days; null when it does not grow. */
export type Forecast = { kind: "too_early" } | { kind: "steady" } | { kind: "growing"; bytesPerDay: number; fullAt: number };

export interface Sizes {
  /** The last measurement; null while the first is under way. */
  look(): Promise<DataSize | null>;
}

const FRESH_MS = HOUR_MS;
const PATIENCE_MS = 1_500;
const LOOK_BACK_MS = 7 * DAY_MS;
/** Less is no trend. */
const LEAST_SPAN_MS = 2 * DAY_MS;

export function openSizes(measure: () => Promise<Measured>, clock: Clock, log: Log, patience = () => Bun.sleep(PATIENCE_MS)): Sizes {
  let last: DataSize | null = null;
  let under: Promise<void> | null = null;

  async function again(): Promise<void> {
    try {
      const measured = await measure();
      const now = clock.now();
      const used = measured.fileBytes - measured.freeBytes;
      last = {
        ...measured,
        at: now,
        forecast: forecast([...measured.days, { at: now, usedBytes: used }], measured.diskFreeBytes + measured.freeBytes, now),
      };
    } catch (error) {
      log.warn("settings: the size of the data could not be measured", { error: messageOf(error) });
    } finally {
      under = null;
    }
  }

  return {
    async look() {
      if (last && clock.now() - last.at < FRESH_MS) return last;
      under ??= again();
      await Promise.race([under, patience()]);
      return last;
    },
  };
}

/** A line through the first and the last of the last 7 days. */
export function forecast(days: Measured["days"], freeBytes: number, now: number): Forecast {
  const recent = days.filter(({ at }) => at >= now - LOOK_BACK_MS);
  const [first, last] = [recent[0], recent.at(-1)];
  if (!first || !last || last.at - first.at < LEAST_SPAN_MS) return { kind: "too_early" };
  const perMs = (last.usedBytes - first.usedBytes) / (last.at - first.at);
  if (perMs <= 0) return { kind: "steady" };
  return { kind: "growing", bytesPerDay: perMs * DAY_MS, fullAt: now + freeBytes / perMs };
}
