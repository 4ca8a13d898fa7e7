import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { dead, down, endedRun, liveRun, NOON, opened, orphaned, policyOf, viewOf, vital } from "../../tests/cast/views.ts";
import type { View } from "./judge.ts";
import { type PlanOptions, plan } from "./plan.ts";

const options = (more: Partial<PlanOptions> = {}): PlanOptions => ({
  jitter: () => 0.5,
  timeWords: (ms) => new Date(ms).toISOString().slice(11, 19),
  maxStarting: 4,
  lastCountry: "",
  ...more,
});
const many = (n: number, country: (i: number) => string, more: Partial<View> = {}) =>
  Array.from({ length: n }, (_, i) => viewOf({ session: `s_${String(i).padStart(3, "0")}`, country: country(i), ...more }));
const started = (views: readonly View[], more: Partial<PlanOptions> = {}) =>
  plan(views, NOON, options(more)).actions.flatMap((action) => (action.kind === "start" ? [action.session] : []));

describe("starts", () => {
  test("at most four are in flight", () => {
    expect(started(many(20, (i) => (i % 2 ? "UZ" : "IN")))).toHaveLength(4);
    const inFlight = [viewOf({ session: "a", opening: true }), viewOf({ session: "b", run: liveRun(opened) })];
    expect(started([...inFlight, ...many(20, () => "IN")])).toHaveLength(2);
  });

  test("of one country leave a place for the others", () => {
    expect(started(many(20, () => "UZ"))).toHaveLength(3);
    const hanging = ["a", "b", "c"].map((session) => viewOf({ session, run: liveRun(opened) }));
    expect(started([...hanging, ...many(20, (i) => (i < 19 ? "UZ" : "IN"))])).toEqual(["s_019"]);
  });

  test("of a country begin with those that did not just fail", () => {
    const failed = { past: [endedRun({ endedAt: NOON - 60_000 })] };
    const views = many(6, () => "UZ", failed).map((view, i) => (i === 5 ? viewOf({ session: "s_new" }) : view));
    expect(started(views)[0]).toBe("s_new");
  });

  test("a crash loop in one country never keeps another waiting for more than one turn", () => {
    const loop = fc.record({ failing: fc.nat(40), hanging: fc.nat(10), maxStarting: fc.integer({ min: 2, max: 6 }) });
    fc.assert(
      fc.property(loop, ({ failing, hanging, maxStarting }) => {
        // As many hang as the plan itself lets: however long each takes, the healthy session of another country starts at once.
        const hangs = many(Math.min(hanging, maxStarting - 1), () => "UZ", { run: liveRun(opened) });
        const fails = many(failing, () => "UZ", { past: [endedRun({ endedAt: NOON - 60_000 })] });
        const views = [...hangs, ...fails].map((view, i) => ({ ...view, session: `s_${i}` }));
        expect(started([...views, viewOf({ session: "other", country: "IN" })], { maxStarting })).toContain("other");
        expect(started(views, { maxStarting }).length + hangs.length).toBeLessThan(maxStarting);
      }),
    );
  });

  test("go round the countries", () => {
    const views = many(12, (i) => (i < 9 ? "IN" : "UZ"));
    expect(started(views)).toEqual(["s_000", "s_009", "s_001", "s_010"]);
  });

  test("go on with the country after the last one served", () => {
    const views = many(10, (i) => ["AZ", "IN", "TJ", "UA", "UZ"][i % 5]!);
    const first = plan(views, NOON, options({ maxStarting: 3 }));
    expect(first.lastCountry).toBe("TJ");
    const next = plan(views, NOON, options({ maxStarting: 3, lastCountry: first.lastCountry }));
    expect(next.actions.map((action) => action.session)).toEqual(["s_003", "s_004", "s_000"]);
  });

  test("of a country begin with high priority", () => {
    const views = many(6, () => "UZ");
    views[5] = viewOf({ ...vital, session: "s_vital" });
    expect(started(views)[0]).toBe("s_vital");
  });
});

describe("restarts", () => {
  const intent = { kind: "restart" as const, by: "boris", reason: null, at: NOON };
  const twins = (a: Partial<View>, b: Partial<View>) => [
    viewOf({ ...vital, session: "a", ...a }),
    viewOf({ ...vital, session: "b", ...b }),
  ];

  test("of one high-priority pair go one at a time", () => {
    const both = plan(twins({ run: liveRun(), intent }, { run: liveRun(), intent }), NOON, options());
    expect(both.actions.map((action) => [action.kind, action.session])).toEqual([["restart", "a"]]);
    expect(both.verdicts.get("b")).toMatchObject({
      state: "running",
      why: "to be restarted by boris, waits for the other session of UZ_uzmobile",
    });
  });

  test("wait while the other is on its way back", () => {
    for (const other of [{ run: liveRun(opened) }, { opening: true }, { past: [endedRun({ outcome: "stopped" as const })] }])
      expect(plan(twins(other, { run: liveRun(), intent }), NOON, options()).actions.filter((action) => action.kind === "restart")).toEqual(
        [],
      );
  });

  test("of ordinary pairs go together", () => {
    const views = many(3, () => "UZ", { run: liveRun(), intent });
    expect(plan(views, NOON, options()).actions).toHaveLength(3);
  });
});

