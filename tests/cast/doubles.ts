/** A fleet, permits and numbers that do as they are told, and documents in memory. */

import type { ExitSeen, Fleet, RunRecord, SessionStatus } from "../../src/fleet/fleet.ts";
import { SAMPLE_MS, type Sample } from "../../src/fleet/samples.ts";
import type { SessionState } from "../../src/fleet/states.ts";
import { reachOf, timelineOf } from "../../src/fleet/timeline.ts";
import type { Act } from "../../src/kernel/act.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { conflict, notFound } from "../../src/kernel/errors.ts";
import { openTopic } from "../../src/kernel/topic.ts";
import type { Directory } from "../../src/pairs/directory.ts";
import type { Documents, StoredDocument } from "../../src/pairs/documents.ts";
import type { CountryProof, Permits } from "../../src/permits/permit.ts";
import type { Counters, FleetNumbers, Numbers, Rate, Tally } from "../../src/results/numbers.ts";

export function memoryDocuments(): Documents {
  const kept = new Map<string, StoredDocument>();
  const acts: Act[] = [];
  return {
    load: async (kinds, ids) => [...kept.values()].filter(({ kind, id }) => kinds.includes(kind) && (ids?.includes(id) ?? true)),
    async commit(changes, written) {
      for (const change of changes) {
        const version = kept.get(`${change.kind}:${change.id}`)?.version ?? 0;
        if (version !== change.expected) throw conflict(`${change.kind} ${change.id} was changed by somebody else`, "changed");
      }
      for (const { kind, id, expected, body } of changes) {
        if (body === null) kept.delete(`${kind}:${id}`);
        else kept.set(`${kind}:${id}`, { kind, id, version: expected + 1, body });
      }
      acts.push(...written);
    },
    acts: async ({ subject, limit }) => {
      const subjects = subject === undefined ? null : [subject].flat();
      return acts
        .toReversed()
        .filter((act) => subjects?.includes(act.subject) ?? true)
        .slice(0, limit);
    },
  };
}

export interface FleetDouble extends Fleet {
  see(sessionId: string, change: Partial<SessionStatus> & { state?: SessionState }): void;
  /** Several at once, as one look of the fleet tells them. */
  seeAll(changes: readonly (readonly [string, Partial<SessionStatus>])[]): void;
  print(sessionId: string, lines: string[]): void;
  asked: string[];
}

/** Of a day: quiet nights, a rush at noon, and a gap in which it did not run. */
function samplesOf(since: number, now: number): Sample[] {
  const samples: Sample[] = [];
  for (let at = since - (since % SAMPLE_MS) + SAMPLE_MS; at < now - SAMPLE_MS; at += SAMPLE_MS) {
    const part = (at - since) / 86_400_000;
    if (part > 0.62 && part < 0.68) continue;
    const cpu = 0.012 + 0.03 * Math.sin(part * Math.PI) ** 2 + 0.004 * Math.sin(at / 240_000);
    samples.push({ at, cpu, memoryBytes: (31 + 22 * (part < 0.65 ? part : part - 0.65)) * 1_048_576 });
  }
  return samples;
}

function actsOf(id: string, now: number): Act[] {
  const told = (agoMs: number, verb: string, more: Partial<Act> = {}): Act => ({
    ...{ at: now - agoMs, actor: "anna", from: "127.0.0.1", verb, subject: `session:${id}`, reason: null, detail: null },
    ...more,
  });
  return [
    told(1_200_000, "program.update", { subject: "program:program1", actor: "boris" }),
    told(2_400_000, "session.thaw", { actor: "signalbox", reason: "held still since 16 s" }),
    told(2_416_000, "session.freeze", { actor: "signalbox" }),
    told(7_201_000, "session.start", { reason: "gateway is back" }),
    told(9_000_000, "session.stop", { actor: "token:billing", reason: "no credit at the gateway" }),
  ];
}

