/** Counts failures by key and makes the next try wait, longer each time. In memory and bounded: forgetting is what a restart costs. */

export interface Attempts {
  /** Counts a try before its outcome is known, so that parallel tries gain nothing. Returns 0, or how long to wait (then nothing is counted). */
  take(key: string, now: number): number;
  /** The try was right: the key starts anew. */
  forgive(key: string): void;
  /** The try was right, but others under this key may not have been: gives back one. */
  refund(key: string): void;
}

export interface AttemptLimits {
  /** Tries in a row that are free. */
  free: number;
  /** One counted try is forgotten after this. */
  forgetOneMs: number;
  /** The first wait; doubles with each try that follows. */
  firstLockMs: number;
  maxLockMs: number;
}

interface Count {
  tries: number;
  at: number;
  lockedUntil: number;
}

/** More keys than this and the oldest is forgotten. */
const MAX_KEYS = 10_000;

export function openAttempts(limits: AttemptLimits): Attempts {
  const counts = new Map<string, Count>();

  function current(key: string, now: number): Count {
    const count = counts.get(key);
    if (!count) return { tries: 0, at: now, lockedUntil: 0 };
    const forgotten = Math.floor((now - count.at) / limits.forgetOneMs);
    return forgotten > 0 ? { ...count, tries: Math.max(0, count.tries - forgotten), at: now } : count;
  }

  function keep(key: string, count: Count): void {
    counts.delete(key);
    if (count.tries > 0) counts.set(key, count);
    if (counts.size > MAX_KEYS) counts.delete(counts.keys().next().value!);
  }

  return {
    take(key, now) {
      const count = current(key, now);
      if (count.lockedUntil > now) return count.lockedUntil - now;
      const tries = count.tries + 1;
      const over = tries - limits.free;
      const lockMs = over < 0 ? 0 : Math.min(limits.maxLockMs, limits.firstLockMs * 2 ** Math.min(over, 30));
      keep(key, { tries, at: now, lockedUntil: lockMs === 0 ? 0 : now + lockMs });
      return 0;
    },
    forgive: (key) => void counts.delete(key),
    refund(key) {
      const count = counts.get(key);
      if (count) keep(key, { ...count, tries: count.tries - 1, lockedUntil: 0 });
    },
  };
}