describe("a wish with an end", () => {
  const until = (state: "up" | "down", at: number) => ({ desired: { ...viewOf().desired, state, until: at } });

  test("turns when it has passed", () => {
    expect(plan([viewOf({ ...down, ...until("down", NOON) })], NOON, options()).actions).toEqual([
      { kind: "flip", session: "s_1", to: "up" },
    ]);
    expect(plan([viewOf({ ...until("up", NOON - 1), run: liveRun() })], NOON, options()).actions).toEqual([
      { kind: "flip", session: "s_1", to: "down" },
    ]);
  });

  test("is looked at again when it passes", () => {
    expect(plan([viewOf({ ...down, ...until("down", NOON + 77) })], NOON, options()).dueAt).toBe(NOON + 77);
  });

  test("never turns high priority down", () => {
    expect(plan([viewOf({ ...vital, ...until("up", NOON - 1), run: liveRun() })], NOON, options()).actions).toEqual([]);
  });
});

test("an unwanted session is asked once, and then waited for", () => {
  const asked = plan([viewOf({ ...down, run: liveRun() })], NOON, options());
  expect(asked.actions).toEqual([{ kind: "stop", session: "s_1", run: "r_2", by: "boris", reason: "lunch", killAt: NOON + 10_000 }]);
  const note = { kind: "stop" as const, by: "boris", reason: "lunch", at: NOON, killAt: NOON + 10_000 };
  expect(plan([viewOf({ ...down, run: liveRun({ stop: note }) })], NOON, options()).actions).toEqual([]);
});

/** Any history, any run, any wish, any policy: whatever high priority has been through. */
const anything = {
  policy: fc.record({
    policy: fc.constantFrom("always" as const, "on-failure" as const, "never" as const),
    firstDelayMs: fc.nat(10_000),
    capMs: fc.nat(600_000),
    stableAfterMs: fc.nat(600_000),
    giveUpAfter: fc.integer({ min: 1, max: 5 }),
    giveUpWindowMs: fc.nat(3_600_000),
  }),
  past: fc.array(
    fc.record({
      outcome: fc.constantFrom("stopped", "success", "interrupted", "lost", "terminal_gone", "refused", "crashed" as const),
      exitCode: fc.constantFrom(null, 0, 1, 3, 75, 78, 126, 127, 130, 137, 143),
      ranMs: fc.nat(700_000),
      startedBy: fc.constantFrom("signalbox", "anna"),
    }),
    { maxLength: 12 },
  ),
  run: fc.option(fc.constantFrom(liveRun(), liveRun(orphaned), liveRun(opened), liveRun({ child: dead.child }))),
  desired: fc.record({
    state: fc.constantFrom("up" as const, "down" as const),
    by: fc.constant("anna"),
    reason: fc.constant(null),
    at: fc.integer({ min: NOON - 10_000_000, max: NOON }),
    until: fc.option(fc.integer({ min: NOON - 1_000, max: NOON + 1_000 })),
  }),
};

test("never stops a high-priority session on its own, and never leaves it down", () => {
  fc.assert(
    fc.property(fc.record(anything), fc.double({ min: 0, max: 1, noNaN: true }), (drawn, jitter) => {
      let at = NOON - 10_000_000;
      const past = drawn.past.map(({ ranMs, ...more }, i) => {
        const startedAt = at;
        at = Math.min(NOON, at + ranMs);
        return endedRun({ ...more, run: `r_${i}`, startedAt, endedAt: at });
      });
      const program = { ...viewOf().program, restart: policyOf(drawn.policy) };
      const view = viewOf({ ...vital, program, past, run: drawn.run, desired: drawn.desired });
      for (const now of [NOON, NOON + 5_000, NOON + 3_600_000]) {
        const { actions, verdicts } = plan([view], now, options({ jitter: () => jitter }));
        const verdict = verdicts.get("s_1")!;
        for (const action of actions) {
          if (action.kind === "flip") expect(action.to).toBe("up");
          // A terminal that opened and whose program never came is no program that is stopped.
          else if (action.kind === "kill") expect(drawn.run?.child).toBeNull();
          else expect(action.kind).toBe("start");
        }
        if (drawn.run) continue;
        expect(["starting", "backoff", "lost"]).toContain(verdict.state);
        const startsAt = verdict.need ? now : verdict.nextTryAt!;
        expect(startsAt - Math.max(now, past.at(-1)?.endedAt ?? now)).toBeLessThanOrEqual(Math.max(200, drawn.policy.capMs));
        if (verdict.need) expect(actions.some((action) => action.kind === "start")).toBe(true);
      }
    }),
    { numRuns: 2_000 },
  );
});

describe("what a schedule restarts", () => {
  const due = (session: string, more: Partial<View> = {}) => viewOf({ session, run: liveRun({ session }), scheduledAt: NOON + 1, ...more });
  const restarted = (views: readonly View[]) => plan(views, NOON, options()).actions.map((action) => action.session);

  test("goes one of a country at a time, at most as many as may start", () => {
    const views = ["AZ", "IN", "TJ", "UA", "UZ"].flatMap((country) => [due(`${country}_1`, { country }), due(`${country}_2`, { country })]);
    expect(restarted(views)).toEqual(["AZ_1", "IN_1", "TJ_1", "UA_1"]);
    const verdicts = plan(views, NOON, options()).verdicts;
    expect(verdicts.get("AZ_2")!.why).toBe("to be restarted as scheduled, waits for another session of AZ");
    expect(verdicts.get("UZ_1")!.why).toBe("to be restarted as scheduled, waits for other restarts");
  });

  test("waits while another of its country is on its way back", () => {
    expect(restarted([viewOf({ session: "a", run: liveRun(opened) }), due("b")])).toEqual([]);
    expect(restarted([viewOf({ session: "a", run: liveRun() }), due("b")])).toEqual(["b"]);
  });

  test("never takes two of one high-priority pair down", () => {
    expect(restarted([due("a", vital), due("b", { ...vital, country: "IN" })])).toEqual(["a"]);
  });
});
