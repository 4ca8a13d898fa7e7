/** Screens started by hand, real ones: found, told apart, adopted without a restart, ended, and taken up again by the next Signalbox. */

import { expect, test } from "bun:test";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, readStat } from "../../src/adapters/linux/processes.ts";
import type { Stranger } from "../../src/fleet/stranger.ts";
import { newPair } from "../../src/pairs/input.ts";
import { ownFleet } from "../cast/fleet.ts";
import { anna, sleeper } from "../cast/people.ts";
import { refusal } from "../cast/refusal.ts";
import { until } from "../cast/until.ts";

const stage = await ownFleet("strangers");
const { screens } = stage;
// Ready once the trap is set: its second argument is a file it makes.
const obedient = join(screens.folder, "obedient.sh");
writeFileSync(obedient, 'trap \'exit 5\' USR1\n[ -z "$3" ] || : >"$3"\nwhile :; do sleep 0.05; done\n');

await stage.roster.addProgram(
  sleeper("program7", { template: ["sh", obedient, "{country}", "{operator}"], folder: screens.folder, restart: { first_delay_ms: 10 } }),
  anna,
);
await stage.roster.addProgram(sleeper("program8", { stop_timeout_ms: 300 }), anna);

let count = 0;
async function ownPair(): Promise<{ id: string; operator: string }> {
  const operator = `hand${++count}`;
  const pair = await stage.roster.addPair(newPair.parse({ country: "IN", operator }), anna);
  return { id: pair.id, operator };
}

/** Looks until a stranger of that name is as described. Between fork and exec a process has no command yet. */
function found(name: string, like: (stranger: Stranger) => boolean = () => true): Promise<Stranger> {
  return until(`a stranger ${name} is found`, async () => {
    await stage.fleet.strangers.look();
    return stage.fleet.strangers
      .list()
      .find((stranger) => stranger.name === name && (stranger.pid === null || stranger.command !== "") && like(stranger));
  });
}

function named(name: string): Stranger | undefined {
  return stage.fleet.strangers.list().find((stranger) => stranger.name === name);
}

const ticksOf = (pid: number) => readStat(pid)!.startTicks;

test("a screen whose name holds spaces is found, with its program, its folder and the names of its environment", async () => {
  const { id, operator } = await ownPair();
  const screenPid = await screens.byHand(`program8 IN ${operator}`, ["sleep", "601"], { environment: { API_TOKEN: "hunter2" } });
  const stranger = await found(`program8 IN ${operator}`);
  expect(stranger).toMatchObject({
    state: "stranger",
    screenPid,
    command: "sleep 601",
    folder: process.cwd(),
    guess: { program: "program8", pairs: [id], by: "name" },
    doubles: null,
    refusal: null,
    otherScreen: null,
  });
  expect(stranger.variables).toEqual(expect.arrayContaining(["API_TOKEN", "SCREENDIR", "STY"]));
  expect(JSON.stringify(stranger)).not.toContain("hunter2");
  expect(stranger.address).toBe(`${stranger.pid}-${ticksOf(stranger.pid!)}`);
  expect(Math.abs(stranger.startedAt! - Date.now())).toBeLessThan(30_000);
});

test("secrets of its command are masked", async () => {
  await screens.byHand("secretive", [
    "sh",
    "-c",
    "while :; do sleep 1; done",
    "x",
    "--token",
    "abc123",
    "--api-key=k9",
    "http://u:pw@h/?token=t1",
  ]);
  const { command } = await found("secretive");
  for (const secret of ["abc123", "k9", "pw@", "t1"]) expect(command).not.toContain(secret);
  expect(command).toContain("--token ••••");
});

