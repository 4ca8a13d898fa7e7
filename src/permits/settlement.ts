/**
 * Results against permits, in the journal's order: each hand-over uses up a permit, and one that has none is uncontrolled, with its reason.
 * What was found is in memory at once and on disk soon after, together with the mark from which a restart asks for the rest again.
 */

import type { Clock } from "../kernel/clock.ts";
import { messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import { openRecent } from "../kernel/recent.ts";
import type { After } from "./deadlines.ts";
import type { Grants, Recent, UncontrolledReason, UncontrolledSend } from "./grants.ts";
import type { Limiter } from "./limiter.ts";
import type { Grant, SettledResult } from "./permit.ts";
import { openUnreported } from "./unreported.ts";
import { openUnwritten } from "./unwritten.ts";
import { leaseEndOf } from "./window.ts";

/** How far past its lease a hand-over may lie by the program's own time before it is called late: clocks and rounding. */
export const LATE_TOLERANCE_MS = 2_000;
const REMEMBERED = 10_000;

export interface Settling {
  /** A permit that was given out: some result will use it up. */
  give(grant: Grant): void;
  /** A permit that nobody got: no result can mean it. */
  abandon(grant: Grant): void;
  settle(results: readonly SettledResult[]): void;
  uncontrolled(): number;
  /** What was settled goes to disk with what is written in this turn. */
  writeAlong(): void;
  /** Resolves when everything settled so far has been tried to be put on disk. */
  flushed(): Promise<void>;
}

export interface SettlingOptions {
  limiter: Limiter;
  grants: Grants;
  clock: Clock;
  log: Log;
  after: After;
  countryOf: (pairId: string) => string;
  onChange: (country: string) => void;
  /** One more in the window. */
  onUncontrolled?: (send: UncontrolledSend) => void;
}

export function openSettling(options: SettlingOptions, recent: Pick<Recent, "grants" | "unreported" | "mark">): Settling {
  const { limiter, grants, clock, log, after, countryOf, onChange, onUncontrolled = () => {} } = options;
  const unreported = openUnreported();
  for (const grant of recent.unreported) unreported.add(grant);
  /** By program and pair, when the lease of the newest permit ends: tells a surplus from a program that never asks, whatever the log holds. */
  const lastLeaseEnds = new Map<string, Map<string, number>>();
  for (const grant of recent.grants) noteLease(grant);
  /** Ids seen lately that are not in `unreported`: used up, or looked up on disk; null when there is no such permit. */
  const known = openRecent<Grant | null>(REMEMBERED);
  /** Permits that a result without an id used up: which message that was is a guess, until a result names the permit. */
  const guessed = openRecent<true>(REMEMBERED);
  const settledSeqs = openRecent<true, number>(REMEMBERED);
  let queue: SettledResult[] = [];
  let looking = false;
  const unwritten = openUnwritten({ grants, log, after, limiter });
  let uncontrolled = 0;

  function settle(results: readonly SettledResult[]): void {
    queue.push(...results);
    if (!looking) work();
  }

  /** Strictly in order: a result behind one whose permit must be looked up on disk waits for it. */
  function work(): void {
    let at = 0;
    for (; at < queue.length; at++) {
      const result = queue[at]!;
      if (isUnknown(result)) break;
      apply(result);
    }
    queue = queue.slice(at);
    if (queue.length > 0) void lookUp();
    unwritten.writeSoon();
  }

  /** It names a permit of which only the disk can tell. */
  function isUnknown({ permitId, program, pair }: SettledResult): boolean {
    return permitId !== null && !unreported.get(permitId, program, pair) && known.get(permitId) === undefined;
  }

  async function lookUp(): Promise<void> {
    looking = true;
    const ids = [...new Set(queue.flatMap((result) => (isUnknown(result) ? [result.permitId!] : [])))];
    try {
      const found = new Map((await grants.find(ids)).map((grant) => [grant.permitId, grant]));
      for (const id of ids) known.set(id, found.get(id) ?? null);
    } catch (error) {
      // In doubt it counts as uncontrolled: that can only make the window fuller.
      log.error("permits: could not look up permits that results name", { error: messageOf(error), permits: ids.length });
      for (const id of ids) known.set(id, null);
    }
    looking = false;
    work();
  }

  function apply(result: SettledResult): void {
    if (result.seq <= recent.mark || settledSeqs.get(result.seq)) return;
    settledSeqs.set(result.seq, true);
    let left = result.n;
    if (result.permitId !== null && left > 0) {
      const why = applyNamed(result, result.permitId);
      if (why) addUncontrolled(result, 1, why);
      left--;
    }
    while (left > 0 && guess(result)) left--;
    if (left > 0) addUncontrolled(result, left, hadPermits(result) ? "surplus" : "no_permit");
    unwritten.moveMark(result.seq);
    onChange(countryOf(result.pair));
  }

  /** Uses up the oldest permit that fits; false when there is none. */
  function guess({ program, pair, session, arrivedUptimeMs }: SettledResult): boolean {
    const grant = unreported.oldest(program, pair, session);
    if (!grant) return false;
    // Which message this was is not known, so the slot keeps its lease: only a result that names its permit frees it early.
    use(grant, Math.max(arrivedUptimeMs, leaseEndOf(grant, clock.bootId)));
    guessed.set(grant.permitId, true);
    return true;
  }

  /** Uses up the permit a result names; answers why not. */
  function applyNamed(result: SettledResult, permitId: string): UncontrolledReason | null {
    const grant = unreported.get(permitId, result.program, result.pair) ?? known.get(permitId);
    if (!grant || grant.program !== result.program || grant.pair !== result.pair) return "foreign";
    const wrongGuess = guessed.get(permitId) === true;
    guessed.delete(permitId);
    if (grant.reportedUptimeMs !== null && !wrongGuess) return "reused";
    const late = isLate(grant, result);
    const leaseEnd = leaseEndOf(grant, clock.bootId);
    const now = clock.uptimeMs();
    // An arrival outside of what is possible comes from a replay that reckoned with a wall clock: now is always safe.
    const possible = result.arrivedUptimeMs <= now && (grant.bootId !== clock.bootId || result.arrivedUptimeMs >= grant.grantedUptimeMs);
    const arrivedMs = possible ? result.arrivedUptimeMs : now;
    use(grant, late ? Math.max(arrivedMs, leaseEnd) : arrivedMs);
    if (!late) limiter.report(grant, arrivedMs);
    if (late) return "late";
    // The guess was another message: that one takes the next permit, and is a surplus when there is none.
    return wrongGuess && !guess(result) ? "surplus" : null;
  }

  function isLate(grant: Grant, { at: told, handedOverAt: at = told, arrivedUptimeMs }: SettledResult): boolean {
    if (at === null) return false;
    const byGrant = at - (grant.grantedAt + grant.leaseMs);
    if (grant.bootId !== clock.bootId) return byGrant > LATE_TOLERANCE_MS;
    // Three ways to tell how late; a clock that jumped between grant and now spoils at most two, so all must agree.
    const leaseEnd = leaseEndOf(grant, clock.bootId);
    const byNow = clock.uptimeMs() - (clock.now() - at) - leaseEnd;
    const byArrival = arrivedUptimeMs - leaseEnd;
    return Math.min(byGrant, byNow, byArrival) > LATE_TOLERANCE_MS;
  }

  function use(grant: Grant, uptimeMs: number): void {
    grant.reportedUptimeMs = uptimeMs;
    unreported.remove(grant);
    known.set(grant.permitId, grant);
    unwritten
      .next()
      .reports.push({ permitId: grant.permitId, uptimeMs, ...(grant.bootId === clock.bootId ? {} : { bootId: clock.bootId }) });
  }

  function addUncontrolled(
    { pair, program, session, at, arrivedUptimeMs, seq }: SettledResult,
    n: number,
    reason: UncontrolledReason,
  ): void {
    const country = countryOf(pair);
    const now = clock.uptimeMs();
    const windowMs = limiter.windowMs(country);
    const ageMs = at === null ? now - arrivedUptimeMs : clock.now() - at;
    const uptimeMs = now - Math.min(windowMs, Math.max(0, ageMs));
    const wall = clock.now();
    const countedAt = wall - (now - uptimeMs);
    const { bootId } = clock;
    const send: UncontrolledSend = { country, pair, program, session, reason, bootId, uptimeMs, n, at: at ?? wall, countedAt, seq };
    limiter.addUncontrolled(send);
    unwritten.next().uncontrolled.push(send);
    uncontrolled += n;
    onUncontrolled(send);
  }

  function noteLease(grant: Grant): void {
    lastLeaseEnds.getOrInsertComputed(grant.program, () => new Map<string, number>()).set(grant.pair, leaseEndOf(grant, clock.bootId));
  }

  function hadPermits({ pair, program }: SettledResult): boolean {
    const leaseEnd = lastLeaseEnds.get(program)?.get(pair);
    return leaseEnd !== undefined && leaseEnd + limiter.windowMs(countryOf(pair)) > clock.uptimeMs();
  }

  return {
    give(grant) {
      unreported.add(grant);
      noteLease(grant);
    },
    abandon(grant) {
      grant.abandoned = true;
      unreported.remove(grant);
      unwritten.next().abandoned.push(grant.permitId);
      unwritten.writeSoon();
    },
    settle,
    uncontrolled: () => uncontrolled,
    writeAlong: unwritten.writeAlong,
    async flushed() {
      while (looking) await new Promise((resolve) => setImmediate(resolve));
      await unwritten.flush();
    },
  };
}