/** Shows what it is told. With `obeys`, wishes of the directory come true at once. */
export function fleetDouble(directory: Directory, clock: Clock, obeys = true): FleetDouble {
  const seen = new Map<string, SessionStatus>();
  const outputs = new Map<string, string[]>();
  const followers = new Map<string, Set<(lines: string[]) => void>>();
  const changed = openTopic<readonly string[]>();
  const asked: string[] = [];
  let pids = 4100;

  function keep(id: string, change: Partial<SessionStatus>): void {
    seen.set(id, { ...(seen.get(id) ?? blank(id, clock.now())), ...change, observedAt: clock.now() });
  }
  function run(id: string): Partial<SessionStatus> {
    pids += 3;
    return {
      ...blank(id, clock.now()),
      state: "running",
      why: "runs",
      run: `r_${pids}`,
      pid: pids,
      screenPid: pids - 1,
      startedAt: clock.now(),
      cpu: 0.004,
      memoryBytes: 14_200_000,
    };
  }
  const halted = (id: string): Partial<SessionStatus> => ({
    ...blank(id, clock.now()),
    state: "stopped",
    why: "not wanted up, and not running",
  });

  async function runsOf(id: string): Promise<RunRecord[]> {
    const status = seen.get(id);
    const ended: RunRecord = {
      run: "r_1",
      session: id,
      startedAt: clock.now() - 7_200_000,
      startedBy: "anna",
      reason: "first start",
      pid: 4021,
      endedAt: clock.now() - 3_600_000,
      exitCode: 137,
      exitWords: "killed by signal 9 (KILL)",
      outcome: "crashed",
      endedBy: null,
      endReason: null,
      lastLines: ["Traceback (most recent call last):", '  File "send.py", line 12, in <module>', "ConnectionRefusedError"],
    };
    if (!status?.pid || status.startedAt === null) return [ended];
    return [
      {
        ...ended,
        run: "r_2",
        startedAt: status.startedAt,
        startedBy: "signalbox",
        reason: "retry",
        endedAt: null,
        exitCode: null,
        exitWords: null,
        outcome: null,
      },
      ended,
    ];
  }

  directory.changed.subscribe((changes) => {
    if (!obeys) return;
    const ids = changes.flatMap(({ kind, id }) => (kind === "session" ? [id] : []));
    for (const id of ids) {
      const session = directory.session(id);
      const up = session?.desired.state === "up" && session.retiredAt === null;
      if (up && seen.get(id)?.pid == null) keep(id, run(id));
      else if (!up) keep(id, halted(id));
    }
    if (ids.length > 0) changed.publish(ids);
  });

  return {
    status: (id) => seen.get(id),
    state: (id) => seen.get(id)?.state,
    all: () => [...seen.values()],
    changed,
    asked,
    see(id, change) {
      keep(id, change);
      changed.publish([id]);
    },
    seeAll(changes) {
      for (const [id, change] of changes) keep(id, change);
      changed.publish(changes.map(([id]) => id));
    },
    print(id, lines) {
      outputs.set(id, [...(outputs.get(id) ?? []), ...lines].slice(-400));
      for (const follower of followers.get(id) ?? []) follower(lines);
    },
    async restart(id) {
      asked.push(`restart ${id}`);
      keep(id, run(id));
      changed.publish([id]);
    },
    async retryNow(id) {
      asked.push(`retry ${id}`);
      keep(id, run(id));
      changed.publish([id]);
    },
    async thaw(id) {
      asked.push(`thaw ${id}`);
      keep(id, { state: "running", why: "started by anna" });
      changed.publish([id]);
    },
    async surrender(id) {
      asked.push(`surrender ${id}`);
      keep(id, { state: "crashed", why: "exit code 1; given up by anna", nextTryAt: null });
      changed.publish([id]);
    },
    timeline: async (id, page) => timelineOf(await runsOf(id), actsOf(id, clock.now()), 0, reachOf(page)),
    samples: async (id, since) => (seen.get(id) ? samplesOf(since, clock.now()) : []),
    history: runsOf,
    async rename(id) {
      const session = directory.session(id);
      if (!session) throw notFound(`Session ${id}`);
      return { session, shown: true };
    },
    output: async (id, { tail }) => (outputs.get(id) ?? []).slice(-tail),
    outputs: {
      runs: (id) => (outputs.has(id) ? [{ run: "r_2", bytes: (outputs.get(id) ?? []).join("\n").length }] : []),
      stretch: (id, { lines }) => ({ run: outputs.has(id) ? "r_2" : null, lines: (outputs.get(id) ?? []).slice(-lines), earlier: null }),
      async search(id, { text, most }) {
        const found = (outputs.get(id) ?? []).map((line, i) => ({ number: i + 1, text: line, matches: line.toLowerCase().includes(text) }));
        const matching = found.filter((line) => line.matches);
        return { run: "r_2", matches: matching.length, places: matching.slice(-most).map((line) => [line]) };
      },
      text: (id) => ({
        run: "r_2",
        pieces: (async function* () {
          yield (outputs.get(id) ?? []).map((line) => `${line}\n`).join("");
        })(),
      }),
    },
    follow(id, onLines) {
      const own = followers.get(id) ?? new Set();
      followers.set(id, own.add(onLines));
      return () => own.delete(onLines);
    },
  };
}

