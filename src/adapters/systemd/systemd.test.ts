import { expect, test } from "bun:test";
import { join } from "node:path";
import { ownFolder } from "../../../tests/cast/folder.ts";
import { until } from "../../../tests/cast/until.ts";
import { quiet } from "../../kernel/log.ts";
import type { LoopHealth } from "../../kernel/loop.ts";
import { openNotifier } from "./notify.ts";
import { openBeats, openWatchdog } from "./watchdog.ts";

/** A service manager's end of the socket: Bun has no datagram Unix sockets, Python has. */
async function openManager(path: string) {
  const script = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("\\0" + sys.argv[1][1:] if sys.argv[1][0] == "@" else sys.argv[1])
print("bound", flush=True)
while True: print(repr(s.recv(4096).decode()), flush=True)`;
  const child = Bun.spawn(["python3", "-c", script, path], { stdout: "pipe", stderr: "inherit" });
  const heard: string[] = [];
  void (async () => {
    let text = "";
    const decoder = new TextDecoder();
    for await (const bytes of child.stdout) {
      text += decoder.decode(bytes);
      heard.splice(0, heard.length, ...text.split("\n").slice(0, -1));
    }
  })();
  await until("the manager is bound", () => heard[0] === "bound");
  return {
    heard,
    async close() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

const healthy: LoopHealth = { name: "reconciler", runs: 1, failures: 0, lastOkAt: 0, lastError: null, everyMs: 1000 };

for (const path of [join(ownFolder("notify"), "notify.sock"), `@signalbox-test-${process.pid}`]) {
  test(`the service manager hears READY on ${path[0] === "@" ? "an abstract socket" : "a socket file"}`, async () => {
    const manager = await openManager(path);
    const notifier = openNotifier(path);
    expect(notifier.tell("READY=1", "STATUS=Serving – http://127.0.0.1")).toBe(true);
    await until("READY was heard", () => manager.heard.includes("'READY=1\\nSTATUS=Serving – http://127.0.0.1'"));
    await manager.close();
    if (path[0] === "@") expect(notifier.tell("READY=1")).toBe(false);
  });
}

test("without a service manager every word is nothing", () => {
  expect(openNotifier(undefined).tell("READY=1")).toBe(false);
  expect(openNotifier(undefined).active).toBe(false);
});

test("the watchdog is fed while loops beat, and no longer once one has stalled", async () => {
  const told: string[] = [];
  let steady = 0;
  const loop = { ...healthy };
  const watchdog = openWatchdog({
    notifier: { active: true, tell: (...lines) => told.push(lines[0]!) > 0 },
    watchdogUsec: "30000000",
    loops: () => [loop],
    status: () => "15 sessions",
    log: quiet,
    now: () => 0,
    steadyMs: () => steady,
  });
  expect(watchdog.health().everyMs).toBe(10_000);
  await watchdog.runOnce();
  steady += 30_000;
  loop.runs++;
  await watchdog.runOnce();
  steady += 64_001;
  await watchdog.runOnce();
  expect(told).toEqual(["WATCHDOG=1", "WATCHDOG=1", "STATUS=Stalled: reconciler"]);
  loop.runs++;
  await watchdog.runOnce();
  expect(told.at(-1)).toBe("WATCHDOG=1");
});

test("a loop that fails still beats, and a slow one is given its time", () => {
  let steady = 0;
  const beats = openBeats(() => steady);
  const failing = { ...healthy, failures: 1 };
  const hourly = { ...healthy, name: "trim", everyMs: 3_600_000 };
  beats.look([failing, hourly]);
  steady = 3_700_000;
  expect(beats.look([{ ...failing, runs: 2 }, hourly])).toEqual([]);
});