test("a shell that waits is idle, one with a program in front or behind is not", async () => {
  const prompt = { environment: { PS1: "$ ", HOME: screens.folder } };
  const screenPid = await screens.byHand("typed", ["bash", "--norc", "--noprofile"], prompt);
  const idle = await found("typed", ({ state }) => state === "shell_idle");
  expect(idle.refusal).toContain("nothing to adopt");
  const type = (text: string) =>
    Bun.spawnSync(["screen", "-S", `${screenPid}.typed`, "-X", "stuff", text], {
      env: { PATH: process.env.PATH, SCREENDIR: screens.screenFolder },
    });
  type("sleep 602\n");
  // A copy of the shell until it becomes the program.
  const busy = await found("typed", ({ state, command }) => state === "stranger" && command === "sleep 602");
  expect(busy.pid).not.toBe(idle.pid);
  process.kill(busy.pid!, "SIGTERM");
  await found("typed", ({ state }) => state === "shell_idle");
  type("sleep 603 &\n");
  await found("typed", ({ state, command }) => state === "stranger" && command === "sleep 603");
});

test("a socket whose screen is gone is shown as dead", async () => {
  const screenPid = await screens.byHand("buried", ["sleep", "604"]);
  await found("buried");
  process.kill(screenPid, "SIGKILL");
  const dead = await found("buried", ({ state }) => state === "dead");
  expect(dead.refusal).toContain("screen -wipe");
  expect(
    await refusal(stage.fleet.strangers.adopt({ address: dead.address, program: "program8", pairs: ["IN_hand1"] }, anna)),
  ).toMatchObject({
    code: "conflict",
    details: { reason: "dead" },
  });
});

test("adopted without a restart: same process, seen running, no stranger any more; its end is known, and its policy restarts it under the shim", async () => {
  const { id, operator } = await ownPair();
  const ready = join(screens.folder, `ready-${operator}`);
  await screens.byHand(`program7_IN_${operator}`, ["sh", obedient, "IN", operator, ready]);
  await until("it obeys", () => Bun.file(ready).exists());
  const stranger = await found(`program7_IN_${operator}`);
  expect(stranger.guess).toEqual({ program: "program7", pairs: [id], by: "command" });

  const session = await stage.fleet.strangers.adopt({ address: stranger.address, program: "program7", pairs: [id] }, anna);
  const status = await stage.seen(session, "running");
  expect(status).toMatchObject({
    pid: stranger.pid,
    screenPid: stranger.screenPid,
    startedAt: stranger.startedAt,
    exit: null,
    restartPending: false,
  });
  expect(session.name).toBe(`program7_IN_${operator}`);
  await stage.fleet.strangers.look();
  expect(named(stranger.name)).toBeUndefined();
  expect(status.why).toContain("anna");

  process.kill(stranger.pid!, "SIGUSR1");
  const restarted = await until("the next run lives", () => {
    const after = stage.status(session);
    return after?.state === "running" && after.pid !== stranger.pid ? after : null;
  });
  const [now, before] = await until("both runs are written", async () => {
    const runs = await stage.fleet.history(session.id, 5);
    return runs.length === 2 && runs[1]!.endedAt !== null ? runs : null;
  });
  expect(now!.run).toBe(restarted.run!);
  expect(before).toMatchObject({
    pid: stranger.pid,
    startedBy: "anna",
    outcome: "crashed",
    reason: `adopted from screen ${stranger.screenPid}.${stranger.name}`,
  });
  // The kernel tells from Linux 6.15 on; before that the code is honestly unknown.
  expect([5, null]).toContain(before!.exitCode);
  expect(before!.exitWords).toBe(before!.exitCode === 5 ? "exit code 5" : "ended; the exit code of a program started by hand is unknown");
});

