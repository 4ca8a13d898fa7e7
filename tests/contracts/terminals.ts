/** What every adapter of the terminals port has to do, over real processes: each ending leaves the trace that tells it from the others. */

import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, processesOfSession } from "../../src/adapters/linux/processes.ts";
import { phaseOf } from "../../src/fleet/judge.ts";
import type { RunSeen, StartOrder, StopNote, Terminals } from "../../src/fleet/terminals.ts";
import { AppError } from "../../src/kernel/errors.ts";
import { refusal } from "../cast/refusal.ts";
import { until } from "../cast/until.ts";

export interface TerminalsStage {
  /** A folder of the test's own. */
  folder: string;
  open(): Terminals;
  /** A new session of a pair of its own, unless said otherwise. */
  order(command: readonly string[], more?: Partial<StartOrder>): StartOrder;
  /** Where the run's small files lie. */
  runFolder(order: StartOrder): string;
}

const sh = (script: string) => ["sh", "-c", script];

export function terminalsContract(name: string, stage: TerminalsStage): void {
  const { folder, order } = stage;

  describe(`terminals: ${name}`, () => {
    const terminals = stage.open();
    const seen = new Map<string, RunSeen>();

    function look(run: string): RunSeen | undefined {
      for (const changed of terminals.look()) seen.set(changed.run, changed);
      return seen.get(run);
    }

    function phase(run: string, wanted: ReturnType<typeof phaseOf>): Promise<RunSeen> {
      return until(`${run} is ${wanted}`, () => {
        const now = look(run);
        return now && phaseOf(now, Date.now()) === wanted ? now : null;
      });
    }

    async function started(command: readonly string[], more: Partial<StartOrder> = {}): Promise<RunSeen> {
      const asked = order(command, more);
      await terminals.start(asked);
      return phase(asked.run, "alive");
    }

    async function ended(command: readonly string[]): Promise<RunSeen> {
      const asked = order(command);
      await terminals.start(asked);
      return phase(asked.run, "ended");
    }

    const isDecided = (run: RunSeen | undefined) => run !== undefined && ["alive", "ended"].includes(phaseOf(run, Date.now()));
    const note = (killAt = Date.now() + 10_000): StopNote => ({ kind: "stop", by: "anna", reason: "test", at: Date.now(), killAt });

    describe("an end tells its code", () => {
      const notExecutable = join(folder, "plain.txt");
      writeFileSync(notExecutable, "not a program", { mode: 0o644 });
      const cases: [string, readonly string[], number][] = [
        ["exit 0", sh("exit 0"), 0],
        ["exit 7", sh("exit 7"), 7],
        ["command not found", ["no-such-program"], 127],
        ["command not executable", [notExecutable], 126],
        ["abort", sh("kill -ABRT $$"), 134],
        ["killed by a kill by hand", sh("kill -KILL $$"), 137],
      ];
      for (const [what, command, code] of cases)
        test(what, async () => {
          const run = await ended(command);
          expect(run.exit?.code).toBe(code);
          expect(run.child?.alive).toBe(false);
          expect(Math.abs(run.exit!.at - Date.now())).toBeLessThan(10_000);
        });
    });

    test("a live run shows its program, its terminal and when it began", async () => {
      const run = await started(["sleep", "600"]);
      expect(run.child && isAlive(run.child.pid, run.child.startTicks)).toBe(true);
      // Seen from its birth on: the shim becomes the program without a new pid.
      const command = ["sleep", "600", ""].join(String.fromCharCode(0));
      await until("it has become its program", () => readFileSync(`/proc/${run.child!.pid}/cmdline`, "latin1") === command);
      expect(run.screenPid).toBeGreaterThan(0);
      expect(terminals.isOpen(run.run)).toBe(true);
      expect((await terminals.usage()).get(run.run)!.memoryBytes).toBeGreaterThan(0);
      expect(Math.abs(run.child!.startedAt - Date.now())).toBeLessThan(10_000);
    });

    test("the stop signal ends the program and is noted", async () => {
      const run = await started(["sleep", "600"]);
      terminals.stop(run.run, "TERM", note());
      const after = await phase(run.run, "ended");
      expect(after.exit?.code).toBe(143);
      expect(after.stop).toMatchObject({ kind: "stop", by: "anna", reason: "test" });
    });

    for (const [signal, code] of [
      ["HUP", 129],
      ["INT", 130],
      ["USR1", 138],
    ] as const)
      test(`a program may be stopped by ${signal}, and its code is known all the same`, async () => {
        const run = await started(["sleep", "600"]);
        terminals.stop(run.run, signal, note());
        expect((await phase(run.run, "ended")).exit?.code).toBe(code);
      });

    test("who ignores TERM is killed with its children, and the code is known", async () => {
      const ready = join(folder, "ignoring");
      const run = await started(
        sh(`trap '' TERM; (trap '' TERM; sleep 600) & (trap '' TERM; sleep 600) & : >'${ready}'; while :; do sleep 600; done`),
      );
      await until("it ignores TERM", () => existsSync(ready) && processesOfSession(run.keeper!.pid).length >= 5);
      terminals.stop(run.run, "TERM", note());
      expect(phaseOf(look(run.run)!, Date.now())).toBe("alive");
      terminals.kill(run.run);
      expect((await phase(run.run, "ended")).exit?.code).toBe(137);
      await until("its children are gone", () => processesOfSession(run.keeper!.pid).length === 0);
    });

    test("Ctrl-C in the terminal is 130 without a note", async () => {
      const run = await started(["sleep", "600"]);
      // What the terminal does on ^C: INT to its foreground group.
      process.kill(-run.keeper!.pid, "SIGINT");
      const after = await phase(run.run, "ended");
      expect(after.exit?.code).toBe(130);
      expect(after.stop).toBeNull();
    });

    for (const [what, victim] of [
      ["its screen", "screenPid"],
      ["its keeper", "keeper"],
    ] as const) {
      test(`kill -9 of ${what} ends the program, code unknown`, async () => {
        const run = await started(["sleep", "600"]);
        process.kill(victim === "keeper" ? run.keeper!.pid : run.screenPid!, "SIGKILL");
        expect((await phase(run.run, "ended")).exit).toBeNull();
        await until("the program is gone", () => !isAlive(run.child!.pid, run.child!.startTicks));
      });

      test(`kill -9 of ${what} leaves a program that ignores HUP an orphan, which can be stopped`, async () => {
        const ready = join(folder, `orphan-${victim}`);
        const run = await started(sh(`trap '' HUP; : >'${ready}'; while :; do sleep 0.05; done`));
        await until("it ignores HUP", () => existsSync(ready));
        process.kill(victim === "keeper" ? run.keeper!.pid : run.screenPid!, "SIGKILL");
        const orphan = await phase(run.run, "orphan");
        expect(orphan.exit).toBeNull();
        terminals.stop(run.run, "TERM", note());
        await phase(run.run, "ended");
        expect(isAlive(run.child!.pid, run.child!.startTicks)).toBe(false);
      });
    }

    test("what a program leaves behind holds its lock: a start says so, a sweep ends it, the next start runs", async () => {
      const ready = join(folder, "left-behind");
      const helper = `setsid sh -c ': >"$0"; exec sleep 600' '${ready}' &`;
      const first = order(sh(`${helper} while [ ! -e '${ready}' ]; do sleep 0.01; done; exit 3`));
      await terminals.start(first);
      expect((await phase(first.run, "ended")).exit?.code).toBe(3);
      const again = { ...first, run: `${first.run}b`, command: ["sleep", "600"] };
      expect(terminals.leftovers(first.session)).toHaveLength(1);
      const refused = await refusal(terminals.start(again));
      expect(refused).toMatchObject({ code: "conflict", details: { reason: "leftover" } });
      expect(existsSync(stage.runFolder(again))).toBe(false);
      const swept = terminals.sweep(first.session, "KILL");
      expect(swept).toHaveLength(1);
      expect(refused.message).toContain(String(swept[0]));
      await until("the lock is free", async () => {
        try {
          await terminals.start(again);
          return true;
        } catch (error) {
          if (error instanceof AppError && error.code === "conflict") return false;
          throw error;
        }
      });
      await phase(again.run, "alive");
      terminals.stop(again.run, "TERM", note());
      await phase(again.run, "ended");
      expect(terminals.leftovers(first.session)).toEqual([]);
    });

    test("of five starts of one pair at once exactly one runs", async () => {
      const pairs = [
        { id: "UA_3mob", country: "UA", operator: "3mob" },
        { id: "TJ_megafon", country: "TJ", operator: "megafon" },
      ];
      // Each names the pair among others, in another order: whoever shares one of them shares its lock.
      const orders = [1, 2, 3, 4, 5].map((i) =>
        order(["sleep", "600"], {
          pairs: i % 2 ? pairs : [...pairs].reverse().concat({ id: `UA_x${i}`, country: "UA", operator: `x${i}` }),
        }),
      );
      const results = await Promise.allSettled(orders.map((asked) => terminals.start(asked)));
      const opened = orders.filter((_, i) => results[i]!.status === "fulfilled");
      await until("all are decided", () => opened.every(({ run }) => isDecided(look(run))));
      const running = opened.filter(({ run }) => seen.get(run)!.child?.alive);
      expect(running).toHaveLength(1);
      for (const { run } of opened) if (run !== running[0]!.run) expect(seen.get(run)).toMatchObject({ child: null, exit: { code: 75 } });
      for (const result of results)
        if (result.status === "rejected") expect(result.reason).toMatchObject({ details: { reason: "locked" } });
    });

    test("a name that begins like another's is another session", async () => {
      const short = await started(["sleep", "600"], { name: "program1_UZ_uz" });
      const long = await started(["sleep", "600"], { name: "program1_UZ_uzmobile" });
      terminals.stop(short.run, "TERM", note());
      await phase(short.run, "ended");
      expect(isAlive(long.child!.pid, long.child!.startTicks)).toBe(true);
      expect(phaseOf(look(long.run)!, Date.now())).toBe("alive");
    });

    test("another Signalbox finds what runs with pid and start time, and the code of what ended meanwhile", async () => {
      const lives = await started(["sleep", "600"]);
      const ready = join(folder, "ending");
      const ends = await started(sh(`trap 'exit 9' USR2; : >'${ready}'; while :; do sleep 0.05; done`));
      const stopped = await started(["sleep", "600"]);
      terminals.stop(stopped.run, "TERM", { ...note(), kind: "restart" });
      await until("it hears", () => existsSync(ready));
      process.kill(ends.child!.pid, "SIGUSR2");
      const exit = join(stage.runFolder({ ...order([]), session: ends.session, run: ends.run }), "exit");
      await until("its code is written", () => existsSync(exit) && readFileSync(exit, "utf8") !== "");
      const second = stage.open();
      const found = new Map(second.list().map((run) => [run.run, run]));
      expect(found.get(lives.run)).toMatchObject({
        child: lives.child!,
        keeper: lives.keeper!,
        name: lives.name,
        definition: "d1",
        by: "anna",
      });
      expect(found.get(ends.run)!.exit?.code).toBe(9);
      expect(found.get(stopped.run)!.stop).toMatchObject({ kind: "restart" });
      second.stop(lives.run, "TERM", note());
      await until("the adopted one ends", () => second.look().some((run) => run.run === lives.run && run.exit?.code === 143));
      second.close();
    });

    for (const [what, words] of [
      ["with another start time", (pid: number, ticks: number) => `${pid} ${ticks - 5}`],
      ["that is none of the run's", (pid: number) => `${pid}`],
    ] as const)
      test(`a pid that is another process by now, ${what}, is never signalled`, async () => {
        const run = await started(["sleep", "600"]);
        const bystander = Bun.spawn(["sleep", "600"]);
        const file = join(stage.runFolder({ ...order([]), session: run.session, run: run.run }), "child");
        writeFileSync(file, `${words(bystander.pid, run.child!.startTicks)}\n`);
        const second = stage.open();
        second.list();
        second.stop(run.run, "TERM", note());
        second.kill(run.run);
        await until("the real program has ended", () => !isAlive(run.child!.pid, run.child!.startTicks));
        expect(bystander.exitCode).toBeNull();
        expect(bystander.killed).toBe(false);
        second.close();
        bystander.kill("SIGKILL");
        await bystander.exited;
      });

    test("a run of another boot was lost, whoever has its pid now", async () => {
      const run = await started(["sleep", "600"]);
      const file = join(stage.runFolder({ ...order([]), session: run.session, run: run.run }), "order");
      writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), bootId: "00000000-0000-0000-0000-000000000000" }));
      const second = stage.open();
      const lost = second.list().find((found) => found.run === run.run)!;
      expect(lost.thisBoot).toBe(false);
      expect(phaseOf(lost, Date.now())).toBe("ended");
      second.stop(run.run, "TERM", note());
      second.kill(run.run);
      expect(isAlive(run.child!.pid, run.child!.startTicks)).toBe(true);
      second.close();
    });

    test("word of an end comes at once, without a look in between", async () => {
      const run = await started(["sleep", "600"]);
      const told = Promise.withResolvers<void>();
      const leave = terminals.watch(told.resolve);
      process.kill(run.child!.pid, "SIGKILL");
      await told.promise;
      leave();
      expect((await phase(run.run, "ended")).exit?.code).toBe(137);
    });

    test("output is kept run by run, and read back whole", async () => {
      const first = order(sh("echo first; printf 'no newline'"));
      await terminals.start(first);
      await phase(first.run, "ended");
      await until("its terminal is closed", () => !terminals.isOpen(first.run));
      const second = { ...first, run: `${first.run}b`, command: sh("echo second") };
      await terminals.start(second);
      await phase(second.run, "ended");
      await until("its terminal is closed", () => !terminals.isOpen(second.run));
      const text = (files: string[]) => files.map((file) => readFileSync(file, "utf8")).join("");
      expect(text(terminals.output(first.session, first.run))).toBe("first\r\nno newline");
      expect(text(terminals.output(first.session))).toBe("second\r\n");
      expect(terminals.output(first.session, "../../etc/passwd")).toEqual([]);
      expect(terminals.output("s_unknown")).toEqual([]);
    });

    test("forgetting a run keeps its output", async () => {
      const run = await ended(sh("echo kept"));
      await until("its terminal is closed", () => !terminals.isOpen(run.run));
      terminals.forget(run.run);
      expect(existsSync(stage.runFolder({ ...order([]), session: run.session, run: run.run }))).toBe(false);
      expect(terminals.output(run.session, run.run)).toHaveLength(1);
      expect(terminals.list().some((found) => found.run === run.run)).toBe(false);
    });

    describe("refuses before anything is started", () => {
      const cases: [string, Partial<StartOrder>, string][] = [
        ["a folder that does not exist", { folder: join(folder, "nowhere") }, "does not exist"],
        ["a folder that is a file", { folder: "/etc/passwd" }, "is not a folder"],
        ["a user this machine does not know", { user: "nobody-at-all" }, "does not exist on this machine"],
      ];
      for (const [what, more, words] of cases)
        test(what, async () => {
          const asked = order(["sleep", "600"], more);
          const refused = await refusal(terminals.start(asked));
          expect(refused.code).toBe("invalid");
          expect(refused.message).toContain(words);
          expect(existsSync(stage.runFolder(asked))).toBe(false);
        });
    });
  });
}
