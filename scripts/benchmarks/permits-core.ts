/** The limiter without HTTP: its decision beside a bare ring buffer, and how soon a free slot is used when a thousand wait. */

import { systemClock } from "../../src/adapters/linux/libc.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { quiet } from "../../src/kernel/log.ts";
import { openDirectory } from "../../src/pairs/directory.ts";
import { createPair, pairIdOf } from "../../src/pairs/pair.ts";
import type { Grants } from "../../src/permits/grants.ts";
import { localLimiter } from "../../src/permits/local.ts";
import type { Grant } from "../../src/permits/permit.ts";
import { openPermits } from "../../src/permits/permits.ts";
import { openWindow } from "../../src/permits/window.ts";

export interface DecisionRates {
  /** Decisions a second: a Float64Array of the last ten grants, nothing else. */
  ring: number;
  /** The exact window, with its slots sorted by their end. */
  window: number;
  /** Through the port: limits of the directory, nested windows, the permit itself, the batch for the disk. */
  port: number;
}

export interface SlotUse {
  /** ms from a slot coming free to its permit being granted. */
  p50Ms: number;
  p99Ms: number;
  slots: number;
  /** Share of one core spent while they waited. */
  cores: number;
}

const LIMIT = 10;
const WINDOW_MS = 60_000;
const LEASE_MS = 2_000;
// Half of the asks find a slot: neither path is left out.
const STEP_MS = (WINDOW_MS + LEASE_MS) / LIMIT / 2;

export async function measureDecisions(forMs = 500): Promise<DecisionRates> {
  const pair = createPair({ country: "UZ", operator: "uzmobile" }, 0);
  const country = { code: "UZ", name: "Uzbekistan", limit: LIMIT, windowSeconds: WINDOW_MS / 1000, version: 0 };
  const directory = await directoryOf([
    { kind: "country", value: country },
    { kind: "pair", value: pair },
  ]);
  let now = 1_000_000;
  const clock: Clock = { bootId: "bench", now: () => now, uptimeMs: () => now };
  const sender = { program: "program1", session: null };
  let toDisk: (() => void)[] = [];

  const ring = new Float64Array(LIMIT).fill(Number.NEGATIVE_INFINITY);
  let next = 0;
  const askRing = () => {
    now += STEP_MS;
    if (ring[next]! + WINDOW_MS + LEASE_MS > now) return;
    ring[next] = now;
    next = (next + 1) % LIMIT;
  };
  const window = openWindow(LIMIT, WINDOW_MS);
  const nobody = { permitId: "p_1" } as Grant;
  const askWindow = () => {
    now += STEP_MS;
    if (window.hasRoom(now)) window.take(nobody, now + LEASE_MS);
  };
  const limiter = localLimiter(
    { directory, grants: forgetful, clock, leaseMs: LEASE_MS, soon: (run) => toDisk.push(run) },
    { grants: [], uncontrolled: [], last: 0, limits: [] },
  );
  const askPort = () => {
    now += STEP_MS;
    limiter.take(pair, sender);
  };
  const hand = () => {
    for (const run of toDisk) run();
    toDisk = [];
  };
  // In turn, so that a slow moment of the machine is everybody's.
  const best: DecisionRates = { ring: 0, window: 0, port: 0 };
  for (let round = 0; round < 3; round++) {
    best.ring = Math.max(best.ring, rate(askRing, hand, forMs / 3));
    best.window = Math.max(best.window, rate(askWindow, hand, forMs / 3));
    best.port = Math.max(best.port, rate(askPort, hand, forMs / 3));
  }
  return best;
}

const BATCH = 1_000;

function rate(decide: () => void, turn: () => void, forMs: number): number {
  const began = performance.now();
  let count = 0;
  while (performance.now() - began < forMs) {
    for (let i = 0; i < BATCH; i++) decide();
    turn();
    count += BATCH;
  }
  return (count / (performance.now() - began)) * 1000;
}

/** `waiters` over `countries`, each with one slot a second: every grant lets its asker wait again. */
export async function measureSlotUse(forMs = 5_000, waiters = 1_000, countries = 100): Promise<SlotUse> {
  const codes = Array.from({ length: countries }, (_, i) => String.fromCharCode(65 + Math.floor(i / 26), 65 + (i % 26)));
  const directory = await directoryOf(
    codes.flatMap((code) => [
      { kind: "country" as const, value: { code, name: code, limit: 1, windowSeconds: 1, version: 0 } },
      { kind: "pair" as const, value: createPair({ country: code, operator: "one" }, 0) },
    ]),
  );
  const clock = systemClock();
  const leaseMs = 50;
  const permits = await openPermits({ directory, grants: forgetful, clock, log: quiet, leaseMs });
  const late: number[] = [];
  const lastGrant = new Map<string, number>();
  let over = false;

  async function wait(pair: string): Promise<void> {
    while (!over) {
      const answer = await permits.ask({ pairs: [pair], program: "program1", session: null, waitMs: 60_000 });
      if (!answer.granted) return;
      const before = lastGrant.get(pair);
      if (before !== undefined) late.push(answer.grantedUptimeMs - (before + leaseMs + 1_000));
      lastGrant.set(pair, answer.grantedUptimeMs);
    }
  }

  const pairs = Array.from({ length: waiters }, (_, i) => pairIdOf(codes[i % countries]!, "one"));
  const waits = pairs.map(wait);
  const began = performance.now();
  const spent = process.cpuUsage();
  await Bun.sleep(forMs);
  const { user, system } = process.cpuUsage(spent);
  const cores = (user + system) / 1000 / (performance.now() - began);
  over = true;
  permits.close();
  await Promise.all(waits);
  late.sort((a, b) => a - b);
  const at = (share: number) => late[Math.min(late.length - 1, Math.floor(late.length * share))] ?? Number.NaN;
  return { p50Ms: at(0.5), p99Ms: at(0.99), slots: late.length, cores };
}

const forgetful: Grants = {
  record: async () => {},
  settle: async () => {},
  recent: async () => ({ grants: [], uncontrolled: [], unreported: [], mark: 0, last: 0, limits: [] }),
  find: async () => [],
  prune: async () => 0,
};

async function directoryOf(changes: Parameters<Awaited<ReturnType<typeof openDirectory>>["commit"]>[0]) {
  const directory = await openDirectory({ load: async () => [], commit: async () => {}, acts: async () => [] });
  await directory.commit(changes, []);
  return directory;
}

if (import.meta.main) {
  const rates = await measureDecisions();
  const ratio = (figure: number) => `${(figure / rates.ring).toFixed(2)}x`;
  console.log(`ring ${Math.round(rates.ring)}/s, window ${ratio(rates.window)}, through the port ${ratio(rates.port)}`);
  const use = await measureSlotUse();
  console.log(
    `slots used after p50 ${use.p50Ms.toFixed(2)} ms, p99 ${use.p99Ms.toFixed(2)} ms (${use.slots}), ${(use.cores * 100).toFixed(1)}% of a core`,
  );
}
