/**
 * Notices when a limit is broken and keeps it: a row, an act, and who it was. Looks when an uncontrolled send was found and at no other time:
 * at the window as it is, and, for sends that were told late, at the ledger of the last two windows, where they stand in their own place.
 */

import { act, SIGNALBOX } from "../kernel/act.ts";
import type { Clock } from "../kernel/clock.ts";
import { messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import { openTopic, type Topic } from "../kernel/topic.ts";
import type { Breach, BreachRows, Culprit } from "./breach.ts";
import type { After } from "./deadlines.ts";
import type { UncontrolledSend } from "./grants.ts";
import type { Ledger } from "./ledger.ts";
import type { Density } from "./replay.ts";

export interface Breaches {
  /** An uncontrolled send that was found; the window holds it already. */
  hear(send: UncontrolledSend): void;
  /** The one that lasts, or null. */
  current(country: string): Breach | null;
  recent(country: string | null, limit: number): Promise<Breach[]>;
  /** By country, since this process began. */
  totals(): ReadonlyMap<string, number>;
  /** A country whose limit was broken, worse broken, or is kept again. */
  changed: Topic<string>;
  /** Reads what lasted when Signalbox went down. */
  start(): Promise<void>;
  /** Resolves when all is on disk. */
  stop(): Promise<void>;
}

export interface BreachesOptions {
  rows: BreachRows;
  ledger: Ledger;
  clock: Clock;
  log: Log;
  after: After;
  budget: (country: string) => { limit: number; windowMs: number; used: number };
  /** What was settled is in the ledger when this resolves. */
  settled: () => Promise<void>;
}

/** A look at the ledger waits for what else comes, and the next one for so long. */
const LOOK_AFTER_MS = 1_000;
const LOOK_GAP_MS = 5_000;
/** The row of one that lasts is written at most so often, and so often it is asked whether it still does. */
const SAVE_GAP_MS = 1_000;
const END_LOOK_MS = 1_000;
const MOST_SENDS = 200;
const MOST_CULPRITS = 10;
/** Leases are no longer (permits.ts). */
const LONGEST_LEASE_MS = 60_000;

export function openBreaches(options: BreachesOptions): Breaches {
  const { rows, ledger, clock, log, after, budget, settled } = options;
  const changed = openTopic<string>((error) => log.error("breaches: a listener failed", { error: messageOf(error) }));
  const lasting = new Map<string, Breach>();
  /** The newest sends of each country, to say who it was. Bounded, and let go with the window. */
  const sends = new Map<string, UncontrolledSend[]>();
  const suspects = new Set<string>();
  /** By country: uptime up to which broken windows were told. */
  const toldUntil = new Map<string, number>();
  const counts = new Map<string, number>();
  const timers = new Set<() => void>();
  let saving: Promise<void> = Promise.resolve();
  let lookingSoon = false;
  let lookedMs = Number.NEGATIVE_INFINITY;
  let lastId = 0;
  let stopped = false;

  function hear(send: UncontrolledSend): void {
    const { country } = send;
    const own = sends.get(country) ?? [];
    own.push(send);
    if (own.length > MOST_SENDS) own.shift();
    sends.set(country, own);
    const { used, limit, windowMs } = budget(country);
    if (used > limit) over(country, { count: used, limit, windowMs });
    else suspect(country);
  }

  function over(country: string, seen: Pick<Density, "count" | "limit" | "windowMs">): void {
    const breach = lasting.get(country);
    if (!breach) {
      const made = begin(country, seen, culpritsOf(country, clock.uptimeMs() - seen.windowMs, clock.uptimeMs()));
      lasting.set(country, made);
      const { most, limit, uncontrolled, by } = made;
      save(made, [
        act(SIGNALBOX, made.beganAt, "country.limit_broken", `country:${country}`, { detail: { most, limit, uncontrolled, by } }),
      ]);
      watchEnd(country);
    } else if (seen.count > breach.most) {
      breach.most = seen.count;
      breach.limit = seen.limit;
      breach.windowMs = seen.windowMs;
      // Who it was is asked once for all that comes meanwhile: thousands of sends may.
      saveSoon(breach);
    }
  }

  function begin(country: string, seen: Pick<Density, "count" | "limit" | "windowMs">, by: Culprit[]): Breach {
    const beganAt = clock.now();
    lastId = Math.max(lastId + 1, Math.floor(beganAt));
    counts.set(country, (counts.get(country) ?? 0) + 1);
    const { count: most, limit, windowMs } = seen;
    log.error(`permits: the limit of ${country} is broken: ${most} of ${limit} in ${windowMs / 1000} s`, { by: by.slice(0, 3) });
    return { id: lastId, country, beganAt, endedAt: null, most, uncontrolled: sum(by), limit, windowMs, by };
  }

  function watchEnd(country: string): void {
    later(END_LOOK_MS, () => {
      const breach = lasting.get(country);
      if (!breach) return;
      const { used, limit } = budget(country);
      if (used > limit) return watchEnd(country);
      lasting.delete(country);
      toldUntil.set(country, clock.uptimeMs());
      end(breach);
    });
  }

  function end(breach: Breach): void {
    breach.endedAt = clock.now();
    const { country, most, limit } = breach;
    save(breach, [act(SIGNALBOX, breach.endedAt, "country.limit_kept", `country:${country}`, { detail: { most, limit } })]);
  }

  function suspect(country: string): void {
    if (lasting.has(country)) return;
    suspects.add(country);
    if (lookingSoon) return;
    lookingSoon = true;
    later(Math.max(LOOK_AFTER_MS, lookedMs + LOOK_GAP_MS - clock.uptimeMs()), () => void look());
  }

  async function look(): Promise<void> {
    const countries = [...suspects].filter((country) => !lasting.has(country));
    suspects.clear();
    const beganMs = clock.uptimeMs();
    try {
      await settled();
      for (const country of countries) await judge(country);
    } catch (error) {
      log.error("permits: could not look whether limits were broken", { error: messageOf(error), countries: countries.length });
    }
    // A look that takes long is taken seldom: a twentieth of the time at most.
    lookedMs = clock.uptimeMs() + 20 * (clock.uptimeMs() - beganMs);
    lookingSoon = false;
    const [next] = suspects;
    if (next !== undefined && !stopped) suspect(next);
  }

  async function judge(country: string): Promise<void> {
    const { openReplay } = await import("./replay.ts");
    const replay = openReplay();
    const now = clock.uptimeMs();
    const { windowMs } = budget(country);
    const since = { bootId: clock.bootId, uptimeMs: now - 2 * windowMs - LONGEST_LEASE_MS };
    for await (const page of ledger.pages({ country, since })) for (const entry of page) replay.add(entry);
    const worst = replay.verdicts()[0]?.worst;
    if (!worst || worst.endUptimeMs <= (toldUntil.get(country) ?? Number.NEGATIVE_INFINITY) || lasting.has(country)) return;
    toldUntil.set(country, now);
    const breach = begin(country, worst, culpritsOf(country, worst.startUptimeMs, worst.endUptimeMs));
    const { most, limit, uncontrolled, by } = breach;
    // Over before it was known: its sends were told late.
    breach.endedAt = breach.beganAt;
    breach.beganAt = Math.floor(worst.startAt + worst.windowMs);
    save(breach, [
      act(SIGNALBOX, clock.now(), "country.limit_broken", `country:${country}`, { detail: { most, limit, uncontrolled, by } }),
    ]);
  }

  function culpritsOf(country: string, fromMs: number, toMs: number): Culprit[] {
    const found = new Map<string, Culprit>();
    for (const { pair, program, session, reason, n, uptimeMs } of sends.get(country) ?? []) {
      if (uptimeMs < fromMs || uptimeMs > toMs) continue;
      const key = [pair, program, session, reason].join("\n");
      const culprit = found.get(key) ?? { pair, program, session, reason, n: 0 };
      culprit.n += n;
      found.set(key, culprit);
    }
    return [...found.values()].sort((a, b) => b.n - a.n).slice(0, MOST_CULPRITS);
  }

  const toSave = new Set<Breach>();
  function saveSoon(breach: Breach): void {
    if (toSave.has(breach)) return;
    toSave.add(breach);
    later(SAVE_GAP_MS, () => {
      if (!toSave.has(breach)) return;
      const now = clock.uptimeMs();
      breach.by = culpritsOf(breach.country, now - breach.windowMs, now);
      breach.uncontrolled = sum(breach.by);
      save(breach, []);
    });
  }

  function save(breach: Breach, acts: Parameters<BreachRows["save"]>[1]): void {
    toSave.delete(breach);
    const copy = structuredClone(breach);
    saving = saving
      .then(() => rows.save(copy, acts))
      .catch((error) => log.error("permits: a broken limit could not be stored", { country: breach.country, error: messageOf(error) }))
      // Whoever is told now finds it in the rows.
      .then(() => changed.publish(breach.country));
  }

  function later(ms: number, run: () => void): void {
    if (stopped) return;
    const disarm = after(ms, () => {
      timers.delete(disarm);
      run();
    });
    timers.add(disarm);
  }

  return {
    hear,
    current: (country) => lasting.get(country) ?? null,
    recent: rows.recent,
    totals: () => counts,
    changed,
    async start() {
      try {
        for (const breach of await rows.open()) {
          if (lasting.has(breach.country)) continue;
          lasting.set(breach.country, breach);
          watchEnd(breach.country);
          changed.publish(breach.country);
        }
      } catch (error) {
        log.error("permits: could not read which limits are broken", { error: messageOf(error) });
      }
    },
    async stop() {
      stopped = true;
      for (const breach of [...toSave]) save(breach, []);
      for (const disarm of timers) disarm();
      timers.clear();
      await saving;
    },
  };
}

function sum(by: readonly Culprit[]): number {
  return by.reduce((total, { n }) => total + n, 0);
}
