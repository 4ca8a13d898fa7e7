/**
 * The holds in force. Each ends by itself: by the time since boot, so that no clock that jumps makes it longer or shorter; after a reboot
 * by the wall clock, and never later than its whole length from then. A hold is on disk before it is in force, and so outlives a restart.
 */

import { type Act, type Actor, act, SIGNALBOX } from "../kernel/act.ts";
import { type Clock, iso } from "../kernel/clock.ts";
import { invalid, messageOf, notFound } from "../kernel/errors.ts";
import { timeId } from "../kernel/id.ts";
import type { Log } from "../kernel/log.ts";
import { openTopic, type Topic } from "../kernel/topic.ts";
import { type Directory, pairOf } from "../pairs/directory.ts";
import type { Documents } from "../pairs/documents.ts";
import { type After, afterTimeout } from "./deadlines.ts";
import { covers, type Hold, LONGEST_HOLD_MS, SHORTEST_HOLD_MS, scopeOf } from "./hold.ts";

export interface HoldInput {
  /** `all`, a country or a pair that exists. */
  what: string;
  reason: string;
  forMs: number;
}

export interface Holds {
  /** In the order they were made. */
  list(): Hold[];
  /** One that covers the pair, or null. Cheap: every ask looks here. */
  of(pairId: string): Hold | null;
  /** In force when it resolves. What is held already gets the new reason and end. Throws `invalid` and `not_found`. */
  place(input: HoldInput, actor: Actor): Promise<Hold>;
  /** Throws `not_found` when there is no such hold (any more). */
  lift(id: string, actor: Actor, reason?: string | null): Promise<void>;
  /** One came, changed or ended. */
  changed: Topic<void>;
  stop(): void;
}

export interface HoldsOptions {
  documents: Documents;
  directory: Directory;
  clock: Clock;
  log: Log;
  after?: After;
}

/** As it is stored. */
interface Kept extends Omit<Hold, "id"> {
  forMs: number;
  bootId: string;
  startUptimeMs: number;
}

interface Entry {
  kept: Kept;
  version: number;
  endUptimeMs: number;
}

const RETRY_MS = 5_000;

export async function openHolds({ documents, directory, clock, log, after = afterTimeout }: HoldsOptions): Promise<Holds> {
  const entries = new Map<string, Entry>();
  const changed = openTopic<void>((error) => log.error("holds: a listener failed", { error: messageOf(error) }));
  /** Over, but still on disk. */
  let over: { id: string; entry: Entry }[] = [];
  let disarm = () => {};

  for (const { id, version, body } of await documents.load(["hold"])) {
    const kept = body as unknown as Kept;
    const entry = { kept, version, endUptimeMs: endOf(kept) };
    if (entry.endUptimeMs > clock.uptimeMs()) entries.set(id, entry);
    else over.push({ id, entry });
  }

  function endOf({ bootId, startUptimeMs, forMs, until }: Kept): number {
    if (bootId === clock.bootId) return startUptimeMs + forMs;
    return clock.uptimeMs() + Math.min(forMs, until - clock.now());
  }

  function arm(): void {
    disarm();
    disarm = () => {};
    let soonestMs = over.length > 0 ? RETRY_MS : Number.POSITIVE_INFINITY;
    for (const { endUptimeMs } of entries.values()) soonestMs = Math.min(soonestMs, endUptimeMs - clock.uptimeMs());
    if (soonestMs !== Number.POSITIVE_INFINITY) disarm = after(Math.max(0, soonestMs), ring);
  }

  function ring(): void {
    disarm = () => {};
    let ended = false;
    for (const [id, entry] of entries) {
      if (entry.endUptimeMs > clock.uptimeMs()) continue;
      entries.delete(id);
      over.push({ id, entry });
      ended = true;
    }
    if (ended) changed.publish();
    void forget();
    arm();
  }

  /** Takes what is over from the disk. It is in force no more whether or not that succeeds. */
  async function forget(): Promise<void> {
    const gone = over;
    over = [];
    for (const { id, entry } of gone) {
      const { what, reason, by } = entry.kept;
      try {
        await erase(
          id,
          entry,
          act(SIGNALBOX, clock.now(), "hold.end", subjectOf(what), { reason: "its time was over", detail: { reason, by } }),
        );
      } catch (error) {
        log.warn(`holds: the hold of ${what} is over but still on disk`, { error: messageOf(error) });
        over.push({ id, entry });
        arm();
      }
    }
  }

  function erase(id: string, { version }: Entry, told: Act): Promise<void> {
    return documents.commit([{ kind: "hold", id, expected: version, body: null }], [told]);
  }

  function shown(id: string, { kept, endUptimeMs }: Entry): Hold {
    const { scope, what, reason, by, at } = kept;
    return { id, scope, what, reason, by, at, until: clock.now() + endUptimeMs - clock.uptimeMs() };
  }

  function checkInput({ what, reason, forMs }: HoldInput): void {
    const scope = scopeOf(what);
    if (scope === "pair") pairOf(directory, what);
    if (scope === "country" && !directory.countries().some(({ code }) => code === what)) throw notFound(`Country ${what}`);
    if (reason.trim() === "") throw invalid("A hold needs a reason", [{ field: "reason", message: "must say why" }]);
    if (forMs < SHORTEST_HOLD_MS || forMs > LONGEST_HOLD_MS)
      throw invalid("A hold needs an end, at most 24 hours from now", [{ field: "until", message: "must lie in the next 24 hours" }]);
  }

  arm();
  return {
    changed,
    list: () => [...entries].map(([id, entry]) => shown(id, entry)),
    of(pairId) {
      if (entries.size === 0) return null;
      for (const [id, entry] of entries) if (covers(entry.kept, pairId)) return shown(id, entry);
      return null;
    },
    async place(input, actor) {
      checkInput(input);
      const { what, forMs } = input;
      const before = [...entries].find(([, { kept }]) => kept.what === what);
      const now = clock.now();
      const startUptimeMs = clock.uptimeMs();
      const reason = input.reason.trim();
      const id = before?.[0] ?? timeId("h", now);
      const until = now + forMs;
      const kept: Kept = {
        ...{ scope: scopeOf(what), what, reason, by: actor.name, at: before?.[1].kept.at ?? now, until },
        ...{ forMs, bootId: clock.bootId, startUptimeMs },
      };
      const expected = before?.[1].version ?? 0;
      const told = act(actor, now, before ? "hold.change" : "hold.place", subjectOf(what), { reason, detail: { until: iso(until) } });
      await documents.commit([{ kind: "hold", id, expected, body: { ...kept } }], [told]);
      const entry = { kept, version: expected + 1, endUptimeMs: startUptimeMs + forMs };
      entries.set(id, entry);
      arm();
      changed.publish();
      return shown(id, entry);
    },
    async lift(id, actor, reason = null) {
      const entry = entries.get(id);
      if (!entry) throw notFound(`Hold ${id}`);
      await erase(
        id,
        entry,
        act(actor, clock.now(), "hold.lift", subjectOf(entry.kept.what), { reason, detail: { reason: entry.kept.reason } }),
      );
      entries.delete(id);
      arm();
      changed.publish();
    },
    stop: () => disarm(),
  };
}

function subjectOf(what: string): string {
  const scope = scopeOf(what);
  return scope === "all" ? "house:all" : `${scope}:${what}`;
}
