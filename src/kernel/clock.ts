/** The two times there are: wall time for people, time since boot for promises. Both are arguments, never globals. */

export interface Clock {
  /** Wall time in ms since 1970. For showing and for days; it may jump. */
  now(): number;
  /** Milliseconds since this boot (CLOCK_BOOTTIME, fractions kept to ns). Never jumps, counts sleep, survives our own restart. */
  uptimeMs(): number;
  /** The kernel's boot id: two uptimes compare only under one boot id. */
  bootId: string;
}

/** A clock that stands still until it is moved: for tests and simulations. */
export function fakeClock(start = Date.UTC(2026, 0, 5, 12), bootId = "boot-1") {
  let wall = start;
  let uptime = 1_000_000;
  return {
    bootId,
    now: () => wall,
    uptimeMs: () => uptime,
    advance(ms: number) {
      wall += ms;
      uptime += ms;
    },
    /** Moves the wall clock alone, as ntpd or an operator would. */
    jump(ms: number) {
      wall += ms;
    },
  };
}

/** RFC 3339 in UTC with milliseconds: how every time leaves the house. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}
