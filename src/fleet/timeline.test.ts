import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Act } from "../kernel/act.ts";
import type { RunRecord } from "./fleet.ts";
import { type Moment, reachOf, timelineOf } from "./timeline.ts";

const run = (n: number, startedAt: number, more: Partial<RunRecord> = {}): RunRecord => ({
  ...{ run: `r_${n}`, session: "s_1", startedAt, startedBy: "signalbox", reason: null, pid: 1, lastLines: [] },
  ...{ endedAt: null, exitCode: null, exitWords: null, outcome: null, endedBy: null, endReason: null },
  ...more,
});
const told = (at: number, verb: string, more: Partial<Act> = {}): Act => ({
  ...{ at, verb, actor: "anna", from: "127.0.0.1", subject: "session:s_1", reason: null, detail: null },
  ...more,
});
const ended = (exitCode: number | null, outcome: string, more: Partial<RunRecord> = {}) =>
  run(1, 1_000, { endedAt: 5_000, exitCode, outcome, exitWords: `code ${exitCode}`, ...more });

const whole = (runs: RunRecord[], acts: Act[]) => timelineOf(runs, acts, 0, reachOf({ limit: 100 })).moments;

test("runs and acts stand in one line, newest first", () => {
  const moments = whole(
    [run(2, 5_200, { reason: "exit code 3" }), ended(3, "crashed", { lastLines: ["boom"] })],
    [told(5_100, "program.update", { subject: "program:program1" }), told(900, "session.start", { reason: "first try" })],
  );
  expect(moments.map(({ at, event, by, who, why, subject }) => [at, event, by, who, why, subject])).toEqual([
    [5_200, "run.start", "signalbox", "signalbox", "exit code 3", null],
    [5_100, "program.update", "person", "anna", null, "program:program1"],
    [5_000, "run.end", "program", null, null, null],
    [1_000, "run.start", "signalbox", "signalbox", null, null],
    [900, "session.start", "person", "anna", "first try", null],
  ]);
  expect(moments[2]?.end).toEqual({ code: 3, words: "code 3", outcome: "crashed", lastedMs: 4_000, lastLines: ["boom"] });
});

test.each([
  ["its own exit code", ended(3, "crashed"), "program", null],
  ["work that is done", ended(0, "success"), "program", null],
  ["a crash of its own (SEGV)", ended(139, "crashed"), "program", null],
  ["KILL by hand, or by the kernel", ended(137, "crashed"), "outside", null],
  ["Ctrl-C at its terminal", ended(130, "interrupted"), "outside", null],
  ["a terminal that was closed", ended(null, "terminal_gone"), "outside", null],
  ["the machine went down", ended(null, "lost"), "outside", null],
  ["a start that failed", ended(null, "refused"), "signalbox", null],
  ["a stop by a person", ended(143, "stopped", { endedBy: "anna", endReason: "new code" }), "person", "anna"],
  ["a stop by a token", ended(143, "stopped", { endedBy: "token:billing" }), "token", "token:billing"],
  [
    "memory over its limit",
    ended(143, "unhealthy", { endedBy: "signalbox", endReason: "memory 812 MB over 512 MB" }),
    "signalbox",
    "signalbox",
  ],
] as const)("who ended it: %s", (_, record, by, who) => {
  expect(whole([record], [])[0]).toMatchObject({ event: "run.end", by, who, why: record.endReason });
});

test("who adopted a program did not start it", () => {
  const adopted = run(1, 1_000, { startedBy: "anna", reason: "adopted from screen 42.x" });
  expect(whole([adopted], [])).toMatchObject([{ event: "run.start", by: "outside", who: null }]);
});

test("a rename says from what to what", () => {
  const moments = whole([], [told(5, "session.rename", { detail: { name: "program1_UZ", from: "program1" } })]);
  expect(moments).toMatchObject([{ event: "session.rename", why: "program1 -> program1_UZ" }]);
});

test("what was done to its program before the session was there is not its own", () => {
  const acts = [told(50, "session.create"), told(40, "program.update", { subject: "program:p" })];
  expect(timelineOf([], acts, 45, reachOf({ limit: 9 })).moments.map(({ event }) => event)).toEqual(["session.create"]);
});

test("a cursor that nobody gave out is refused", () => {
  expect(() => reachOf({ cursor: "1; DROP", limit: 5 })).toThrow("next_cursor");
});

test("pages of any size, one after the other, are the whole: nothing twice, nothing left out, however many share a millisecond", () => {
  const history = fc.record({
    // Runs of one session follow each other.
    steps: fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.boolean()), { maxLength: 30 }),
    acts: fc.array(fc.nat(60), { maxLength: 40 }),
    limit: fc.integer({ min: 1, max: 12 }),
  });
  fc.assert(
    fc.property(history, ({ steps, acts, limit }) => {
      let at = 1;
      const runs = steps
        .map(([rests, lasts], i) => {
          const startedAt = at + rests;
          at = startedAt + lasts;
          return run(i, startedAt, { endedAt: at });
        })
        .reverse();
      const deeds = acts.sort((a, b) => b - a).map((when, i) => told(when, `session.${i}`));
      const seen: Moment[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const reach = reachOf({ cursor, limit });
        // As a store answers: those before, newest first, as many as asked for.
        const some = <T>(rows: readonly T[], atOf: (row: T) => number) =>
          rows.filter((row) => atOf(row) < reach.before).slice(0, reach.rows);
        const page = timelineOf(
          some(runs, (each) => each.startedAt),
          some(deeds, (each) => each.at),
          0,
          reach,
        );
        expect(page.moments.length).toBeLessThanOrEqual(limit);
        seen.push(...page.moments);
        cursor = page.nextCursor;
      }
      expect(seen).toEqual(timelineOf(runs, deeds, 0, reachOf({ limit: 1_000 })).moments);
    }),
    { numRuns: 300 },
  );
});
