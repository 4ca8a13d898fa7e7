/** What every adapter of the history port has to do. */

import { describe, expect, test } from "bun:test";
import type { History, RunEnded, RunStarted, Trimmed } from "../../src/fleet/history.ts";

let count = 0;

export function historyContract(name: string, open: () => Promise<History>): void {
  /** A session of the test's own, so that tests share one store. */
  const cast = () => {
    const session = `s_${++count}`;
    const started = (run: string, more: Partial<RunStarted> = {}): RunStarted => ({
      run: `${session}_${run}`,
      session,
      program: "program1",
      startedAt: 1_000,
      startedBy: "anna",
      reason: null,
      bootId: "boot-1",
      ...more,
    });
    const ended = (run: string, more: Partial<RunEnded> = {}): RunEnded => ({
      ...started(run),
      pid: 4242,
      endedAt: 2_000,
      exitCode: 3,
      exitWords: "exit code 3",
      outcome: "crashed",
      endedBy: null,
      endReason: null,
      lastLines: ["Traceback", "boom"],
      ...more,
    });
    return { session, started, ended };
  };

  describe(`history: ${name}`, () => {
    test("a run is open until it has ended, and then tells both", async () => {
      const history = await open();
      const { session, started, ended } = cast();
      const first = started("1", { reason: "new code" });
      await history.started(first);
      expect((await history.open()).filter((run) => run.session === session)).toEqual([first]);
      expect(await history.of(session, 10)).toMatchObject([
        { run: first.run, startedBy: "anna", reason: "new code", endedAt: null, outcome: null, lastLines: [] },
      ]);
      await history.ended([ended("1")]);
      expect((await history.open()).filter((run) => run.session === session)).toEqual([]);
      expect(await history.of(session, 10)).toEqual([
        {
          run: first.run,
          session,
          startedAt: 1_000,
          startedBy: "anna",
          reason: "new code",
          pid: 4242,
          endedAt: 2_000,
          exitCode: 3,
          exitWords: "exit code 3",
          outcome: "crashed",
          endedBy: null,
          endReason: null,
          lastLines: ["Traceback", "boom"],
        },
      ]);
    });

    test("the first word of each counts, however often it is told", async () => {
      const history = await open();
      const { session, started, ended } = cast();
      await history.started(started("1"));
      await history.started(started("1", { startedBy: "boris" }));
      await history.ended([ended("1"), ended("1", { exitCode: 9 })]);
      await history.ended([ended("1", { exitCode: 10 })]);
      await history.started(started("1"));
      expect(await history.of(session, 10)).toMatchObject([{ startedBy: "anna", exitCode: 3 }]);
    });

    test("an end without a start makes the whole row", async () => {
      const history = await open();
      const { session, ended } = cast();
      await history.ended([ended("1", { exitCode: null, outcome: "refused", exitWords: "folder /x does not exist", pid: null })]);
      expect(await history.of(session, 10)).toMatchObject([{ startedAt: 1_000, exitCode: null, outcome: "refused", pid: null }]);
    });

    test("newest first, as many as asked for, of this session alone", async () => {
      const history = await open();
      const { session, ended } = cast();
      const other = cast();
      await history.ended([ended("1"), ended("2"), ended("3"), other.ended("4")]);
      expect((await history.of(session, 2)).map((run) => run.run)).toEqual([`${session}_3`, `${session}_2`]);
    });

    test("the recent ones per session oldest first, with the last lines of the newest only, and without the open ones", async () => {
      const history = await open();
      const { session, started, ended } = cast();
      const other = cast();
      await history.ended([ended("1"), ended("2"), ended("3"), other.ended("1")]);
      await history.started(started("4"));
      const recent = await history.recent(2);
      expect(recent.filter((run) => run.session === session).map((run) => [run.run, run.lastLines.length])).toEqual([
        [`${session}_2`, 0],
        [`${session}_3`, 2],
      ]);
      expect(recent.filter((run) => run.session === other.session)).toEqual([
        {
          run: `${other.session}_1`,
          session: other.session,
          startedAt: 1_000,
          startedBy: "anna",
          endedAt: 2_000,
          exitCode: 3,
          exitWords: "exit code 3",
          outcome: "crashed",
          endedBy: null,
          endReason: null,
          lastLines: ["Traceback", "boom"],
        },
      ]);
    });

    test("the recent ones say who asked for their end and why", async () => {
      const history = await open();
      const { session, ended } = cast();
      await history.ended([ended("1", { outcome: "stopped", endedBy: "anna", endReason: "new code" })]);
      const recent = (await history.recent(2)).filter((run) => run.session === session);
      expect(recent).toMatchObject([{ endedBy: "anna", endReason: "new code" }]);
    });

    test("those that began before a time, the last to begin first, with who asked for their end", async () => {
      const history = await open();
      const { session, started, ended } = cast();
      await history.ended([
        ended("1", { startedAt: 100, endedAt: 900 }),
        ended("2", { startedAt: 300, endedBy: "anna", endReason: "new code", outcome: "stopped" }),
      ]);
      await history.started(started("3", { startedAt: 200 }));
      const found = await history.startedBefore(session, 300, 10);
      expect(found.map(({ run, startedAt, endedAt }) => [run.slice(-1), startedAt, endedAt])).toEqual([
        ["3", 200, null],
        ["1", 100, 900],
      ]);
      expect(await history.startedBefore(session, 301, 1)).toMatchObject([{ endedBy: "anna", endReason: "new code" }]);
    });

    test("old runs go in small steps, never the newest of a session and never an open one", async () => {
      const history = await open();
      const { session, started, ended } = cast();
      const other = cast();
      await history.started(started("0"));
      await history.ended(["1", "2", "3", "4", "5", "6"].map((run) => ended(run, { endedAt: 1_000 * Number(run) })));
      await history.ended([other.ended("1", { endedAt: 1 })]);
      const left = async () => (await history.of(session, 20)).map(({ run }) => run.slice(-1)).reverse();
      // All of the store, as long as it has more: tests share one.
      async function sweep(order: { before: number; kept: number; most: number }) {
        for (let last: Trimmed | null = null, rounds = 0; rounds < 100; rounds++) {
          last = await history.trim({ ...order, last, step: 1 });
          if (last === null) return;
        }
        throw new Error("it never came to an end");
      }
      await sweep({ before: 2_500, kept: 5, most: 100 });
      // 1 and 2 are old enough, but 2 is one of the five newest.
      expect(await left()).toEqual(["0", "2", "3", "4", "5", "6"]);
      await sweep({ before: 2_500, kept: 2, most: 3 });
      expect(await left()).toEqual(["0", "4", "5", "6"]);
      await sweep({ before: 1e12, kept: 1, most: 1 });
      expect(await left()).toEqual(["0", "6"]);
      expect(await history.of(other.session, 5)).toHaveLength(1);
    });
  });
}
