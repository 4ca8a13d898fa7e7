/**
 * Promise 2, tried: random asks, results, uncontrolled sends, crashes, failing disks, reboots and wall clocks that jump by hours, while
 * programs hand over at the worst moment the rules allow. 100,000 steps and more. Never N+1 hand-overs in any interval shorter than the
 * window; never a free slot while somebody waits for it, by a model that knows nothing of the code.
 */

import { expect, test } from "bun:test";
import fc from "fast-check";
import { aCountry, aPair, directoryOf } from "../../tests/cast/directory.ts";
import { type MemoryGrants, memoryGrants } from "../../tests/cast/grants.ts";
import { memoryLedger } from "../../tests/cast/ledger.ts";
import { handTimers, turn } from "../../tests/cast/timers.ts";
import type { Clock } from "../kernel/clock.ts";
import { quiet } from "../kernel/log.ts";
import type { Directory } from "../pairs/directory.ts";
import type { Grants, UncontrolledSend } from "./grants.ts";
import type { PermitAnswer, SettledResult } from "./permit.ts";
import { type OpenPermits, openPermits } from "./permits.ts";
import { openReplay } from "./replay.ts";

const LEASE = 200;
const WINDOW = 1_000;
const LIMITS: Record<string, number> = { UZ: 3, IN: 1 };
/** The pair with a limit of its own: 1 in 1 s inside of UZ's 3. */
const NESTED = "UZ_c";
const PAIRS = ["UZ_a", "UZ_b", NESTED, "IN_a"];
/** A gateway of two countries: 2 in 1 s over both. */
const GATEWAY = { id: "smpp1", limit: 2, pairs: ["UZ_b", "IN_a"] };
const STEPS = 250;
const RUNS = 450;

const step = fc.record({
  kind: fc.constantFrom(
    ...([
      "ask",
      "ask",
      "ask",
      "ask",
      "time",
      "time",
      "time",
      "time",
      "time",
      "leave",
      "send",
      "lie",
      "jump",
      "crash",
      "reboot",
      "disk",
    ] as const),
  ),
  a: fc.nat(10_000),
  b: fc.nat(10_000),
  c: fc.nat(10_000),
});
type Step = { kind: string; a: number; b: number; c: number };

test("never N+1 hand-overs within a window, never idle: over crashes, reboots and clock jumps", async () => {
  const directory = await directoryOf(
    ...Object.entries(LIMITS).map(([code, limit]) => aCountry(code, limit, WINDOW / 1000)),
    { kind: "gateway", value: { id: GATEWAY.id, name: "SMPP", limit: GATEWAY.limit, windowSeconds: WINDOW / 1000, version: 0 } },
    ...PAIRS.map((id, i) =>
      aPair(id, {
        ...{ limit: id === NESTED ? 1 : null, gateway: GATEWAY.pairs.includes(id) ? GATEWAY.id : null },
        ...{ weight: 20 + 100 * i, priority: id === "UZ_b" },
      }),
    ),
  );
  let steps = 0;
  const seen = { granted: 0, crashes: 0, reboots: 0, uncontrolled: 0, waited: 0, replayed: 0, failed: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: STEPS, maxLength: STEPS }), async (script) => {
      const world = await openWorld(directory);
      for (const one of script) {
        await world.take(one);
        world.mustNotIdle();
        steps++;
      }
      await world.end();
      world.mustBeExact();
      await world.mustBeProven();
      for (const key of Object.keys(seen) as (keyof typeof seen)[]) seen[key] += world.seen[key];
    }),
    { numRuns: RUNS, seed: 20_261_120 },
  );
  expect(steps).toBeGreaterThanOrEqual(100_000);
  // A world in which little happens proves little.
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(1_000);
}, 120_000);

/** A slot as the rules of docs/pacing.md see it, in real time that no reboot stops. */
interface Slot {
  permitId: string | null;
  pair: string;
  country: string;
  endMs: number;
  n: number;
  /** A result named it already: no other one moves it. */
  named: boolean;
}

