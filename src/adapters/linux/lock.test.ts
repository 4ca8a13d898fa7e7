import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../../../tests/cast/folder.ts";
import { until } from "../../../tests/cast/until.ts";
import { lockDataFolder } from "./lock.ts";

const folder = ownFolder("lock");

test("a second Signalbox on one data folder is refused with the pid of the first", () => {
  const first = lockDataFolder(join(folder, "a"));
  expect(() => lockDataFolder(join(folder, "a"))).toThrow(new RegExp(`in use by another Signalbox \\(pid ${process.pid}\\)`));
  first.release();
  lockDataFolder(join(folder, "a")).release();
});

test("a lock file left behind by a dead Signalbox harms nobody", () => {
  const data = join(folder, "b");
  lockDataFolder(data).release();
  writeFileSync(join(data, "lock"), "999999\n");
  lockDataFolder(data).release();
});

test("programs started by Signalbox do not hold its lock", async () => {
  const lock = lockDataFolder(join(folder, "c"));
  const child = Bun.spawn(["sleep", "60"], { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
  lock.release();
  // The child's copy goes when it has become `sleep`: a moment after spawn returns, and long before it ends.
  const again = await until("the lock is free", () => attempt(() => lockDataFolder(join(folder, "c"))));
  again.release();
  expect(child.exitCode).toBeNull();
  child.kill("SIGKILL");
  await child.exited;
});

test("a data folder that cannot be made says so and how to mend it", () => {
  writeFileSync(join(folder, "file"), "");
  expect(() => lockDataFolder(join(folder, "file", "data"))).toThrow(/cannot be used: .* choose another with --data-dir/);
});

function attempt<T>(take: () => T): T | null {
  try {
    return take();
  } catch {
    return null;
  }
}
