/** What every adapter of the history port has to do. */

import { describe, expect, test } from "bun:test";
import type { History, RunEnded, RunStarted } from "../../src/fleet/history.ts";

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
          lastLines: ["Traceback", "boom"],
        },
      ]);
    });
  });
}
