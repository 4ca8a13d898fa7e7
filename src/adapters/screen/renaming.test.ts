import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { ownScreens } from "../../../tests/cast/screens.ts";
import { until } from "../../../tests/cast/until.ts";
import { readStat } from "../linux/processes.ts";

const screens = ownScreens("renaming");
const terminals = screens.open();

async function live(order: ReturnType<typeof screens.order>) {
  await terminals.start(order);
  return until("it runs", () => {
    terminals.look();
    return terminals.list().find((seen) => seen.run === order.run && seen.child?.alive);
  });
}

test("a screen gets another name, and those whose names begin alike keep theirs", async () => {
  const first = await live(screens.order(["sleep", "600"], { name: "one" }));
  const other = await live(screens.order(["sleep", "600"], { name: "one_more" }));
  expect(await terminals.rename(first.run, "two")).toBe(true);
  const sockets = readdirSync(screens.screenFolder);
  expect(sockets).toContain(`${first.screenPid}.two`);
  expect(sockets).toContain(`${other.screenPid}.one_more`);
  expect(readStat(first.child!.pid)?.startTicks).toBe(first.child!.startTicks);
});

test("a screen that hangs is not believed, and does it when it goes on", async () => {
  const seen = await live(screens.order(["sleep", "600"], { name: "hung" }));
  process.kill(seen.screenPid!, "SIGSTOP");
  try {
    await until("it stands still", () => readStat(seen.screenPid!)?.state === "T");
    expect(await terminals.rename(seen.run, "later")).toBe(false);
  } finally {
    process.kill(seen.screenPid!, "SIGCONT");
  }
  await until("it has its name", () => readdirSync(screens.screenFolder).includes(`${seen.screenPid}.later`));
});

test("a run that is gone is not renamed", async () => {
  expect(await terminals.rename("r_none", "name")).toBe(false);
});
