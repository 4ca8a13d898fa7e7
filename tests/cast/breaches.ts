/** Broken limits and counted days that are as they are told. */

import type { Clock } from "../../src/kernel/clock.ts";
import { openTopic } from "../../src/kernel/topic.ts";
import type { Breach } from "../../src/permits/breach.ts";
import type { Breaches } from "../../src/permits/breaches.ts";
import type { Days } from "../../src/permits/days.ts";
import type { Verdict } from "../../src/permits/replay.ts";

export interface BreachesDouble extends Pick<Breaches, "current" | "recent" | "changed"> {
  put(breach: Breach): void;
}

export function breachesDouble(): BreachesDouble {
  const rows: Breach[] = [];
  return {
    put: (breach) => rows.unshift(breach),
    current: (country) => rows.find((row) => row.country === country && row.endedAt === null) ?? null,
    recent: async (country, limit) => rows.filter((row) => country === null || row.country === country).slice(0, limit),
    changed: openTopic<string>(),
  };
}

export function breachOf(country: string, beganAt: number, more: Partial<Breach> = {}): Breach {
  const by = [
    { pair: `${country}_one`, program: "program4", session: null, reason: "no_permit" as const, n: 3 },
    { pair: `${country}_two`, program: "program1", session: null, reason: "surplus" as const, n: 1 },
  ];
  return { id: beganAt, country, beganAt, endedAt: null, most: 14, uncontrolled: 4, limit: 10, windowMs: 60_000, by, ...more };
}

/** The same day for every country, except that KE was over its limit. */
export function daysDouble(clock: Clock): Days {
  const of = (country: string): Verdict => {
    const over = country === "KE";
    const startAt = clock.now() - 7_000_000;
    const shared = { limit: 10, windowMs: 60_000, bootId: "boot-1", startUptimeMs: 0, endUptimeMs: 60_000, startAt };
    const densest = { ...shared, count: over ? 14 : 10, uncontrolled: over ? 4 : 0 };
    return {
      country,
      grants: 9_412,
      abandoned: 3,
      reported: 9_371,
      uncontrolled: over ? 17 : 0,
      uncontrolledBy: over ? { no_permit: 13, surplus: 4 } : {},
      densest,
      worst: over ? densest : null,
      over: over ? 6 : 0,
    };
  };
  return { of, counted: async (country) => of(country), forget: () => {} };
}