function blank(session: string, at: number): SessionStatus {
  return {
    session,
    state: "stopped",
    why: "",
    run: null,
    pid: null,
    screenPid: null,
    startedAt: null,
    exit: null,
    restarts: 0,
    nextTryAt: null,
    killAt: null,
    lastLines: [],
    cpu: null,
    memoryBytes: null,
    failingSince: null,
    runsAs: null,
    adopted: false,
    restartPending: false,
    codeChanged: null,
    observedAt: at,
  };
}

export function crashedExit(at: number): ExitSeen {
  return { code: 1, words: "exit code 1", at };
}

export interface PermitsDouble extends Pick<Permits, "proof" | "totals" | "waiters" | "shared" | "changed"> {
  grant(country: string, pair: string): boolean;
  refused: Record<string, number>;
}

/** Windows by the wall clock of the double: enough to be looked at. */
export function permitsDouble(directory: Directory, clock: Clock): PermitsDouble {
  const grants: { permitId: string; country: string; pair: string; at: number }[] = [];
  const refused: Record<string, number> = {};
  const inWindow = (country: string, windowMs: number) =>
    grants.filter((grant) => grant.country === country && clock.now() - grant.at < windowMs);
  const changed = openTopic<string>();
  return {
    refused,
    changed,
    grant(country, pair) {
      const { limit, windowSeconds } = directory.country(country);
      if (inWindow(country, windowSeconds * 1000).length >= limit) {
        refused.rate = (refused.rate ?? 0) + 1;
        return false;
      }
      grants.push({ permitId: `p_${grants.length}`, country, pair, at: clock.now() });
      changed.publish(country);
      return true;
    },
    proof(country): CountryProof {
      const { limit, windowSeconds } = directory.country(country);
      const windowMs = windowSeconds * 1000;
      const own = inWindow(country, windowMs);
      const oldest = own[0];
      const full = own.length >= limit;
      return {
        country,
        limit,
        windowMs,
        used: own.length,
        nextFreeMs: full && oldest ? windowMs - (clock.now() - oldest.at) : 0,
        waiting: full ? country.charCodeAt(0) % 3 : 0,
        grants: own.map((grant) => ({
          permitId: grant.permitId,
          pair: grant.pair,
          program: "program1",
          session: directory.sessionsOfPair(grant.pair)[0]?.id ?? null,
          ageMs: clock.now() - grant.at,
          reported: clock.now() - grant.at > 3000,
          open: clock.now() - grant.at < 2000,
          abandoned: false,
        })),
        uncontrolled: 0,
        refused,
      };
    },
    waiters(country) {
      const { limit, windowSeconds } = directory.country(country);
      if (inWindow(country, windowSeconds * 1000).length < limit) return [];
      const pairs = directory.pairs().filter((pair) => pair.country === country);
      return pairs.slice(0, country.charCodeAt(0) % 3).map((pair, i) => ({ pair: pair.id, n: 1 + i, forMs: 41_000 - 13_000 * i }));
    },
    shared: () => ({
      gateways: Object.fromEntries(
        directory.gateways().flatMap(({ id, limit, windowSeconds }) => {
          if (limit === null) return [];
          const own = grants.filter(({ pair, at }) => directory.pair(pair)?.gateway === id && clock.now() - at < windowSeconds * 1000);
          const nextFreeMs = own.length < limit ? 0 : windowSeconds * 1000 - (clock.now() - own[0]!.at);
          return [[id, { limit, windowMs: windowSeconds * 1000, used: own.length, nextFreeMs }]];
        }),
      ),
      house: null,
    }),
    totals: () => ({ granted: grants.length, refused, uncontrolled: 0 }),
  };
}

