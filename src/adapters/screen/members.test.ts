import { expect, test } from "bun:test";
import { until } from "../../../tests/cast/until.ts";
import { readStat } from "../linux/processes.ts";
import { openMembers } from "./members.ts";

test("what a program starts is counted with the next whole pass, what has ended never", async () => {
  // A terminal's kernel session of its own, as screen makes one.
  const program = Bun.spawn(["setsid", "sh", "-c", "read line; sleep 60 & echo $!; wait"], { stdin: "pipe", stdout: "pipe" });
  const own = await until("it leads a session", () => {
    const stat = readStat(program.pid);
    return stat?.session === program.pid ? stat : null;
  });
  const child = { pid: own.pid, startTicks: own.startTicks, startedAt: 0, alive: true };
  const runs = [{ run: "r1", keeper: null, child }];
  const members = openMembers();
  const pids = async () => (await members.of(runs)).get("r1")?.map(({ pid }) => pid);
  expect(await pids()).toEqual([own.pid]);
  program.stdin.write("go\n");
  program.stdin.flush();
  const reader = program.stdout.getReader();
  const helper = Number(new TextDecoder().decode((await reader.read()).value));
  expect(await pids()).toEqual([own.pid]);
  expect(await pids()).toEqual([own.pid]);
  expect((await pids())?.sort()).toEqual([own.pid, helper].sort());
  process.kill(helper, "SIGKILL");
  await program.exited;
  expect(await pids()).toEqual([]);
});

test("a process that was seen before its run was known is counted with it", async () => {
  const program = Bun.spawn(["setsid", "sh", "-c", "sleep 60 & echo $!; wait"], { stdout: "pipe" });
  const other = Bun.spawn(["setsid", "sleep", "60"]);
  const helper = Number(new TextDecoder().decode((await program.stdout.getReader().read()).value));
  const aRun = (run: string, pid: number) => ({
    run,
    keeper: null,
    child: { pid, startTicks: readStat(pid)!.startTicks, startedAt: 0, alive: true },
  });
  const leads = (pid: number) => until("it leads a session", () => readStat(pid)?.session === pid);
  await Promise.all([leads(program.pid), leads(other.pid)]);
  const members = openMembers();
  const first = aRun("r1", other.pid);
  expect((await members.of([first])).has("r2")).toBe(false);
  const both = await members.of([first, aRun("r2", program.pid)]);
  expect(
    both
      .get("r2")
      ?.map(({ pid }) => pid)
      .sort(),
  ).toEqual([program.pid, helper].sort());
  for (const pid of [helper, program.pid, other.pid]) process.kill(pid, "SIGKILL");
});
