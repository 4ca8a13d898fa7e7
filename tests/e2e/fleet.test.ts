/** The fleet over real screens: started, stopped, killed and taken over again. */

import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readStat } from "../../src/adapters/linux/processes.ts";
import { ownFleet } from "../cast/fleet.ts";
import { anna, boris, sleeper } from "../cast/people.ts";
import { refusal } from "../cast/refusal.ts";
import { until } from "../cast/until.ts";

const stage = await ownFleet("fleet", { fleet: { jitter: () => 0.5 } });
const soon = { first_delay_ms: 300, cap_ms: 1_000 };
const sh = (script: string) => ["sh", "-c", script];
/** Starts a helper that leaves the terminal's session, and says so in a file once it has left. */
const helper = (file: string) => `setsid sh -c 'echo $$ >${file}; exec sleep 600' &`;
const helperOf = (file: string) =>
  until("its helper lives", () => {
    const path = join(stage.screens.folder, file);
    return existsSync(path) ? Number.parseInt(readFileSync(path, "utf8"), 10) : null;
  });
/** A zombie whose parent is slow to bury it is dead. */
const lives = (pid: number) => !["Z", undefined].includes(readStat(pid)?.state);

describe("a session", () => {
  test("wanted up runs under its name, with pid and start time, within a second", async () => {
    const [session] = await stage.add({ name: "plain" }, "UZ_uzmobile");
    const status = await stage.seen(session!, "running", 1_000);
    expect(lives(status.pid!)).toBe(true);
    expect(status.startedAt).toBeGreaterThan(Date.now() - 5_000);
    const listed = Bun.spawnSync(["screen", "-ls"], { env: { ...process.env, SCREENDIR: stage.screens.screenFolder } }).stdout.toString();
    expect(listed).toContain(`${status.screenPid}.plain_UZ_uzmobile`);
    expect(status.why).toBe("started by anna");
  });

  test("is stopped by the wish, says by whom and why, and its row tells the same", async () => {
    const [session] = await stage.add({ name: "stopme" }, "UZ_uzmobile");
    const { pid, run } = await stage.seen(session!, "running");
    await stage.desired.set(session!.id, { state: "down", reason: "maintenance" }, boris);
    const status = await stage.seen(session!, "stopped");
    expect(lives(pid!)).toBe(false);
    expect(status).toMatchObject({
      why: "stopped by boris: maintenance",
      pid: null,
      restarts: 0,
      exit: { code: 143, words: "killed by signal 15 (TERM)" },
    });
    const row = await until("its row is written", async () =>
      (await stage.fleet.history(session!.id, 1)).find((found) => found.endedAt !== null),
    );
    expect(row).toMatchObject({ run: run!, pid, outcome: "stopped", exitCode: 143, startedBy: "anna" });
    await stage.desired.set(session!.id, { state: "up" }, boris);
    expect((await stage.seen(session!, "running")).why).toBe("started by boris");
  });

  test("killed by hand shows as retrying within a second, with its exit in words, its last lines and its next try, and comes back", async () => {
    const [session] = await stage.add(
      {
        name: "killed",
        template: sh("echo +998901234567 sent successfully; : >spoken; exec sleep 600"),
        restart: { first_delay_ms: 1_500 },
      },
      "UZ_uzmobile",
    );
    const { pid } = await stage.seen(session!, "running");
    // It is seen from its birth on, before it has said anything.
    await until("it has spoken", () => existsSync(join(stage.screens.folder, "spoken")));
    const killedAt = Date.now();
    process.kill(pid!, "SIGKILL");
    const status = await stage.seen(session!, "backoff", 1_000);
    expect(status.exit).toMatchObject({ code: 137, words: "killed by signal 9 (KILL)" });
    expect(status.restarts).toBe(1);
    expect(status.nextTryAt! - status.exit!.at).toBe(1_500);
    expect(status.why).toMatch(/^killed by signal 9 \(KILL\); 1st exit in 30 min, next try \d\d:\d\d:\d\d$/);
    await until("its last lines are there", () => stage.status(session!)?.lastLines.includes("+99890••••67 sent successfully"), 1_000);
    expect(Date.now() - killedAt).toBeLessThan(1_500);
    const back = await stage.seen(session!, "running");
    expect(back.pid).not.toBe(pid);
    expect(back.why).toBe("started by signalbox: killed by signal 9 (KILL)");
    expect(back.restarts).toBe(1);
    expect(back.lastLines).toEqual([]);
  });

  test("whose crashes fill its policy is crashed, and comes back when somebody says try", async () => {
    const [session] = await stage.add(
      { name: "crashes", template: sh("exit 3"), restart: { ...soon, first_delay_ms: 10, give_up_after: 3 } },
      "UZ_uzmobile",
    );
    const status = await stage.seen(session!, "crashed");
    expect(status.why).toBe("exit code 3; gave up after 3 exits in 30 min");
    expect(status.restarts).toBe(3);
    const runs = await until("all rows are written", async () => {
      const rows = await stage.fleet.history(session!.id, 10);
      return rows.length === 3 && rows.every((row) => row.outcome === "crashed") ? rows : null;
    });
    expect(runs.map((row) => row.startedBy)).toEqual(["signalbox", "signalbox", "anna"]);
    await stage.fleet.retryNow(session!.id, boris);
    await until("three more tries were made", async () => (await stage.fleet.history(session!.id, 10)).length === 6);
    await stage.seen(session!, "crashed");
  });

  for (const [what, template, words] of [
    ["a command that does not exist", ["no-such-program"], "command not found (exit code 127); a retry cannot mend that"],
    ["a bad configuration", sh("exit 78"), "bad configuration (exit code 78); a retry cannot mend that"],
  ] as const)
    test(`with ${what} is not tried again`, async () => {
      const [session] = await stage.add({ name: `bad${template.length}`, template: [...template], restart: soon }, "UZ_uzmobile");
      const status = await stage.seen(session!, "crashed");
      expect(status.why).toBe(words);
      expect(status.restarts).toBe(1);
    });

  test("whose folder is missing says so, and starts once the folder is there", async () => {
    const folder = join(stage.screens.folder, "not yet there");
    const [session] = await stage.add({ name: "homeless", folder, restart: soon }, "UZ_uzmobile");
    const status = await stage.seen(session!, "backoff");
    expect(status.why).toContain(`folder ${folder} does not exist`);
    expect(status.exit).toMatchObject({ code: null, words: `folder ${folder} does not exist` });
    mkdirSync(folder);
    await stage.seen(session!, "running");
  });

  test("interrupted at its terminal stays so until somebody starts it", async () => {
    const [session] = await stage.add({ name: "interrupted", restart: soon }, "UZ_uzmobile");
    const { pid } = await stage.seen(session!, "running");
    process.kill(-readStat(pid!)!.group, "SIGINT");
    const status = await stage.seen(session!, "interrupted");
    expect(status.why).toBe("stopped at the terminal by Ctrl-C (exit code 130); start it when you want it back");
    await stage.fleet.retryNow(session!.id, anna);
    await stage.seen(session!, "running");
  });

  test("that ends with success rests, and says so", async () => {
    const [session] = await stage.add({ name: "finishes", template: sh("exit 0"), restart: soon }, "UZ_uzmobile");
    expect((await stage.seen(session!, "stopped")).why).toBe("finished with exit code 0; its policy is on-failure");
  });

  test("that ignores the stop signal shows its deadline, and is killed when it has passed", async () => {
    const [session] = await stage.add(
      { name: "stubborn", template: sh("trap '' TERM; while :; do sleep 0.05; done"), stop_timeout_ms: 700 },
      "UZ_uzmobile",
    );
    const { pid } = await stage.seen(session!, "running");
    await until("it ignores TERM", () =>
      Bun.file(`/proc/${pid}/status`)
        .text()
        .then((text) => /SigIgn:\s*0*4\w{3}$/m.test(text)),
    );
    await stage.desired.set(session!.id, { state: "down" }, anna);
    const stopping = await stage.seen(session!, "stopping");
    expect(stopping.killAt! - Date.now()).toBeLessThanOrEqual(700);
    expect(stopping.pid).toBe(pid);
    const status = await stage.seen(session!, "stopped");
    expect(status.exit).toMatchObject({ code: 137 });
  });

  test("is restarted on request, whoever asked stands in its history and in the audit", async () => {
    const [session] = await stage.add({ name: "again" }, "UZ_uzmobile");
    const before = await stage.seen(session!, "running");
    await stage.fleet.restart(session!.name, boris, "new code");
    const after = await until("it runs with another pid", () => {
      const status = stage.status(session!);
      return status?.state === "running" && status.pid !== before.pid ? status : null;
    });
    expect(after.why).toBe("started by boris: new code");
    expect(after.restarts).toBe(0);
    const [restarted] = await stage.documents.acts({ subject: `session:${session!.id}`, limit: 1 });
    expect(restarted).toMatchObject({ verb: "session.restart", actor: "boris", reason: "new code" });
  });

  test("that is stopped is not restarted", async () => {
    const [session] = await stage.add({ name: "resting" }, "UZ_uzmobile");
    await stage.seen(session!, "running");
    await stage.desired.set(session!.id, { state: "down" }, anna);
    await stage.seen(session!, "stopped");
    expect(await refusal(stage.fleet.restart(session!.id, boris))).toMatchObject({ code: "conflict", details: { reason: "stopped" } });
  });

  test("without its terminal is an orphan, and a stop still ends it", async () => {
    const [session] = await stage.add({ name: "orphaned", template: sh("trap '' HUP; while :; do sleep 0.05; done") }, "UZ_uzmobile");
    const { pid, screenPid } = await stage.seen(session!, "running");
    await until("it ignores HUP", () =>
      Bun.file(`/proc/${pid}/status`)
        .text()
        .then((text) => /SigIgn:\s*\w*1$/m.test(text)),
    );
    process.kill(screenPid!, "SIGKILL");
    const status = await stage.seen(session!, "orphan");
    expect(status.pid).toBe(pid);
    await stage.desired.set(session!.id, { state: "down" }, anna);
    await stage.seen(session!, "stopped");
    expect(lives(pid!)).toBe(false);
  });

  test("whose screen was killed comes back; the code is not known, and that is said", async () => {
    const [session] = await stage.add({ name: "torn", restart: soon }, "UZ_uzmobile");
    const { screenPid } = await stage.seen(session!, "running");
    process.kill(screenPid!, "SIGKILL");
    const status = await stage.seen(session!, "backoff", 1_000);
    expect(status.exit).toMatchObject({ code: null, words: "terminal torn down, exit code unknown" });
    await stage.seen(session!, "running");
  });

  test("whose last run left a process behind has it ended before the next, and the audit says so", async () => {
    const [session] = await stage.add(
      { name: "messy", template: sh(`${helper("left-behind")} exec sleep 600`), restart: { ...soon, first_delay_ms: 10 } },
      "UZ_uzmobile",
    );
    const { pid, run } = await stage.seen(session!, "running");
    const left = await helperOf("left-behind");
    process.kill(pid!, "SIGKILL");
    await until("it runs again", () => stage.status(session!)?.state === "running" && stage.status(session!)?.run !== run);
    expect(lives(left)).toBe(false);
    const swept = await until("the audit says so", async () =>
      (await stage.documents.acts({ subject: `session:${session!.id}`, limit: 10 })).find((found) => found.verb === "session.sweep"),
    );
    expect(swept).toMatchObject({ actor: "signalbox" });
  });

  test("is not stopped before all its processes are: a slow child of a quick shell keeps its deadline", async () => {
    // The shell dies of TERM at once, and its terminal with it; its child takes its time to leave in order.
    const script = "(trap '' HUP; trap 'sleep 0.6; echo yes >left; exit 0' TERM; : >ready; while :; do sleep 0.05; done) & wait";
    const [session] = await stage.add({ name: "wrapped", template: sh(script), stop_timeout_ms: 5_000 }, "UZ_uzmobile");
    await stage.seen(session!, "running");
    await until("its child is ready", () => Bun.file(join(stage.screens.folder, "ready")).exists());
    await stage.desired.set(session!.id, { state: "down" }, anna);
    const lingering = await until("its child is seen to linger", () => {
      const status = stage.status(session!);
      return status?.why.includes("of its last run still there") ? status : null;
    });
    expect(lingering.state).toBe("stopping");
    expect(lingering.killAt! - Date.now()).toBeGreaterThan(3_000);
    await stage.seen(session!, "stopped");
    expect(await Bun.file(join(stage.screens.folder, "left")).text()).toBe("yes\n");
  });

  test("that is stopped takes along what it left behind", async () => {
    const [session] = await stage.add(
      { name: "spreads", template: sh(`${helper("spread")} exec sleep 600`), stop_timeout_ms: 5_000 },
      "UZ_uzmobile",
    );
    await stage.seen(session!, "running");
    const left = await helperOf("spread");
    await stage.desired.set(session!.id, { state: "down" }, anna);
    await stage.seen(session!, "stopped");
    expect(lives(left)).toBe(false);
  });

  test("whose program was edited runs on, with a restart pending", async () => {
    const [session] = await stage.add({ name: "edited" }, "UZ_uzmobile");
    const { pid } = await stage.seen(session!, "running");
    await stage.roster.changeProgram("edited", sleeper("edited", { folder: stage.screens.folder, template: ["sleep", "601"] }), anna);
    const status = await until("its restart is pending", () => (stage.status(session!)?.restartPending ? stage.status(session!) : null));
    expect(status.pid).toBe(pid);
    await stage.fleet.restart(session!.id, anna);
    await until("the new command runs", () => stage.status(session!)?.state === "running" && !stage.status(session!)?.restartPending);
  });

  test("whose wish has an end turns by itself, in the name of signalbox", async () => {
    const [session] = await stage.add({ name: "paused" }, "UZ_uzmobile");
    await stage.seen(session!, "running");
    await stage.desired.set(session!.id, { state: "down", reason: "lunch", until: Date.now() + 400 }, anna);
    await stage.seen(session!, "stopped");
    await stage.seen(session!, "running");
    expect(stage.directory.session(session!.id)!.desired).toMatchObject({ state: "up", by: "signalbox", until: null });
  });

  test("that is retired ends", async () => {
    const [session] = await stage.add({ name: "retired" }, "UZ_uzmobile");
    const { pid } = await stage.seen(session!, "running");
    await stage.roster.retireSession(session!.id, anna);
    await until("it has left", () => stage.status(session!) === undefined);
    expect(lives(pid!)).toBe(false);
  });

  test("finds its pairs, its token and its cookie in its environment", async () => {
    const [session] = await stage.add(
      {
        name: "environment",
        template: sh('env; cat "$SIGNALBOX_TOKEN_FILE"; echo; exec sleep 600'),
        environment: { GATEWAY: "http://x y" },
      },
      "UZ_uzmobile",
    );
    const { run } = await stage.seen(session!, "running");
    const lines = await until("it has printed", async () => {
      const printed = await stage.fleet.output(session!.id, { tail: 100 });
      return printed.includes(`token-of-${run}`) ? printed : null;
    });
    expect(lines).toContain(`SIGNALBOX_RUN=${run}`);
    expect(lines).toContain(`SIGNALBOX_SESSION=${session!.id}`);
    expect(lines).toContain(`SIGNALBOX_SESSION_NAME=${session!.name}`);
    expect(lines).toContain('SIGNALBOX_PAIRS=[{"id":"UZ_uzmobile","country":"UZ","operator":"uzmobile"}]');
    expect(lines).toContain(`SIGNALBOX_SPOOL=${join(stage.screens.dataFolder, "spool", session!.id)}`);
    expect(lines).toContain("GATEWAY=http://x y");
    expect(lines).toContain("PYTHONUNBUFFERED=1");
    expect(await stage.fleet.output(session!.id, { tail: 100, search: "gateway" })).toEqual(["GATEWAY=http://x y"]);
  });

  test("is followed from run to run", async () => {
    const [session] = await stage.add(
      { name: "followed", template: sh("for i in 1 2 3; do echo line $i to +998901234567; sleep 0.05; done; exec sleep 600") },
      "UZ_uzmobile",
    );
    await stage.seen(session!, "running");
    const lines: string[] = [];
    const leave = stage.fleet.follow(session!.id, (more) => lines.push(...more));
    await stage.fleet.restart(session!.id, anna);
    await until("the next run's lines came", () => lines.includes("line 3 to +99890••••67"));
    leave();
  });
});