export interface CountersDouble extends Counters {
  set(pair: string, successPct: number, n: number): void;
  sent(pair: string, n?: number): void;
}

export function countersDouble(directory: Directory, clock: Clock): CountersDouble {
  const pairs = new Map<string, { success: number; n: number; sends: number[]; version: number }>();
  const changed = openTopic<readonly string[]>();
  const of = (id: string) => {
    const own = pairs.get(id) ?? { success: 0, n: 0, sends: [], version: 0 };
    pairs.set(id, own);
    return own;
  };
  function numbers(ids: readonly string[]): Numbers {
    const all = ids.map(of);
    const n = all.reduce((sum, own) => sum + own.n, 0);
    const delivered = all.reduce((sum, own) => sum + own.n * own.success, 0);
    const recent = all.reduce((sum, own) => sum + own.sends.filter((at) => clock.now() - at < 60_000).length, 0);
    const total: Tally = {
      attempts: n,
      sent: n,
      delivered: Math.round(delivered),
      undelivered: Math.round(n - delivered),
      failed: 0,
      blocked: 0,
      pending: 0,
    };
    return {
      total,
      sentLastMinute: recent,
      rate: rateOf(n === 0 ? 0 : delivered / n, n),
      latency: n === 0 ? null : { p50Ms: 2100, p90Ms: 6200, p99Ms: 31_000, n },
      lastSendAt: null,
      lastReceiptAt: null,
      errors:
        n === 0
          ? []
          : [
              { code: "absent", n: 112 },
              { code: "filtered", n: 61 },
              { code: "unknown", n: 40 },
            ],
    };
  }
  return {
    changed,
    set(pair, successPct, n) {
      const own = of(pair);
      Object.assign(own, { success: successPct / 100, n, version: own.version + 1 });
    },
    sent(pair, n = 1) {
      const own = of(pair);
      own.n += n;
      own.version++;
      for (let i = 0; i < n; i++) own.sends.push(clock.now());
      changed.publish([pair]);
    },
    pair: (id) => numbers([id]),
    glance: (id) => numbers([id]),
    version: (id) => of(id).version,
    session: (id) => numbers((directory.session(id)?.pairs ?? []).slice(0, 1)),
    country: (code) => numbers(directory.pairs().flatMap((pair) => (pair.country === code ? [pair.id] : []))),
    operator: (slug) => numbers(directory.pairs().flatMap((pair) => (pair.operator === slug ? [pair.id] : []))),
    program: () => numbers([]),
    seen: () => ({ pairs: [...pairs.keys()], countries: [], operators: [], programs: [] }),
    fleet(): FleetNumbers {
      const own = numbers(directory.pairs().map((pair) => pair.id));
      return { ...own, last15: own.total };
    },
  };
}

/** Wilson's 95% interval. */
function rateOf(value: number, n: number): Rate {
  if (n < 30) return { kind: "insufficient", n, needed: 30 };
  const z = 1.96;
  const middle = (value + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z * Math.sqrt((value * (1 - value)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
  return { kind: "rate", value, lower: middle - half, upper: middle + half, n, windowMs: 900_000, maturityMs: 30_000, basis: "receipts" };
}
