/**
 * The limiter of one node: windows in memory over grants on disk. A take is (1) a slot in memory, on the main thread, which fixes the time
 * and the order; (2) a commit shared by everybody who took in the same turn; (3) the caller's reply. Dying between them leaves a slot used
 * or a permit that nobody got, never a permit that no window knows.
 */

import type { Clock } from "../kernel/clock.ts";
import type { Country } from "../pairs/country.ts";
import type { Directory } from "../pairs/directory.ts";
import type { Pair } from "../pairs/pair.ts";
import type { Grants, Recent } from "./grants.ts";
import type { Limiter, Sender, Taken } from "./limiter.ts";
import type { Grant } from "./permit.ts";
import { nextPermitNumber, permitIdOf } from "./permit-id.ts";
import { endOf, leaseEndOf, openWindow, type Window } from "./window.ts";

export interface LocalOptions {
  directory: Directory;
  grants: Grants;
  clock: Clock;
  leaseMs: number;
  /** When this turn's takes go to disk together. */
  soon?: (run: () => void) => void;
}

export function localLimiter(options: LocalOptions, recent: Pick<Recent, "grants" | "uncontrolled" | "last">): Limiter {
  const { directory, grants, clock, leaseMs, soon = setImmediate } = options;
  const { bootId } = clock;
  const countries = new Map<string, Window>();
  const pairs = new Map<string, Window>();
  const settings = new Map<string, Country>();
  let lastNumber = recent.last;
  let batch: { grants: Grant[]; committed: Promise<void> } | null = null;

  for (const pair of directory.pairs()) if (pair.limit !== null) pairs.set(pair.id, openWindow(pair.limit, windowMsOf(pair)));
  for (const grant of recent.grants) add(grant.country, grant.pair, grant, endOf(grant, bootId), 1);
  for (const { country, pair, n, ...send } of recent.uncontrolled) add(country, pair, null, send.bootId === bootId ? send.uptimeMs : 0, n);

  function countryOf(code: string): Country {
    let country = settings.get(code);
    if (!country) {
      country = directory.country(code);
      settings.set(code, country);
    }
    return country;
  }

  function windowMsOf(pair: Pair): number {
    return (pair.windowSeconds ?? countryOf(pair.country).windowSeconds) * 1000;
  }

  function windowOf(code: string): Window {
    let window = countries.get(code);
    if (!window) {
      const { limit, windowSeconds } = countryOf(code);
      window = openWindow(limit, windowSeconds * 1000);
      countries.set(code, window);
    }
    return window;
  }

  /** The pair's own window inside the country's, or null. One that gets its limit now starts from what the country's log holds of it. */
  function nestedOf(pair: Pair): Window | null {
    if (pair.limit === null) return null;
    let window = pairs.get(pair.id);
    if (!window) {
      window = openWindow(pair.limit, windowMsOf(pair));
      for (const { grant, endMs } of windowOf(pair.country).slots(clock.uptimeMs())) if (grant?.pair === pair.id) window.take(grant, endMs);
      pairs.set(pair.id, window);
    }
    return window;
  }

  function add(country: string, pair: string, grant: Grant | null, endMs: number, n: number): void {
    windowOf(country).take(grant, endMs, n);
    pairs.get(pair)?.take(grant, endMs, n);
  }

  function commit(grant: Grant): Promise<void> {
    if (!batch) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const mine = { grants: [] as Grant[], committed: promise };
      batch = mine;
      soon(() => {
        batch = null;
        grants.record(mine.grants).then(resolve, reject);
      });
    }
    batch.grants.push(grant);
    return batch.committed;
  }

  return {
    take(pair: Pair, { program, session }: Sender): Taken | null {
      const now = clock.uptimeMs();
      const window = windowOf(pair.country);
      if (!window.hasRoom(now)) return null;
      const nested = nestedOf(pair);
      if (nested && !nested.hasRoom(now)) return null;
      const grantedAt = clock.now();
      lastNumber = nextPermitNumber(lastNumber, grantedAt);
      const grant: Grant = {
        permitId: permitIdOf(lastNumber),
        country: pair.country,
        pair: pair.id,
        program,
        session,
        bootId,
        grantedUptimeMs: now,
        leaseMs,
        grantedAt,
        reportedUptimeMs: null,
        abandoned: false,
      };
      window.take(grant, now + leaseMs);
      nested?.take(grant, now + leaseMs);
      return { grant, remaining: window.limit() - window.used(now), committed: commit(grant) };
    },
    hasRoom: (country) => windowOf(country).hasRoom(clock.uptimeMs()),
    nextFreeMs(pair) {
      const now = clock.uptimeMs();
      const own = nestedOf(pair)?.nextFreeMs(now) ?? 0;
      return Math.max(windowOf(pair.country).nextFreeMs(now), own);
    },
    report(grant, uptimeMs) {
      const before = leaseEndOf(grant, bootId);
      windowOf(grant.country).report(grant, before, uptimeMs);
      pairs.get(grant.pair)?.report(grant, before, uptimeMs);
    },
    addUncontrolled: (send) => add(send.country, send.pair, null, send.uptimeMs, send.n),
    windowMs: (country) => windowOf(country).windowMs(),
    budget(code) {
      const now = clock.uptimeMs();
      const window = windowOf(code);
      return {
        limit: window.limit(),
        windowMs: window.windowMs(),
        used: window.used(now),
        nextFreeMs: window.nextFreeMs(now),
        slots: window.slots(now),
      };
    },
    recheck() {
      settings.clear();
      for (const [code, window] of countries) window.configure(countryOf(code).limit, countryOf(code).windowSeconds * 1000);
      for (const [id, window] of pairs) {
        const pair = directory.pair(id);
        if (!pair || pair.limit === null) pairs.delete(id);
        else window.configure(pair.limit, windowMsOf(pair));
      }
    },
  };
}