test("a retry comes when it is due, however seldom the fleet looks by itself", async () => {
  const rare = await ownFleet("rare", { fleet: { lookEveryMs: 3_600_000 } });
  const [session] = await rare.add({ name: "retried", restart: { first_delay_ms: 0, cap_ms: 0, give_up_after: 100 } }, "UZ_uzmobile");
  const pids = new Set<number>();
  for (let kills = 0; kills < 10; kills++) {
    const { pid } = await until("the next run lives", () => {
      const status = rare.status(session!);
      return status?.state === "running" && status.pid !== null && !pids.has(status.pid) ? status : null;
    });
    pids.add(pid!);
    process.kill(pid!, "SIGKILL");
  }
}, 30_000);

describe("high priority", () => {
  test("comes back from everything, also when its policy would rest or give up", async () => {
    const [session] = await stage.add(
      { name: "vital", template: sh("exit 78"), restart: { ...soon, policy: "never", give_up_after: 2, cap_ms: 50 } },
      "IN_airtel",
    );
    await stage.seen(session!, "crashed");
    await stage.roster.setPriority("IN_airtel", true, anna);
    await until("it is tried again and again", async () => (await stage.fleet.history(session!.id, 10)).length >= 5);
    expect(["backoff", "starting", "running"]).toContain(stage.status(session!)!.state);
    expect(await refusal(stage.desired.set(session!.id, { state: "down" }, anna))).toMatchObject({
      code: "conflict",
      details: { reason: "high_priority" },
    });
    await stage.roster.setPriority("IN_airtel", false, anna);
  });

  test("restarts its sessions one at a time", async () => {
    const first = await stage.add({ name: "twin1" }, "IN_docomo");
    const second = await stage.add({ name: "twin2" }, "IN_docomo");
    const twins = [first[0]!, second[0]!];
    const before = await Promise.all(twins.map((twin) => stage.seen(twin, "running")));
    await stage.roster.setPriority("IN_docomo", true, anna);
    let least = 2;
    const leave = stage.fleet.changed.subscribe(() => {
      least = Math.min(least, twins.filter((twin) => stage.status(twin)?.state === "running").length);
    });
    await Promise.all(twins.map((twin) => stage.fleet.restart(twin.id, anna)));
    await until("both are new", () =>
      twins.every((twin, i) => stage.status(twin)?.state === "running" && stage.status(twin)?.pid !== before[i]!.pid),
    );
    leave();
    expect(least).toBe(1);
    await stage.roster.setPriority("IN_docomo", false, anna);
  });
});