interface HandOver {
  country: string;
  pair: string;
  atMs: number;
}

async function openWorld(directory: Directory) {
  let realMs = 0;
  let wallOffset = Date.UTC(2026, 0, 5);
  let boot = 1;
  let bootedAtMs = -1_000_000;
  let life = 0;
  let dying = false;
  const journal: SettledResult[] = [];
  let model: Slot[] = [];
  const noted = new Set<string>();
  const handOvers: HandOver[] = [];
  const waiting = new Set<{ pair: string; controller: AbortController; life: number }>();
  const seen = { granted: 0, crashes: 0, reboots: 0, uncontrolled: 0, waited: 0, replayed: 0, failed: 0 };
  const disk: MemoryGrants = memoryGrants();
  const timers = handTimers({ uptimeMs: () => realMs, advance: (ms) => (realMs += ms) });
  const programs = new Map<string, string>();
  let fail: string | null = null;
  disk.disk = () => {
    if (dying) return new Promise<void>(() => {});
    if (fail === null) return;
    const message = fail;
    fail = null;
    throw new Error(message);
  };
  // Every slot that is taken goes by here in the turn it is taken, whatever the disk then does with it.
  const watched: Grants = {
    ...disk,
    record(grants, limits) {
      for (const { permitId, pair, country, program, grantedUptimeMs } of grants) {
        programs.set(permitId, program);
        model.push({ permitId, pair, country, endMs: grantedUptimeMs + bootedAtMs + LEASE, n: 1, named: false });
      }
      return disk.record(grants, limits);
    },
  };
  let permits = await open();

  async function open(): Promise<OpenPermits> {
    const bootAtMs = bootedAtMs;
    const clock: Clock = { bootId: `boot-${boot}`, now: () => realMs + wallOffset, uptimeMs: () => realMs - bootAtMs };
    const options = { directory, grants: watched, clock, log: quiet, leaseMs: LEASE, after: timers.after, soon: queueMicrotask };
    const opened = await openPermits(options);
    // In the window at once, on disk a little later.
    opened.found.subscribe(note);
    return opened;
  }

  function ask({ a, b, c }: Step): void {
    const pair = PAIRS[a % PAIRS.length]!;
    const mine = { pair, controller: new AbortController(), life };
    const askedMs = realMs;
    const program = `program${1 + (c % 2)}`;
    waiting.add(mine);
    const request = { pairs: [pair], program, session: null, waitMs: b % 3 === 0 ? 0 : b % 3_000, signal: mine.controller.signal };
    void permits.ask(request).then((answer) => {
      waiting.delete(mine);
      if (mine.life !== life) return; // the answer of a process that was killed reaches nobody
      if (!answer.granted) {
        if (answer.reason === "limiter_down") seen.failed++;
        return;
      }
      seen.granted++;
      if (realMs > askedMs) seen.waited++;
      send(answer, program, b, c);
    });
  }

  /** What the program does with its permit: hands over at the worst moment, and names it in a result or not, at once, late or never. */
  function send(
    { permitId, pair, grantedUptimeMs }: Extract<PermitAnswer, { granted: true }>,
    program: string,
    b: number,
    c: number,
  ): void {
    const leaseEndMs = grantedUptimeMs + bootedAtMs + LEASE;
    const behaviour = b % 5;
    const reportedMs = realMs + [c % 50, c % LEASE, LEASE + (c % 900), Number.POSITIVE_INFINITY, c % 50][behaviour]!;
    const named = behaviour !== 4;
    // Its own result proves the hand-over lay before it; one without an id is bound by the lease alone.
    const latestMs = named ? Math.min(leaseEndMs, reportedMs) : leaseEndMs;
    const moments = [realMs, latestMs, latestMs, realMs + ((c % 97) / 97) * (latestMs - realMs)];
    handOvers.push({ country: pair.slice(0, 2), pair, atMs: moments[(b + c) % 4]! });
    if (reportedMs === Number.POSITIVE_INFINITY) return;
    timers.after(reportedMs - realMs, () => result({ pair, program, permitId: named ? permitId : null, n: 1, at: null }));
  }

  /** The journal has it first, so that a start can replay what was not settled. */
  function result(some: Pick<SettledResult, "pair" | "program" | "permitId" | "n" | "at">): void {
    const one: SettledResult = { ...some, seq: journal.length + 1, session: null, arrivedUptimeMs: realMs - bootedAtMs };
    journal.push(one);
    settle([one]);
  }

  function settle(results: readonly SettledResult[]): void {
    for (const { permitId, program, pair } of results) {
      const slot = permitId === null ? undefined : model.find((one) => one.permitId === permitId);
      if (!slot || slot.named || slot.pair !== pair || programs.get(permitId!) !== program) continue;
      slot.named = true;
      slot.endMs = Math.min(slot.endMs, realMs);
    }
    permits.settle(results);
  }

  async function crash({ a, b, c }: Step): Promise<void> {
    seen.crashes++;
    dying = true; // what is on its way to disk is lost
    if (b % 2) ask({ kind: "ask", a: b, b: 1, c });
    if (c % 2) result({ pair: PAIRS[a % PAIRS.length]!, program: "program9", permitId: null, n: 1, at: null });
    await turn();
    dying = false;
    life++;
    permits.close();
    timers.clear();
    await turn();
    waiting.clear();
    realMs += a % 400;
  }

  /** After a start the disk is the truth: every grant on it counts, also one whose answer nobody got; what is not on it, nobody got. */
  async function start(): Promise<void> {
    permits = await open();
    model = [];
    noted.clear();
    for (const row of disk.rows.values()) {
      const here = row.bootId === `boot-${boot}`;
      const leaseEndMs = bootedAtMs + (here ? row.grantedUptimeMs : 0) + LEASE;
      const endMs = Math.min(leaseEndMs, bootedAtMs + (row.reportedUptimeMs ?? Number.POSITIVE_INFINITY));
      model.push({ permitId: row.permitId, pair: row.pair, country: row.country, endMs, n: 1, named: row.reportedUptimeMs !== null });
    }
    for (const send of disk.sends) note(send);
    const missed = journal.slice(permits.mark);
    seen.replayed += missed.length;
    settle(missed.map((one) => ({ ...one, arrivedUptimeMs: realMs - bootedAtMs })));
    await turn();
  }

  function note(send: UncontrolledSend): void {
    const key = `${send.seq} ${send.reason}`;
    if (noted.has(key)) return;
    noted.add(key);
    const endMs = bootedAtMs + (send.bootId === `boot-${boot}` ? send.uptimeMs : 0);
    if (endMs > realMs) throw new Error(`a send counts from ${endMs}, which is after now`);
    model.push({ permitId: null, pair: send.pair, country: send.country, endMs, n: send.n, named: true });
  }

  return {
    seen,
    async take(one: Step): Promise<void> {
      const { kind, a, b, c } = one;
      if (kind === "ask") ask(one);
      else if (kind === "time") await timers.advance([a % 20, a % 300, a % 300, b % 1_500][c % 4]!);
      else if (kind === "leave") [...waiting][a % Math.max(1, waiting.size)]?.controller.abort();
      else if (kind === "jump") wallOffset += (a - 5_000) * 3_600;
      else if (kind === "send" && c % 2) {
        // A program without permits, whose clock may be hours off either way.
        seen.uncontrolled++;
        const at = [null, realMs + wallOffset - (a % 1_200), realMs + wallOffset + (a - 5_000) * 3_600][b % 3]!;
        result({ pair: PAIRS[a % PAIRS.length]!, program: "program9", permitId: null, n: 1 + (a % 2), at });
      } else if (kind === "lie") {
        // Somebody else's id, and one that was used before or never was.
        const used = [...disk.rows.values()].filter((row) => row.reportedUptimeMs !== null);
        const row = used[a % Math.max(1, used.length)];
        result({ pair: row?.pair ?? "UZ_a", program: "program8", permitId: b % 2 ? (row?.permitId ?? null) : "p_1", n: 1, at: null });
      } else if (kind === "disk" && c % 2) fail = "the disk is full";
      else if (kind === "crash" && c % 3 === 0) {
        await crash(one);
        await start();
      } else if (kind === "reboot" && c % 4 === 0) {
        seen.reboots++;
        await crash(one);
        boot++;
        bootedAtMs = realMs;
        realMs += b % 300;
        if (b % 2) wallOffset += (b - 5_000) * 3_600;
        await start();
      }
      await turn();
    },
    /** By the model alone: whoever waits has no slot. */
    mustNotIdle(): void {
      for (const { pair } of waiting) {
        const country = pair.slice(0, 2);
        const slots = model.filter((slot) => slot.country === country && slot.endMs + WINDOW > realMs);
        const used = sum(slots);
        const own = sum(slots.filter((slot) => slot.pair === pair));
        const through = GATEWAY.pairs.includes(pair)
          ? sum(model.filter((slot) => GATEWAY.pairs.includes(slot.pair) && slot.endMs + WINDOW > realMs))
          : 0;
        if (used < LIMITS[country]! && (pair !== NESTED || own < 1) && through < GATEWAY.limit)
          throw new Error(`idle: ${pair} waits at ${realMs} though ${country} has used ${used}, the pair ${own}, its gateway ${through}`);
      }
    },
    mustBeExact(): void {
      for (const country of Object.keys(LIMITS)) {
        const mine = handOvers.filter((one) => one.country === country);
        check(mine, LIMITS[country]!, country);
      }
      const nested = handOvers.filter((one) => one.pair === NESTED);
      check(nested, 1, NESTED);
      const through = handOvers.filter((one) => GATEWAY.pairs.includes(one.pair));
      check(through, GATEWAY.limit, GATEWAY.id);
    },
    /** The ledger says the same: its permits alone never break a limit, and no window held more hand-overs than its densest. */
    async mustBeProven(): Promise<void> {
      const [permitsOnly, all] = [openReplay(), openReplay()];
      const ledger = memoryLedger(
        disk,
        Array.from({ length: boot }, (_, i) => `boot-${i + 1}`),
      );
      for await (const page of ledger.pages({}))
        for (const entry of page) {
          all.add(entry);
          if (entry.kind !== "uncontrolled") permitsOnly.add(entry);
        }
      for (const { country, worst } of permitsOnly.verdicts())
        if (worst) throw new Error(`the ledger calls ${country} broken: ${JSON.stringify(worst)}`);
      for (const { country, densest } of all.verdicts()) {
        const times = handOvers.filter((one) => one.country === country).map((one) => one.atMs);
        const most = Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + WINDOW - 1e-6).length));
        if (most > (densest?.count ?? 0))
          throw new Error(`${country}: ${most} hand-overs in a window, the ledger's densest has ${densest?.count}`);
      }
    },
    async end(): Promise<void> {
      await timers.advance(2 * WINDOW);
      permits.close();
    },
  };
}

function sum(slots: readonly Slot[]): number {
  return slots.reduce((total, slot) => total + slot.n, 0);
}

function check(handOvers: HandOver[], limit: number, what: string): void {
  const times = handOvers.map((one) => one.atMs).sort((a, b) => a - b);
  for (let i = limit; i < times.length; i++) {
    const span = times[i]! - times[i - limit]!;
    // Real times are sums of fractions: a nanosecond is rounding.
    if (span < WINDOW - 1e-6)
      throw new Error(`${what}: ${limit + 1} hand-overs within ${span} ms, from ${times[i - limit]} to ${times[i]}`);
  }
}
