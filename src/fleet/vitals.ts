/** What looks at a living run say of its health: held still by its terminal, silent, too heavy. Pure folds; health.ts feeds them. */

import { spanWords } from "./restarts.ts";

export interface Vitals {
  frozen: Frozen | null;
  silent: Silent | null;
  heavy: Heavy | null;
}

export interface Frozen {
  since: number;
  /** When it is thawed without being asked. */
  thawAt: number | null;
}

export interface Silent {
  /** Whole minutes, so that a reader is not told every second. */
  minutes: number;
  country: string;
  free: number;
  /** Its policy restarts it. */
  cure: boolean;
}

export interface Heavy {
  memoryMb: number;
  limitMb: number;
}

export const WELL: Vitals = { frozen: null, silent: null, heavy: null };

/** As many looks in a row must agree before anything is said. */
export const LOOKS = 3;

/** A program waiting in a write to its terminal: the same thread in the same call, its CPU time standing still. */
export interface Hold {
  evidence: string;
  since: number;
  looks: number;
}

export function nextHold(before: Hold | null, evidence: string | undefined, now: number): Hold | null {
  if (evidence === undefined) return null;
  return before?.evidence === evidence ? { ...before, looks: before.looks + 1 } : { evidence, since: now, looks: 1 };
}

export interface SendingSeen {
  now: number;
  /** Of its run. */
  startedAt: number;
  /** The newest permit it asked for, or result it told; null: none that we heard. */
  lastAt: number | null;
  /** Since when it could have sent without a break: a pair of it active, slots of its country free. Null: it cannot. */
  ableSince: number | null;
  /** Its program has told of messages before. One that never did may simply not report, so nothing is said of it. */
  reports: boolean;
}

/** For how long it has been silent, or null while it is not. */
export function silenceMs({ now, startedAt, lastAt, ableSince, reports }: SendingSeen, afterMs: number | null): number | null {
  if (afterMs === null || ableSince === null || !reports) return null;
  const silent = now - Math.max(startedAt, lastAt ?? 0, ableSince);
  return silent >= afterMs ? now - Math.max(startedAt, lastAt ?? 0) : null;
}

export function silentWords({ minutes, country, free }: Silent): string {
  const span = minutes < 1 ? "less than a minute" : spanWords(minutes * 60_000);
  return `no message for ${span} although ${country} has ${free} free slot${free === 1 ? "" : "s"}`;
}

export function heavyWords({ memoryMb, limitMb }: Heavy): string {
  return `memory ${memoryMb} MB over ${limitMb} MB`;
}

export function sameVitals(a: Vitals, b: Vitals): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
