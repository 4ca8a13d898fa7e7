import { describe, expect, test } from "bun:test";
import { endedRun, NOON, policyOf } from "../../tests/cast/views.ts";
import type { RunMemory } from "./history.ts";
import { failingSince, nextAfter, recentFailures, restartsOf } from "./restarts.ts";

const policy = policyOf({ firstDelayMs: 2_000, capMs: 300_000, stableAfterMs: 600_000, giveUpAfter: 100, giveUpWindowMs: 1_800_000 });

/** Ends one after the other: how long each ran, and what it was. */
function runs(...ends: (Partial<RunMemory> & { ranMs?: number })[]): RunMemory[] {
  let at = NOON;
  return ends.map(({ ranMs = 1_000, ...more }, i) => {
    const startedAt = at;
    at += ranMs;
    return endedRun({ run: `r_${String(i).padStart(4, "0")}`, startedAt, endedAt: at, ...more });
  });
}

function delayMs(past: RunMemory[], jitter = 0.5): number | null {
  const restarts = restartsOf(past, policy);
  const next = nextAfter({ ...restarts, last: restarts.last! }, policy, false, jitter);
  return next.kind === "retry" ? next.at - restarts.last!.endedAt : null;
}

const crashes = (n: number) => runs(...Array.from({ length: n }, () => ({})));

test("the delay doubles from the first one up to the cap", () => {
  expect([1, 2, 3, 4, 5, 8, 9, 50].map((n) => delayMs(crashes(n)))).toEqual([
    2_000, 4_000, 8_000, 16_000, 32_000, 256_000, 300_000, 300_000,
  ]);
});

test("jitter moves it by a fifth either way, never beyond the cap", () => {
  expect(delayMs(crashes(1), 0)).toBe(1_600);
  expect(delayMs(crashes(1), 1)).toBe(2_400);
  expect(delayMs(crashes(20), 1)).toBe(300_000);
});

test("a stable run resets the delay", () => {
  expect(delayMs([...crashes(5), ...runs({ run: "r_9", ranMs: 600_000, endedAt: NOON + 700_000, startedAt: NOON + 100_000 })])).toBe(2_000);
});

describe("a new count begins", () => {
  const since = (more: Partial<RunMemory>) => restartsOf([...crashes(5), ...runs({ run: "r_9", ...more })], policy);

  test("with a start by a person", () => expect(since({ startedBy: "anna" })).toMatchObject({ streak: 1, failures: 1 }));
  test("after a stop on request", () => expect(since({ outcome: "stopped" })).toMatchObject({ streak: 0, failures: 0 }));
  test("but not with a start by signalbox", () => expect(since({})).toMatchObject({ streak: 6, failures: 6 }));
  test("and not with a reboot", () => expect(since({ outcome: "lost" })).toMatchObject({ streak: 5 }));
});

test("only exits inside the window before the last one count for giving up, so that a crashed session stays crashed", () => {
  const early = endedRun({ run: "r_0", startedAt: NOON - 4_000_000, endedAt: NOON - 3_900_000 });
  expect(restartsOf([early, ...crashes(3)], policy).failures).toBe(3);
});

test("the counter people see forgets by the clock", () => {
  expect(recentFailures(crashes(3), policy, NOON + 10_000)).toBe(3);
  expect(recentFailures(crashes(3), policy, NOON + 3_600_000)).toBe(0);
});

test("a finish in a loop is slowed down, but never given up", () => {
  const finished = runs(...Array.from({ length: 20 }, () => ({ outcome: "success" as const, exitCode: 0 })));
  const strict = policyOf({ policy: "always", giveUpAfter: 3 });
  const restarts = restartsOf(finished, strict);
  expect(nextAfter({ ...restarts, last: restarts.last! }, strict, false, 0.5)).toEqual({
    kind: "retry",
    at: restarts.last!.endedAt + strict.capMs,
  });
});

test("a program that exits at once 1,000 times is given up at last, whatever count it was stored with", () => {
  const hasty = policyOf({ policy: "always", firstDelayMs: 0, capMs: 0, giveUpAfter: 100_000, giveUpWindowMs: 86_400_000 });
  const remembered = crashes(1_000).slice(-500);
  const restarts = restartsOf(remembered, hasty);
  expect(nextAfter({ ...restarts, last: restarts.last! }, hasty, false, 0.5)).toMatchObject({ kind: "rest", as: "crashed" });
});

test("no delay is so short that a program which exits at once keeps the machine busy, high priority or not", () => {
  const hasty = policyOf({ policy: "always", firstDelayMs: 0, capMs: 0, giveUpAfter: 500 });
  for (const priority of [false, true]) {
    const next = (ranMs: number) => {
      const restarts = restartsOf(runs({ ranMs }, { ranMs }, { ranMs }), hasty);
      const retry = nextAfter({ ...restarts, last: restarts.last! }, hasty, priority, 0);
      return retry.kind === "retry" && retry.at - restarts.last!.endedAt;
    };
    expect(next(5)).toBe(200);
    // Whoever lived for a while is started again as soon as its policy says: here at once.
    expect(next(1_000)).toBe(0);
  }
});

test("a row of exits begins with the first after somebody's start, after a stable run, after an end that was wanted", () => {
  const by = "signalbox";
  const since = (...ends: Parameters<typeof runs>) => {
    const past = runs(...ends.map((end) => ({ startedBy: by, ...end })));
    const at = failingSince(past, policy);
    return at === null ? null : past.findIndex((run) => run.endedAt === at);
  };
  expect(since()).toBeNull();
  expect(since({}, {}, {})).toBe(0);
  expect(since({}, { startedBy: "anna" }, {})).toBe(1);
  expect(since({}, { ranMs: 600_000 }, {})).toBe(1);
  expect(since({}, { outcome: "success" }, {}, {})).toBe(2);
  expect(since({}, { outcome: "stopped" })).toBeNull();
});