test("a stop ends its process group and leaves the shell it was typed into alone; who ignores TERM is killed with it", async () => {
  const { id, operator } = await ownPair();
  const ready = join(screens.folder, `deaf-${operator}`);
  const deaf = join(screens.folder, "deaf.sh");
  writeFileSync(deaf, "trap '' TERM\n: >\"$1\"\nwhile :; do sleep 0.05; done\n");
  await screens.byHand(`deaf ${operator}`, ["sh", deaf, ready]);
  await until("it is deaf", () => Bun.file(ready).exists());
  const { address, pid } = await found(`deaf ${operator}`);
  const ticks = ticksOf(pid!);
  const session = await stage.fleet.strangers.adopt({ address, program: "program8", pairs: [id] }, anna);
  await stage.seen(session, "running");
  await stage.desired.set(session.id, { state: "down", reason: "test" }, anna);
  await stage.seen(session, "stopping");
  const stopped = await stage.seen(session, "stopped");
  expect(isAlive(pid!, ticks)).toBe(false);
  expect([137, null]).toContain(stopped.exit!.code);
});

test("what a wrapping script started goes on as the run when the script ends first", async () => {
  const { id, operator } = await ownPair();
  const wrapper = join(screens.folder, "wrapper.sh");
  writeFileSync(wrapper, "trap '' HUP\nsleep 605 &\ntrap 'exit 0' USR1\nwhile :; do sleep 0.05; done\n");
  await screens.byHand(`wrapped ${operator}`, ["sh", wrapper]);
  const stranger = await found(`wrapped ${operator}`);
  const session = await stage.fleet.strangers.adopt({ address: stranger.address, program: "program8", pairs: [id] }, anna);
  await stage.seen(session, "running");
  await until("its sleep is there", () => readFileSync(`/proc/${stranger.pid}/task/${stranger.pid}/children`, "utf8").trim().length > 0);
  process.kill(stranger.pid!, "SIGUSR1");
  const after = await until("another process stands in", () => {
    const status = stage.status(session);
    return status?.state === "running" && status.pid !== stranger.pid ? status : null;
  });
  expect((await stage.fleet.history(session.id, 5)).length).toBe(1);
  await stage.desired.set(session.id, { state: "down" }, anna);
  await stage.seen(session, "stopped");
  expect(readStat(after.pid!)?.state ?? "Z").toBe("Z");
});

test("a second copy of a managed program and pair makes the session a duplicate, until it is gone", async () => {
  const { id, operator } = await ownPair();
  const session = await stage.roster.addSession({ program: "program8", pairs: [id] }, anna);
  await stage.seen(session, "running");
  await screens.byHand(`program8_IN_${operator}`, ["sleep", "606"]);
  const copy = await found(`program8_IN_${operator}`);
  expect(copy).toMatchObject({ state: "duplicate", doubles: session.id });
  const status = await stage.seen(session, "duplicate");
  expect(status.why).toContain(`process ${copy.pid}`);
  expect(await refusal(stage.fleet.strangers.adopt({ address: copy.address, program: "program8", pairs: [id] }, anna))).toMatchObject({
    code: "conflict",
    details: { reason: "duplicate" },
  });
  process.kill(copy.pid!, "SIGKILL");
  await until("the copy is gone", async () => {
    await stage.fleet.strangers.look();
    return named(copy.name)?.state !== "duplicate";
  });
  await stage.seen(session, "running");
});

test("our own runs are no strangers", async () => {
  const { id } = await ownPair();
  const session = await stage.roster.addSession({ program: "program8", pairs: [id] }, anna);
  const { pid } = await stage.seen(session, "running");
  await stage.fleet.strangers.look();
  expect(stage.fleet.strangers.list().filter((stranger) => stranger.pid === pid || stranger.name === session.name)).toEqual([]);
});

test("an address names one process: an ended one, another of the same pid, and nonsense are refused, and nothing is created", async () => {
  const { id, operator } = await ownPair();
  await screens.byHand(`fleeting ${operator}`, ["sleep", "607"]);
  const { address, pid } = await found(`fleeting ${operator}`);
  const adopt = (given: string) => refusal(stage.fleet.strangers.adopt({ address: given, program: "program8", pairs: [id] }, anna));
  expect(await adopt(`${pid}-1`)).toMatchObject({ code: "conflict", details: { reason: "gone" } });
  expect(await adopt("../etc")).toMatchObject({ code: "invalid" });
  process.kill(pid!, "SIGKILL");
  await until("it is gone", () => readStat(pid!) === null);
  expect(await adopt(address)).toMatchObject({ code: "conflict", details: { reason: "gone" } });
  expect(stage.directory.sessionsOfPair(id)).toEqual([]);
});

