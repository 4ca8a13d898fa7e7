import { afterAll, expect, test } from "bun:test";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../../../tests/cast/folder.ts";
import { until } from "../../../tests/cast/until.ts";
import { tryLock } from "./libc.ts";
import { hasOpen, lockedFiles } from "./locks.ts";
import { openProcessWatch } from "./pidfds.ts";
import { environmentOf, isAlive, parseStat, processesOfSession, readStat } from "./processes.ts";
import { parsePasswd } from "./users.ts";

const children: Bun.Subprocess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
});

function sleeping(env: Record<string, string> = {}) {
  const child = Bun.spawn(["sleep", "600"], { env: { PATH: process.env.PATH ?? "", ...env } });
  children.push(child);
  return child;
}

test("a stat line is read behind a name that holds anything", () => {
  const line = "4242 (a) R (b) S 1 2 3 0 -1 4194304 100 0 0 0 11 12 13 14 20 0 1 0 130095 3133440 412 18446744073709551615 1 2 3";
  expect(parseStat(line)).toEqual({
    pid: 4242,
    state: "S",
    parent: 1,
    group: 2,
    session: 3,
    foreground: -1,
    cpuTicks: 50,
    startTicks: 130095,
    residentPages: 412,
  });
  expect(parseStat("")).toBeNull();
  expect(parseStat("4242 (x) S 1")).toBeNull();
});

test("a process is alive under its own start time only", async () => {
  const child = sleeping({ COOKIE: "yes" });
  const { startTicks } = readStat(child.pid)!;
  expect(isAlive(child.pid, startTicks)).toBe(true);
  expect(isAlive(child.pid, startTicks - 1)).toBe(false);
  await until("its environment is its own", () => environmentOf(child.pid).includes("COOKIE=yes"));
  child.kill("SIGKILL");
  await child.exited;
  expect(isAlive(child.pid, startTicks)).toBe(false);
  expect(environmentOf(child.pid)).toEqual([]);
});

test("a kernel session lists its members", () => {
  const own = readStat(process.pid)!;
  expect(processesOfSession(own.session).map((found) => found.pid)).toContain(process.pid);
});

test("a watch tells each end once, and refuses a process that is not the one meant", async () => {
  const watch = openProcessWatch();
  const [a, b] = [sleeping(), sleeping()];
  expect(watch.add("a", a.pid, readStat(a.pid)!.startTicks)).toBe(true);
  expect(watch.add("b", b.pid, readStat(b.pid)!.startTicks)).toBe(true);
  expect(watch.add("c", b.pid, 1)).toBe(false);
  expect(watch.ended()).toEqual([]);
  a.kill("SIGKILL");
  expect(await until("a has ended", () => watch.ended()[0])).toBe("a");
  expect(watch.ended()).toEqual([]);
  watch.remove("b");
  b.kill("SIGKILL");
  await b.exited;
  expect(watch.ended()).toEqual([]);
  expect(watch.size()).toBe(0);
  watch.close();
});

test("a lock is seen, and free again for whoever wants it", () => {
  const folder = ownFolder("locks");
  const [held, free] = [join(folder, "held"), join(folder, "free")];
  for (const file of [held, free]) writeFileSync(file, "");
  const fd = openSync(held, "r");
  expect(lockedFiles([held, free])).toEqual([]);
  // Asked again and again it is never in its own way.
  expect(lockedFiles([held, held, held])).toEqual([]);
  expect(tryLock(fd)).toBe(true);
  expect(lockedFiles([held, free, join(folder, "none")])).toEqual([held]);
  expect(hasOpen(process.pid, folder)).toBe(true);
  closeSync(fd);
  expect(lockedFiles([held])).toEqual([]);
  expect(hasOpen(process.pid, folder)).toBe(false);
});

test("a user of the machine", () => {
  expect(parsePasswd("sms:x:1001:1002:SMS,,,:/home/sms:/bin/sh\n")).toEqual({ name: "sms", uid: 1001, gid: 1002, home: "/home/sms" });
  expect(parsePasswd("")).toBeNull();
});

test("how a process ended is told though it was nobody's child of ours, where the kernel tells it", async () => {
  const watch = openProcessWatch();
  for (const [signal, code] of [
    ["SIGTERM", 143],
    ["SIGUSR1", 5],
  ] as const) {
    // Its parent waits for it, as a screen or a shell would.
    const parent = Bun.spawn(["sh", "-c", `sh -c 'trap "exit 5" USR1; echo $$; while :; do sleep 0.02; done' & wait`], {
      stdout: "pipe",
    });
    children.push(parent);
    const { value } = await parent.stdout.getReader().read();
    const pid = Number.parseInt(new TextDecoder().decode(value ?? new Uint8Array()), 10);
    expect(watch.add("far", pid, readStat(pid)!.startTicks)).toBe(true);
    process.kill(pid, signal);
    await until("its end is told", () => watch.ended().includes("far"));
    // Linux 6.15 tells; before that nobody knows.
    const known: (number | null)[] = [code, null];
    expect(known).toContain(watch.codeOf("far"));
  }
  watch.close();
});