describe("another Signalbox", () => {
  test("writes down the start of a run whose screen opened right before the one that opened it was killed", async () => {
    const [session] = await stage.add({ name: "unwritten" }, "AZ_azercell");
    await stage.seen(session!, "running");
    await stage.desired.set(session!.id, { state: "down" }, anna);
    await stage.seen(session!, "stopped");
    await stage.desired.set(session!.id, { state: "up", reason: "new contract" }, anna);
    const before = await stage.seen(session!, "running");
    await until("its row is written", async () => (await stage.fleet.history(session!.id, 1))[0]?.run === before.run);
    await stage.close();
    // What is on the disk when the row was not written in time.
    const file = new Database(stage.store.path);
    file.run("DELETE FROM runs WHERE run = ?", [before.run!]);
    file.close();
    await stage.open();
    expect((await stage.seen(session!, "running")).pid).toBe(before.pid);
    const [row] = await until("its start is written", async () => {
      const rows = await stage.fleet.history(session!.id, 1);
      return rows[0]?.run === before.run ? rows : null;
    });
    expect(row).toMatchObject({ startedBy: "anna", reason: "new contract", endedAt: null });
  });

  test("takes over what runs, untouched, with the codes of what ended meanwhile and the counters of before", async () => {
    const slow = { first_delay_ms: 60_000 };
    const [stays, ends, stops] = await stage.add(
      { name: "survivor", template: sh("trap 'exit 9' USR2; while :; do sleep 0.05; done"), restart: slow },
      "AZ_azercell",
      "AZ_bakcell",
      "AZ_nar",
    );
    const before = await stage.seen(stays!, "running");
    const ending = await stage.seen(ends!, "running");
    const stopping = await stage.seen(stops!, "running");
    await until("traps are set", () =>
      Bun.file(`/proc/${ending.pid}/status`)
        .text()
        .then((text) => /SigCgt:\s*\w*8\w\w$/m.test(text)),
    );
    await stage.close();
    process.kill(ending.pid!, "SIGUSR2");
    await until("it has ended", () => !lives(ending.pid!));
    await stage.open();
    expect(await stage.seen(stays!, "running")).toMatchObject({ pid: before.pid, startedAt: before.startedAt, run: before.run });
    const after = await stage.seen(ends!, "backoff");
    expect(after.exit).toMatchObject({ code: 9, words: "exit code 9" });
    expect(after.restarts).toBe(1);
    expect((await stage.seen(stops!, "running")).pid).toBe(stopping.pid);
    // And once more, now from the rows alone.
    await until("its row is written", async () => (await stage.fleet.history(ends!.id, 1))[0]?.exitCode === 9);
    await stage.close();
    await stage.open();
    expect(await stage.seen(ends!, "backoff")).toMatchObject({ restarts: 1, nextTryAt: after.nextTryAt, exit: { code: 9 } });
    expect(lives(before.pid!)).toBe(true);
  });
});