test("a pair that is switched off is not adopted into, because that would stop the program", async () => {
  const { id, operator } = await ownPair();
  await stage.roster.changePair(id, { active: false }, anna);
  await screens.byHand(`idle ${operator}`, ["sleep", "608"]);
  const { address } = await found(`idle ${operator}`);
  expect(await refusal(stage.fleet.strangers.adopt({ address, program: "program8", pairs: [id] }, anna))).toMatchObject({
    details: { reason: "inactive" },
  });
});

test("many at once: each is answered for itself", async () => {
  const [a, b] = [await ownPair(), await ownPair()];
  await screens.byHand(`many ${a.operator}`, ["sleep", "609"]);
  await screens.byHand(`many ${b.operator}`, ["sleep", "609"]);
  const [one, two] = [await found(`many ${a.operator}`), await found(`many ${b.operator}`)];
  const answers = await stage.fleet.strangers.adoptMany(
    [
      { address: one.address, program: "program8", pairs: [a.id] },
      { address: "1-1", program: "program8", pairs: [b.id] },
      { address: two.address, program: "program8", pairs: [a.id] },
      { address: two.address, program: "program8", pairs: [b.id] },
    ],
    anna,
  );
  expect(answers.map((answer) => (answer.adopted ? "adopted" : answer.reason))).toEqual(["adopted", "gone", "duplicate", "adopted"]);
});

test("the next Signalbox finds what was adopted by pid and start time, and learns of an end that it did not see", async () => {
  const [a, b] = [await ownPair(), await ownPair()];
  await screens.byHand(`kept ${a.operator}`, ["sleep", "610"]);
  await screens.byHand(`lost ${b.operator}`, ["sleep", "610"]);
  const [kept, lost] = [await found(`kept ${a.operator}`), await found(`lost ${b.operator}`)];
  const first = await stage.fleet.strangers.adopt({ address: kept.address, program: "program8", pairs: [a.id] }, anna);
  const second = await stage.fleet.strangers.adopt({ address: lost.address, program: "program8", pairs: [b.id] }, anna);
  await stage.seen(first, "running");
  await stage.seen(second, "running");
  await stage.close();
  process.kill(lost.pid!, "SIGKILL");
  await until("it is gone", () => readStat(lost.pid!) === null);
  await stage.open();
  expect(await stage.seen(first, "running")).toMatchObject({ pid: kept.pid, screenPid: kept.screenPid });
  expect(named(kept.name)).toBeUndefined();
  const [ended] = await until("its end is written", async () => {
    const runs = (await stage.fleet.history(second.id, 5)).filter(({ endedAt }) => endedAt !== null);
    return runs.length > 0 ? runs : null;
  });
  expect(ended).toMatchObject({ exitCode: null, exitWords: "ended; the exit code of a program started by hand is unknown" });
});

test("a folder that speaks of another process of the same pid signals nobody", async () => {
  const { id, operator } = await ownPair();
  await screens.byHand(`reused ${operator}`, ["sleep", "611"]);
  const stranger = await found(`reused ${operator}`);
  const session = await stage.fleet.strangers.adopt({ address: stranger.address, program: "program8", pairs: [id] }, anna);
  const { run } = await stage.seen(session, "running");
  await stage.close();
  const order = join(screens.runtimeFolder, "sessions", session.id, run!, "order");
  const text = readFileSync(order, "utf8");
  // As if the machine had given the pid to somebody else since.
  const forged = text.replace(`"startTicks":${ticksOf(stranger.pid!)}`, `"startTicks":1`).replace(/"screen":"[^"]*"/, '"screen":"1.other"');
  expect(forged).not.toBe(text);
  writeFileSync(`${order}.new`, forged);
  renameSync(`${order}.new`, order);
  await stage.open();
  await stage.desired.set(session.id, { state: "down" }, anna);
  await stage.seen(session, "stopped");
  expect(readStat(stranger.pid!)).not.toBeNull();
});

