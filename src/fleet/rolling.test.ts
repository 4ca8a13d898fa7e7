import { describe, expect, test } from "bun:test";
import type { Operation, Step, StepState } from "./operation.ts";
import { ANSWER_WITHIN_MS, advance, halt, type Look } from "./rolling.ts";

const NOW = 1_000_000;
const desired = { state: "up" as const, by: "anna", reason: null, at: 0, until: null };

function step(name: string, change: Partial<Step> = {}): Step {
  return {
    ...{ session: name, name, country: "UZ", priority: false, lane: "rolling", batch: 0, state: "waiting", why: null },
    ...{ before: desired, wish: null, run: null, askedAt: null, seenRun: null, seenAt: null },
    ...change,
  };
}

function operation(steps: Step[], change: Partial<Operation> = {}): Operation {
  return {
    ...{ id: "o_1", action: "restart", rolling: "session", settleMs: 10_000, width: 100, filter: { all: true }, by: "anna", from: "self" },
    ...{ reason: null, until: null, state: "running", why: null, createdAt: 0, endedAt: null, bootId: "b", wordAt: 0, undoes: null },
    ...{ undoneBy: null, steps },
    ...change,
  };
}

function looks(seen: Record<string, Partial<Look>>) {
  return (session: string): Look => ({ desired, state: "running", why: "runs", run: "r_old", ...seen[session] });
}

const states = (found: Operation): StepState[] => found.steps.map(({ state }) => state);

describe("who is asked next", () => {
  const rows: [string, Step[], Partial<Operation>, string[]][] = [
    ["session by session the first alone", [step("a"), step("b", { batch: 1 })], {}, ["a"]],
    ["country by country all of the first", [step("a"), step("b"), step("c", { batch: 1 })], { rolling: "country" }, ["a", "b"]],
    [
      "each country for itself, as many as the operation is wide",
      [step("a", { lane: "UZ" }), step("b", { lane: "UZ" }), step("c", { lane: "IN" })],
      { rolling: null, width: 1 },
      ["a", "c"],
    ],
    ["nobody while it is paused", [step("a")], { state: "paused" }, []],
    ["nobody while the one before settles", [step("a", { state: "asked", run: "r_old", askedAt: NOW }), step("b", { batch: 1 })], {}, []],
  ];
  for (const [what, steps, change, asked] of rows)
    test(what, () => expect(advance(operation(steps, change), looks({}), NOW, 1).ask).toEqual(asked));
});

describe("what became of one that was asked to restart", () => {
  const asked = step("a", { state: "asked", run: "r_old", askedAt: NOW - 5_000 });
  const settling = step("a", { ...asked, seenRun: "r_new", seenAt: NOW - 4_000 });
  const rows: [string, Step, Partial<Look>, StepState, string | null][] = [
    ["its old run is still there", asked, {}, "asked", null],
    ["it is between two runs", asked, { state: "starting" }, "asked", null],
    ["its new run was just seen", asked, { run: "r_new" }, "asked", null],
    ["its new run has settled", { ...settling, seenAt: NOW - 10_000 }, { run: "r_new" }, "done", null],
    [
      "its new run ended while it settled",
      settling,
      { run: "r_new", state: "backoff", why: "exit code 3" },
      "failed",
      "it ended within 10 s of its start: exit code 3",
    ],
    ["a third run was begun while it settled", settling, { run: "r_third" }, "failed", "it ended within 10 s of its start: runs"],
    ["its new run never lived", asked, { run: "r_new", state: "crashed", why: "command not found" }, "failed", "command not found"],
    ["nothing happened for too long", { ...asked, askedAt: NOW - ANSWER_WITHIN_MS }, {}, "failed", "nothing happened within 30 s: runs"],
    ["it takes long to stop", { ...asked, askedAt: NOW - 60_000 }, { state: "stopping" }, "asked", null],
    ["somebody stopped it", asked, { desired: { ...desired, state: "down", by: "boris" } }, "left", "it was stopped by boris meanwhile"],
    ["it was retired", asked, { desired: null }, "left", "it was retired meanwhile"],
  ];
  for (const [what, before, seen, state, why] of rows)
    test(what, () => {
      const found = advance(operation([before]), looks({ a: seen }), NOW, 1).operation.steps[0]!;
      expect([found.state, found.why]).toEqual([state, why]);
    });
});

describe("what became of one that was asked to stop or to start", () => {
  const down = { ...desired, state: "down" as const };
  const wish = (state: "up" | "down") => ({ state, reason: null, until: null });
  const asked = (state: "up" | "down") => step("a", { state: "asked", run: "r_old", askedAt: NOW - 1_000, wish: wish(state) });
  const rows: [string, Step, Partial<Look>, StepState][] = [
    ["a stop under way", asked("down"), { desired: down, state: "stopping" }, "asked"],
    ["a stop that is done", asked("down"), { desired: down, state: "stopped" }, "done"],
    ["a stop that somebody turned round", asked("down"), {}, "left"],
    ["a start under way", asked("up"), { state: "starting" }, "asked"],
    ["a start that is done", asked("up"), { run: "r_new" }, "done"],
    ["a start that is done again, of what had not stopped yet", asked("up"), {}, "done"],
    ["a start that failed", asked("up"), { run: "r_new", state: "backoff" }, "failed"],
  ];
  for (const [what, before, seen, state] of rows)
    test(what, () => {
      const found = advance(operation([before], { rolling: null, settleMs: 0 }), looks({ a: seen }), NOW, 1).operation.steps[0]!;
      expect(found.state).toBe(state);
    });
});

describe("a rolling restart", () => {
  test("ends at the first failure and leaves the rest alone", () => {
    const steps = [step("a", { state: "asked", run: "r_old", askedAt: NOW }), step("b", { batch: 1 })];
    const { operation: found, ask } = advance(
      operation(steps),
      looks({ a: { run: "r_new", state: "crashed", why: "exit code 1" } }),
      NOW,
      77,
    );
    expect(states(found)).toEqual(["failed", "left"]);
    expect(found).toMatchObject({ state: "failed", why: "a did not come back: exit code 1", endedAt: 77 });
    expect(ask).toEqual([]);
  });

  test("goes on over what may not be restarted", () => {
    const steps = [step("a", { state: "refused" }), step("b", { batch: 1 })];
    expect(advance(operation(steps), looks({}), NOW, 1).ask).toEqual(["b"]);
  });

  test("that was cancelled follows what is under way to its end", () => {
    const steps = [step("a", { state: "asked", run: "r_old", askedAt: NOW }), step("b", { batch: 1 })];
    const cancelled = halt(operation(steps), "cancelled", "cancelled by anna", "not reached");
    const during = advance(cancelled, looks({}), NOW, 1).operation;
    expect([during.state, during.endedAt, ...states(during)]).toEqual(["cancelled", null, "asked", "left"]);
    const settled = { ...during, steps: [{ ...during.steps[0]!, seenRun: "r_new", seenAt: NOW - 10_000 }, during.steps[1]!] };
    const after = advance(settled, looks({ a: { run: "r_new" } }), NOW, 5).operation;
    expect([after.state, after.endedAt, ...states(after)]).toEqual(["cancelled", 5, "done", "left"]);
  });

  test("that begins anew after a crash of Signalbox does not restart again what was restarted", () => {
    const { operation: found, ask } = advance(operation([step("a", { run: "r_old" })]), looks({ a: { run: "r_new" } }), NOW, 1);
    expect([ask.length, ...states(found)]).toEqual([0, "asked"]);
  });
});
