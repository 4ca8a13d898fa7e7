/**
 * Permits: who may send now. The questions in their order: is the pair known, is it active, is it held or paused, has its budget a slot.
 * A 'yes' is on disk before it is told. A 'no' has a reason, costs nothing, and is counted by reason; it is not an attempt.
 */

import type { Clock } from "../kernel/clock.ts";
import { AppError, messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import { openTopic, type Topic } from "../kernel/topic.ts";
import type { Directory } from "../pairs/directory.ts";
import type { Pair } from "../pairs/pair.ts";
import { DEFAULT_QUEUE } from "../pairs/program.ts";
import { type After, afterTimeout } from "./deadlines.ts";
import type { Grants, UncontrolledSend } from "./grants.ts";
import type { BudgetName, Limiter, Taken } from "./limiter.ts";
import { localLimiter } from "./local.ts";
import {
  type CountryProof,
  type Grant,
  MAX_WAIT_MS,
  type PermitAnswer,
  type PermitAsk,
  type Permits,
  type RefusalReason,
} from "./permit.ts";
import { type Outcome, openQueue } from "./queue.ts";
import { furthest, messageOfRefusal, openRefusals, refusal } from "./refusals.ts";
import { openSettling } from "./settlement.ts";
import { openTurns, type Turns } from "./turns.ts";
import { leaseEndOf } from "./window.ts";

export const DEFAULT_LEASE_MS = 2_000;

export interface PermitsOptions {
  directory: Directory;
  grants: Grants;
  clock: Clock;
  log: Log;
  leaseMs?: number;
  /** Held by an admin or paused by policy; null when the pair may send. Call `recheck` when its answers change. */
  muted?: (pairId: string) => "held" | "paused" | null;
  bounds?: { house: number; country: number };
  /** What all countries together may send; null: no limit. */
  house?: { limit: number; windowMs: number } | null;
  /** Hundredths of a country's slots that are high priority's while it waits. */
  floorPct?: number;
  /** For tests: timers and the end of a turn. */
  after?: After;
  soon?: (run: () => void) => void;
}

export interface OpenPermits extends Permits {
  /** Looks at limits, pairs and mutes anew, and at everybody who waits. Done by itself when the directory changes. */
  recheck(): void;
  /** Journal sequence up to which results were settled before the start: settle those after it first. */
  mark: number;
  /** Each uncontrolled send that is found; the window holds it already. */
  found: Topic<UncontrolledSend>;
  room: Limiter["room"];
  /** Resolves when what was settled is on disk, or was tried. */
  flushed(): Promise<void>;
}

export async function openPermits(options: PermitsOptions): Promise<OpenPermits> {
  const { directory, grants, clock, log, leaseMs = DEFAULT_LEASE_MS, muted = () => null, after = afterTimeout, house = null } = options;
  const withinMs = Math.max(longestWindowMs(directory), house?.windowMs ?? 0) + Math.max(leaseMs, LONGEST_LEASE_MS);
  const recent = await grants.recent(clock.bootId, clock.uptimeMs(), withinMs);
  const limiter = localLimiter({ directory, grants: { ...grants, record }, clock, leaseMs, house, soon: options.soon }, recent);
  const changed = openTopic<string>((error) => log.error("permits: a listener failed", { error: messageOf(error) }));
  const found = openTopic<UncontrolledSend>((error) => log.error("permits: a listener failed", { error: messageOf(error) }));
  const queue = openQueue({
    limiter,
    now: clock.uptimeMs,
    after,
    turns: turnsAfter(recent.grants, directory, options.floorPct),
    drain: (program) => directory.program(program)?.queue ?? DEFAULT_QUEUE,
    bounds: options.bounds,
    onChange: changed.publish,
  });
  const countryOf = (pairId: string) => directory.pair(pairId)?.country ?? pairId.slice(0, 2);
  const settling = openSettling({ limiter, grants, clock, log, after, countryOf, onChange: moved, onUncontrolled: found.publish }, recent);
  const refusals = openRefusals();
  const unsubscribe = directory.changed.subscribe(recheck);
  let granted = 0;

  function record(...made: Parameters<Grants["record"]>): Promise<void> {
    settling.writeAlong();
    return grants.record(...made);
  }

  function ask(want: PermitAsk): Promise<PermitAnswer> {
    const pairs: Pair[] = [];
    let why: RefusalReason = "unknown_pair";
    for (const id of want.pairs) {
      const answer = usable(id);
      if (typeof answer !== "string") pairs.push(answer);
      else why = furthest(why, answer);
    }
    if (pairs.length === 0) return Promise.resolve(refuse(want, why, null));
    const sender = { program: want.program, session: sessionIdOf(want.session) };
    const outcome = queue.ask(pairs, sender, Math.min(want.waitMs, MAX_WAIT_MS), want.signal);
    return outcome instanceof Promise ? outcome.then((later) => answer(want, later)) : answer(want, outcome);
  }

  /** The pair when it may send, or the first reason why not. */
  function usable(id: string): Pair | RefusalReason {
    const pair = directory.pair(id);
    if (!pair || pair.retiredAt !== null) return pair ? "inactive" : "unknown_pair";
    if (!pair.active || pair.weight === 0) return "inactive";
    return muted(id) ?? pair;
  }

  function answer(want: PermitAsk, outcome: Outcome): Promise<PermitAnswer> {
    if (outcome.kind === "taken") return give(want, outcome.taken);
    if (outcome.kind === "gone") return Promise.resolve(refusal("rate", null, "The caller went away while it waited."));
    return Promise.resolve(refuse(want, outcome.reason, outcome.retryAfterMs, outcome.budget ?? undefined));
  }

  function give(want: PermitAsk, taken: Taken): Promise<PermitAnswer> {
    changed.publish(taken.grant.country);
    return taken.committed.then(
      () => given(want, taken),
      (error) => notStored(want, taken, error),
    );
  }

  function notStored(want: PermitAsk, { grant }: Taken, error: unknown): PermitAnswer {
    settling.abandon(grant);
    log.error("permits: a grant could not be stored, its slot stays used", { country: grant.country, error: messageOf(error) });
    return refuse(want, "limiter_down", (error instanceof AppError && error.details.retryAfterMs) || 1000);
  }

  function given(want: PermitAsk, { grant, remaining }: Taken): PermitAnswer {
    const leftMs = Math.floor(grant.grantedUptimeMs + grant.leaseMs - clock.uptimeMs());
    if (leftMs <= 0 || want.signal?.aborted) {
      settling.abandon(grant);
      return leftMs <= 0 ? refuse(want, "limiter_down", 1000) : refusal("rate", null, "The caller went away before the answer.");
    }
    settling.give(grant);
    granted++;
    const { permitId, pair, grantedUptimeMs, bootId } = grant;
    return { granted: true, permitId, pair, leaseMs: leftMs, remaining, grantedUptimeMs, bootId };
  }

  function refuse({ pairs }: PermitAsk, reason: RefusalReason, retryAfterMs: number | null, budget?: BudgetName): PermitAnswer {
    const country = countryOf(pairs[0] ?? "");
    refusals.count(reason, country);
    return refusal(reason, retryAfterMs, messageOfRefusal(reason, pairs, country, budget), budget);
  }

  /** Sessions are known by id; a token may name one by its label. */
  function sessionIdOf(session: string | null): string | null {
    return session === null ? null : (directory.session(session)?.id ?? session);
  }

  function moved(country: string): void {
    queue.nudge(country);
    changed.publish(country);
  }

  function recheck(): void {
    limiter.recheck();
    queue.recheck(usable);
  }

  function proof(country: string): CountryProof {
    const { limit, windowMs, used, nextFreeMs, slots } = limiter.budget(country);
    const now = clock.uptimeMs();
    const shown = slots.flatMap(({ grant }) => (grant ? [grant] : []));
    return {
      country,
      limit,
      windowMs,
      used,
      nextFreeMs: nextFreeMs === Number.POSITIVE_INFINITY ? 0 : nextFreeMs,
      waiting: queue.waiting(country),
      grants: shown.map((grant) => ({
        permitId: grant.permitId,
        pair: grant.pair,
        program: grant.program,
        session: grant.session,
        ageMs: Math.max(0, now - (grant.bootId === clock.bootId ? grant.grantedUptimeMs : 0)),
        reported: grant.reportedUptimeMs !== null,
        open: grant.reportedUptimeMs === null && !grant.abandoned && leaseEndOf(grant, clock.bootId) > now,
        abandoned: grant.abandoned,
      })),
      uncontrolled: slots.reduce((sum, slot) => sum + (slot.grant ? 0 : slot.n), 0),
      refused: refusals.of(country),
    };
  }

  return {
    mark: recent.mark,
    changed,
    found,
    room: limiter.room,
    shared: limiter.shared,
    nested(id) {
      const pair = directory.pair(id);
      return pair ? limiter.nested(pair) : [];
    },
    ask,
    proof,
    waiters(country) {
      const now = clock.uptimeMs();
      const waiting = queue.waiters(country).map(({ pair, n, sinceMs }) => ({ pair, n, forMs: now - sinceMs }));
      return waiting.sort((a, b) => b.forMs - a.forMs);
    },
    settle: (results) => settling.settle(results.map((result) => ({ ...result, session: sessionIdOf(result.session) }))),
    totals: () => ({ granted, refused: refusals.all(), uncontrolled: settling.uncontrolled() }),
    recheck,
    flushed: settling.flushed,
    close() {
      unsubscribe();
      queue.close();
    },
  };
}

// Grants of a time when the lease was set longer count to the end of their own lease.
const LONGEST_LEASE_MS = 60_000;

function longestWindowMs(directory: Directory): number {
  const seconds = [
    60,
    ...directory.countries().map((country) => country.windowSeconds),
    ...directory.pairs().map((pair) => pair.windowSeconds ?? 0),
    ...directory.gateways().map((gateway) => gateway.windowSeconds),
  ];
  return Math.max(...seconds) * 1000;
}

/** Whose turn it is after a restart: what the last window's grants say, as if high priority had waited all along. */
function turnsAfter(recent: readonly Grant[], directory: Directory, floorPct?: number): Turns {
  const turns = openTurns(floorPct);
  const withHigh = new Set(directory.pairs().flatMap((pair) => (pair.priority ? [pair.country] : [])));
  for (const grant of recent) {
    const pair = directory.pair(grant.pair);
    if (pair) turns.note(pair, withHigh.has(pair.country));
  }
  return turns;
}
