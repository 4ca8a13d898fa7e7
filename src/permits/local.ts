/**
 * The limiter of one node: windows in memory over grants on disk. A take is (1) a slot in memory, on the main thread, which fixes the time
 * and the order; (2) a commit shared by everybody who took in the same turn; (3) the caller's reply. Dying between them leaves a slot used
 * or a permit that nobody got, never a permit that no window knows.
 */

import type { Clock } from "../kernel/clock.ts";
import type { Country } from "../pairs/country.ts";
import type { Directory } from "../pairs/directory.ts";
import type { Pair } from "../pairs/pair.ts";
import type { Grants, LimitNote, Recent } from "./grants.ts";
import type { BudgetName, Limiter, Sender, Taken } from "./limiter.ts";
import type { Grant } from "./permit.ts";
import { nextPermitNumber, permitIdOf } from "./permit-id.ts";
import { endOf, leaseEndOf, openWindow, type Window } from "./window.ts";

export interface LocalOptions {
  directory: Directory;
  grants: Grants;
  clock: Clock;
  leaseMs: number;
  /** What all countries together may send; null: no limit. */
  house?: { limit: number; windowMs: number } | null;
  /** When this turn's takes go to disk together. */
  soon?: (run: () => void) => void;
}

export function localLimiter(options: LocalOptions, recent: Pick<Recent, "grants" | "uncontrolled" | "last" | "limits">): Limiter {
  const { directory, grants, clock, leaseMs, soon = setImmediate } = options;
  const { bootId } = clock;
  const openedMs = clock.uptimeMs();
  const countries = new Map<string, Window>();
  const pairs = new Map<string, Window>();
  /** By id; null: it has no limit. */
  const gateways = new Map<string, Window | null>();
  const house = options.house ? openWindow(options.house.limit, options.house.windowMs) : null;
  const settings = new Map<string, Country>();
  let shared = house !== null;
  /** What is on disk of each country's limit, or on its way; and what is not. */
  const noted = new Map(recent.limits.map((note) => [note.country, `${note.limit} ${note.windowMs}`]));
  let toNote: LimitNote[] = [];
  let lastNumber = recent.last;
  let batch: { grants: Grant[]; committed: Promise<void> } | null = null;

  for (const { id } of directory.gateways()) gatewayWindow(id);
  for (const pair of directory.pairs()) if (pair.limit !== null) pairs.set(pair.id, openWindow(pair.limit, windowMsOf(pair)));
  for (const grant of recent.grants) add(grant.country, grant.pair, grant.gateway, grant, endOf(grant, bootId), 1);
  for (const send of recent.uncontrolled)
    add(send.country, send.pair, gatewayOf(send.pair), null, send.bootId === bootId ? send.uptimeMs : 0, send.n);

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
      // Nothing of the country came before, so it may as well have applied from the start: never later than the grant that asks for it.
      noteLimit(code, limit, windowSeconds * 1000, openedMs);
    }
    return window;
  }

  function noteLimit(country: string, limit: number, windowMs: number, uptimeMs: number): void {
    const read = `${limit} ${windowMs}`;
    if (noted.get(country) === read) return;
    noted.set(country, read);
    toNote.push({ country, limit, windowMs, bootId, uptimeMs, afterNumber: lastNumber, at: clock.now() });
  }

  function unnoted(): LimitNote[] {
    const notes = toNote;
    toNote = [];
    return notes;
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

  function gatewayOf(pairId: string): string | null {
    return directory.pair(pairId)?.gateway ?? null;
  }

  /** The gateway's window, or null. One that gets its limit now starts from what the countries' logs hold of it. */
  function gatewayWindow(id: string): Window | null {
    let window = gateways.get(id);
    if (window === undefined) {
      const gateway = directory.gateway(id);
      window = gateway === undefined || gateway.limit === null ? null : openWindow(gateway.limit, gateway.windowSeconds * 1000);
      gateways.set(id, window);
      shared ||= window !== null;
      const now = clock.uptimeMs();
      for (const country of window ? countries.values() : [])
        for (const { grant, endMs } of country.slots(now)) if (grant?.gateway === id) window?.take(grant, endMs);
    }
    return window;
  }

  function add(country: string, pair: string, gateway: string | null, grant: Grant | null, endMs: number, n: number): void {
    windowOf(country).take(grant, endMs, n);
    pairs.get(pair)?.take(grant, endMs, n);
    if (gateway !== null) gateways.get(gateway)?.take(grant, endMs, n);
    house?.take(grant, endMs, n);
  }

  /** Ms until each budget of the pair has room: 0 now. */
  function* waits(pair: Pair): Generator<[BudgetName, number]> {
    const now = clock.uptimeMs();
    yield ["country", windowOf(pair.country).nextFreeMs(now)];
    yield ["pair", nestedOf(pair)?.nextFreeMs(now) ?? 0];
    yield ["gateway", (pair.gateway === null ? null : gatewayWindow(pair.gateway))?.nextFreeMs(now) ?? 0];
    yield ["house", house?.nextFreeMs(now) ?? 0];
  }

  function commit(grant: Grant): Promise<void> {
    if (!batch) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const mine = { grants: [] as Grant[], committed: promise };
      batch = mine;
      soon(() => {
        batch = null;
        const notes = unnoted();
        grants.record(mine.grants, notes).then(resolve, (error) => {
          toNote = [...notes, ...toNote];
          reject(error);
        });
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
      const gateway = pair.gateway === null ? null : gatewayWindow(pair.gateway);
      if (gateway && !gateway.hasRoom(now)) return null;
      if (house && !house.hasRoom(now)) return null;
      const grantedAt = clock.now();
      lastNumber = nextPermitNumber(lastNumber, grantedAt);
      const grant: Grant = {
        permitId: permitIdOf(lastNumber),
        country: pair.country,
        pair: pair.id,
        gateway: pair.gateway,
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
      gateway?.take(grant, now + leaseMs);
      house?.take(grant, now + leaseMs);
      return { grant, remaining: window.limit() - window.used(now), committed: commit(grant) };
    },
    hasRoom: (country) => windowOf(country).hasRoom(clock.uptimeMs()),
    nextFreeMs(pair) {
      const now = clock.uptimeMs();
      let ms = windowOf(pair.country).nextFreeMs(now);
      if (pair.limit !== null) ms = Math.max(ms, nestedOf(pair)!.nextFreeMs(now));
      if (pair.gateway !== null) ms = Math.max(ms, gatewayWindow(pair.gateway)?.nextFreeMs(now) ?? 0);
      return house ? Math.max(ms, house.nextFreeMs(now)) : ms;
    },
    fullest(pair) {
      let longest: BudgetName | null = null;
      let longestMs = 0;
      for (const [name, ms] of waits(pair)) {
        if (ms <= longestMs) continue;
        longest = name;
        longestMs = ms;
      }
      return longest;
    },
    isShared: () => shared,
    report(grant, uptimeMs) {
      const before = leaseEndOf(grant, bootId);
      windowOf(grant.country).report(grant, before, uptimeMs);
      pairs.get(grant.pair)?.report(grant, before, uptimeMs);
      if (grant.gateway !== null) gateways.get(grant.gateway)?.report(grant, before, uptimeMs);
      house?.report(grant, before, uptimeMs);
    },
    addUncontrolled: (send) => add(send.country, send.pair, gatewayOf(send.pair), null, send.uptimeMs, send.n),
    windowMs: (country) => windowOf(country).windowMs(),
    room(country) {
      const window = windowOf(country);
      return { limit: window.limit(), windowMs: window.windowMs(), used: window.used(clock.uptimeMs()) };
    },
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
    unnoted,
    recheck() {
      settings.clear();
      for (const [code, window] of countries) {
        const { limit, windowSeconds } = countryOf(code);
        window.configure(limit, windowSeconds * 1000);
        noteLimit(code, limit, windowSeconds * 1000, clock.uptimeMs());
      }
      for (const [id, window] of pairs) {
        const pair = directory.pair(id);
        if (!pair || pair.limit === null) pairs.delete(id);
        else window.configure(pair.limit, windowMsOf(pair));
      }
      for (const [id, window] of gateways) {
        const gateway = directory.gateway(id);
        if (!gateway || gateway.limit === null || window === null) gateways.delete(id);
        else window.configure(gateway.limit, gateway.windowSeconds * 1000);
      }
      shared = house !== null || gateways.size > 0;
      for (const { id } of directory.gateways()) gatewayWindow(id);
    },
  };
}
