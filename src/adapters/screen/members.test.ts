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
