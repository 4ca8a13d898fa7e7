/** When something is due by the clock on the wall: five fields of cron in one time zone. A time that summer time skips or repeats counts once. */

import { Cron } from "croner";

/** Throws when it is no schedule, or one that never comes. */
export function checkSchedule(text: string): void {
  const cron = cronOf(text, "UTC");
  if (cron.nextRun(new Date("2024-01-01T00:00:00Z")) === null) throw new Error("never comes");
}

/** Its newest time in (now - withinMs, now], or null. */
export function lastTime(text: string, timeZone: string, now: number, withinMs: number): number | null {
  // The search begins behind its reference: a time that is now, to the second, is asked for from the next one.
  const [last] = cronOf(text, timeZone).previousRuns(1, new Date(now + 1_000));
  const at = last?.getTime() ?? null;
  return at !== null && at <= now && at > now - withinMs ? at : null;
}

export function nextTime(text: string, timeZone: string, now: number): number | null {
  return cronOf(text, timeZone).nextRun(new Date(now))?.getTime() ?? null;
}

function cronOf(text: string, timeZone: string): Cron {
  return new Cron(text, { mode: "5-part", timezone: timeZone, paused: true });
}