test("an adoption is undone without touching the program: it is a stranger again, and nothing is started in its place", async () => {
  const { id, operator } = await ownPair();
  await screens.byHand(`program8 IN ${operator}`, ["sleep", "612"]);
  const stranger = await found(`program8 IN ${operator}`);
  const session = await stage.fleet.strangers.adopt({ address: stranger.address, program: "program8", pairs: [id] }, anna);
  await stage.seen(session, "running");
  await stage.fleet.strangers.release(session.id, anna);
  expect(await found(`program8 IN ${operator}`)).toMatchObject({ address: stranger.address, state: "stranger", doubles: null });
  await until("the session has left", () => stage.status(session) === undefined);
  expect(isAlive(stranger.pid!, ticksOf(stranger.pid!))).toBe(true);
  const [run] = await until("the run is closed", async () => {
    const runs = await stage.fleet.history(session.id, 5);
    return runs[0]?.endedAt ? runs : null;
  });
  expect(run).toMatchObject({ pid: stranger.pid, outcome: "stopped", exitWords: "released; it goes on by itself" });
  const again = await stage.fleet.strangers.adopt({ address: stranger.address, program: "program8", pairs: [id] }, anna);
  expect((await stage.seen(again, "running")).pid).toBe(stranger.pid);
});

test("high priority, which refuses to be stopped, does not refuse a release: nothing is stopped, and the audit says who gave it back", async () => {
  const { id, operator } = await ownPair();
  await screens.byHand(`program8 IN ${operator}`, ["sleep", "614"]);
  const stranger = await found(`program8 IN ${operator}`);
  const session = await stage.fleet.strangers.adopt({ address: stranger.address, program: "program8", pairs: [id] }, anna);
  await stage.seen(session, "running");
  await stage.roster.setPriority(id, true, anna);
  const ticks = ticksOf(stranger.pid!);
  for (const ended of [stage.roster.retireSession(session.id, anna), stage.desired.set(session.id, { state: "down" }, anna)])
    expect(await refusal(ended)).toMatchObject({ code: "conflict", details: { reason: "high_priority" } });
  await stage.fleet.strangers.release(session.id, anna);
  expect(await found(`program8 IN ${operator}`)).toMatchObject({ address: stranger.address, state: "stranger" });
  expect(isAlive(stranger.pid!, ticks)).toBe(true);
  const [act] = await stage.documents.acts({ subject: `session:${session.id}`, limit: 1 });
  expect(act).toMatchObject({ verb: "session.release", actor: "anna" });
  const again = await stage.fleet.strangers.adopt({ address: stranger.address, program: "program8", pairs: [id] }, anna);
  expect(await stage.seen(again, "running")).toMatchObject({ pid: stranger.pid });
});

test("what we started ourselves cannot be released, and one process is adopted once", async () => {
  const [a, b] = [await ownPair(), await ownPair()];
  const managed = await stage.roster.addSession({ program: "program8", pairs: [a.id] }, anna);
  await stage.seen(managed, "running");
  expect(await refusal(stage.fleet.strangers.release(managed.id, anna))).toMatchObject({ details: { reason: "not_adopted" } });
  const c = await ownPair();
  await screens.byHand(`once ${b.operator}`, ["sleep", "613"]);
  const { address } = await found(`once ${b.operator}`);
  const both = await Promise.allSettled(
    [b.id, c.id].map((id) => stage.fleet.strangers.adopt({ address, program: "program8", pairs: [id] }, anna)),
  );
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
});
