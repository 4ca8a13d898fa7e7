/**
 * The limiter of one node: windows in memory over grants on disk. A take is (1) a slot in memory, on the main thread, which fixes the time
 * and the order; (2) a commit shared by everybody who took in the same turn; (3) the caller's reply. Dying between them leaves a slot used
 * or a permit that nobody got, never a permit that no window knows.
 */

import type { Clock } from "../kernel/clock.ts";
import type { Directory } from "../pairs/directory.ts";
import type { Pair } from "../pairs/pair.ts";
import { openBudgets } from "./budgets.ts";
import type { Grants, LimitNote, Recent, UncontrolledSend } from "./grants.ts";
import type { Limiter, Sender, Taken } from "./limiter.ts";
import type { Grant } from "./permit.ts";
import { nextPermitNumber, permitIdOf } from "./permit-id.ts";
import { endOf, leaseEndOf } from "./window.ts";

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
  /** What is on disk of each country's limit, or on its way; and what is not. */
  const noted = new Map(recent.limits.map((note) => [note.country, `${note.limit} ${note.windowMs}`]));
  let toNote: LimitNote[] = [];
  let lastNumber = recent.last;
  let batch: { grants: Grant[]; committed: Promise<void> } | null = null;

  const budgets = openBudgets({ directory, clock, house: options.house ?? null, onLimit: noteLimit });
  const { house } = budgets;
  for (const grant of recent.grants) budgets.add(grant.country, grant.pair, grant.gateway, grant, endOf(grant, bootId), 1);
  for (const send of recent.uncontrolled) addUncontrolled(send, send.bootId === bootId ? send.uptimeMs : 0);

  function addUncontrolled({ country, pair, n }: UncontrolledSend, uptimeMs: number): void {
    budgets.add(country, pair, directory.pair(pair)?.gateway ?? null, null, uptimeMs, n);
  }

  function noteLimit(country: string, limit: number, windowMs: number, isNew: boolean): void {
    // Where nothing came before it may as well have applied from the start: never later than the grant that asks for it.
    const uptimeMs = isNew ? openedMs : clock.uptimeMs();
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

  function giveBack(notes: readonly LimitNote[]): void {
    toNote = [...notes, ...toNote];
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
          giveBack(notes);
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
      const window = budgets.country(pair.country);
      if (!window.hasRoom(now)) return null;
      const own = budgets.own(pair);
      if (own && !own.hasRoom(now)) return null;
      const gateway = budgets.gateway(pair);
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
      own?.take(grant, now + leaseMs);
      gateway?.take(grant, now + leaseMs);
      house?.take(grant, now + leaseMs);
      return { grant, remaining: window.left(), committed: commit(grant) };
    },
    hasRoom: (country) => budgets.country(country).hasRoom(clock.uptimeMs()),
    nextFreeMs(pair) {
      const now = clock.uptimeMs();
      let ms = budgets.country(pair.country).nextFreeMs(now);
      if (pair.limit !== null) ms = Math.max(ms, budgets.own(pair)!.nextFreeMs(now));
      if (pair.gateway !== null) ms = Math.max(ms, budgets.gateway(pair)?.nextFreeMs(now) ?? 0);
      return house ? Math.max(ms, house.nextFreeMs(now)) : ms;
    },
    fullest: (pair) => budgets.fullest(pair, clock.uptimeMs()),
    nested: budgets.nested,
    isShared: budgets.isShared,
    report: (grant, uptimeMs) => budgets.report(grant, leaseEndOf(grant, bootId), uptimeMs),
    addUncontrolled: (send) => addUncontrolled(send, send.uptimeMs),
    windowMs: (country) => budgets.country(country).windowMs(),
    room(country) {
      const window = budgets.country(country);
      return { limit: window.limit(), windowMs: window.windowMs(), used: window.used(clock.uptimeMs()) };
    },
    budget(code) {
      const now = clock.uptimeMs();
      const window = budgets.country(code);
      return {
        limit: window.limit(),
        windowMs: window.windowMs(),
        used: window.used(now),
        nextFreeMs: window.nextFreeMs(now),
        slots: window.slots(now),
      };
    },
    shared: () => budgets.shared(clock.uptimeMs()),
    unnoted,
    giveBack,
    recheck: budgets.recheck,
  };
}
