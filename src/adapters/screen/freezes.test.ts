import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownScreens } from "../../../tests/cast/screens.ts";
import { until } from "../../../tests/cast/until.ts";
import { phaseOf } from "../../fleet/judge.ts";
import type { RunSeen } from "../../fleet/terminals.ts";
import { openWaits } from "../linux/waits.ts";
import { heldEvidence, thawCommand } from "./freezes.ts";
import { clientFor } from "./other-screens.ts";

const screens = ownScreens("freezes");
const terminals = screens.open();
const seen = new Map<string, RunSeen>();

function look(run: string): RunSeen | undefined {
  for (const changed of terminals.look()) seen.set(changed.run, changed);
  return seen.get(run);
}

/** Prints all the time, in a terminal that was told to know Ctrl-S, and has been sent one. */
async function frozen(): Promise<RunSeen> {
  const order = screens.order(["sh", "-c", "stty ixon; while :; do echo tick; sleep 0.02; done"]);
  await terminals.start(order);
  const printed = () => terminals.output(order.session).some((file) => readFileSync(file, "utf8").includes("tick"));
  await until("it prints", printed);
  const run = await until("it lives", () => (look(order.run)?.child?.alive ? look(order.run) : null));
  Bun.spawnSync(["screen", "-S", `${run.screenPid}.`, "-X", "stuff", "^S"], { env: { ...process.env, SCREENDIR: screens.screenFolder } });
  await until("it is held", () => terminals.held().has(order.run));
  return run;
}

test("screen is addressed by the pid with its dot: no other session's name begins so", () => {
  expect(thawCommand(4242)).toEqual(["screen", "-S", "4242.", "-X", "stuff", "^Q"]);
});

test("what is held is held by the same wait until it is thawed", async () => {
  const { run } = await frozen();
  const first = terminals.held().get(run)!;
  expect(terminals.held().get(run)).toBe(first);
  await terminals.thaw(run);
  await until("it goes on", () => !terminals.held().has(run) || terminals.held().get(run) !== first);
});

test("a program that waits for anything else is not held", async () => {
  const order = screens.order(["cat"]);
  await terminals.start(order);
  const run = await until("it lives", () => (look(order.run)?.child?.alive ? look(order.run) : null));
  expect(heldEvidence(run.child!.pid, openWaits(0))).toBeNull();
  expect(terminals.held().has(order.run)).toBe(false);
});

test("a frozen terminal does not keep the exit code from being told", async () => {
  const { run } = await frozen();
  terminals.stop(run, "TERM", { kind: "stop", by: "anna", reason: null, at: Date.now(), killAt: Date.now() + 10_000 });
  const ended = await until("it has ended", () => {
    const now = look(run);
    return now && phaseOf(now, Date.now()) === "ended" ? now : null;
  });
  expect(ended.exit?.code).toBe(143);
});

test("a terminal that is gone cannot be thawed, and says so", async () => {
  const order = screens.order(["sh", "-c", "exit 0"]);
  await terminals.start(order);
  await until("it has ended", () => look(order.run)?.exit);
  const refused = await terminals.thaw(order.run).then(
    () => null,
    (error: Error) => error.message,
  );
  expect(refused).toMatch(/^screen refused: |gone/);
});

test("a screen that the screen of our PATH cannot talk with is asked with its own binary", async () => {
  const folder = join(screens.folder, "newer");
  mkdirSync(folder);
  // What a client of 5.0 does to a screen of 4.9, and the other way round: says that all is well, and does nothing.
  writeFileSync(join(folder, "screen"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  const { run } = await frozen();
  const first = terminals.held().get(run)!;
  const upgraded = screens.open({ environment: { ...process.env, PATH: `${folder}:${process.env.PATH}` } });
  upgraded.list();
  await upgraded.thaw(run);
  await until("it goes on", () => !terminals.held().has(run) || terminals.held().get(run) !== first);
});

test("what a screen is asked with: its own binary when only we or root could have made it, and it is not ours already", async () => {
  const { screenPid } = await frozen();
  const pid = screenPid!;
  expect(clientFor(pid, null)).toBe(`/proc/${pid}/exe`);
  expect(clientFor(pid, "/bin/sh")).toBe(`/proc/${pid}/exe`);
  expect(clientFor(pid, Bun.which("screen"))).toBe("screen");
  // Not a screen at all, and one that is gone.
  expect(clientFor(process.pid, null)).toBe("screen");
  expect(clientFor(4_194_305, null)).toBe("screen");
});
