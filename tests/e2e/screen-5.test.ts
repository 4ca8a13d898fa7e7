/** GNU screen 5, alone and beside the screen of this machine: the two cannot talk to each other, and nobody who runs notices it. */

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isAlive } from "../../src/adapters/linux/processes.ts";
import { newPair } from "../../src/pairs/input.ts";
import { attach } from "../cast/attach.ts";
import { ownFleet } from "../cast/fleet.ts";
import { anna, sleeper } from "../cast/people.ts";
import { until } from "../cast/until.ts";

const root = join(import.meta.dir, "../..");
const five = join(root, ".cache/screen-5/screen");
const versionOf = (screen: string) => {
  try {
    return /version (\d+)/.exec(Bun.spawnSync([screen, "-v"]).stdout.toString())?.[1] ?? null;
  } catch {
    return null;
  }
};
const isThere = versionOf(five) === "5";
if (!isThere) console.warn(`skipped: screen 5 cannot be had here (${whyNot()})`);

function whyNot(): string {
  try {
    return readFileSync(join(dirname(five), "missing"), "utf8").trim();
  } catch {
    return "./scripts/setup --test fetches it";
  }
}

describe.skipIf(!isThere)("screen 5", () => {
  for (const suite of ["tests/contracts/terminals.test.ts", "tests/contracts/strangers.test.ts", "src/adapters/screen"])
    test(`alone passes ${suite}`, async () => {
      const run = Bun.spawn([process.execPath, "test", "--timeout", "30000", suite], {
        cwd: root,
        env: { ...process.env, PATH: `${dirname(five)}:${process.env.PATH}` },
        stdin: "ignore",
        stdout: "ignore",
        stderr: "pipe",
      });
      const told = await new Response(run.stderr).text();
      expect({ failed: told.split("\n").filter((line) => line.startsWith("(fail)")), code: await run.exited }).toEqual({
        failed: [],
        code: 0,
      });
    }, 180_000);
});

// Where the machine's own is a 5 there is no other to stand beside.
describe.skipIf(!isThere || versionOf("screen") === "5")("a screen 5 beside ours", async () => {
  const stage = await ownFleet("beside", { fleet: { pace: { lookMs: 100, thawAfterMs: 300, thawAgainMs: 1_000 } } });
  const prints = ["sh", "-c", `while :; do echo "tick ${"0123456789".repeat(8)}"; sleep 0.002; done`];
  await stage.roster.addProgram(sleeper("elder", { template: prints }), anna);

  async function adopted(operator: string) {
    const pair = await stage.roster.addPair(newPair.parse({ country: "GE", operator }), anna);
    const screenPid = await stage.screens.byHand(`elder ${operator}`, prints, { screen: five });
    const stranger = await until("it is found", async () => {
      await stage.fleet.strangers.look();
      return stage.fleet.strangers.list().find((one) => one.screenPid === screenPid && one.refusal === null);
    });
    const session = await stage.fleet.strangers.adopt({ address: stranger.address, program: "elder", pairs: [pair.id] }, anna);
    return { screenPid, stranger, session, pid: (await stage.seen(session, "running")).pid! };
  }

  test("is told apart, adopted, and ends when it is stopped", async () => {
    const { stranger, session, pid } = await adopted("stopped");
    expect(stranger.otherScreen).toContain(five);
    await stage.desired.set(session.id, { state: "down", reason: "test" }, anna);
    await stage.seen(session, "stopped");
    expect(isAlive(pid, Number(stranger.address.split("-")[1]))).toBe(false);
  }, 30_000);

  test("is seen frozen when somebody is lost in its copy mode, thawed by its own client, and given back running", async () => {
    const { screenPid, stranger, session, pid } = await adopted("frozen");
    const person = attach(stage.screens.screenFolder, screenPid, dirname(five));
    await person.shows("tick");
    person.type("\x01[");
    await person.shows("Copy mode");
    await person.drop();
    await stage.seen(session, "frozen");
    expect((await stage.seen(session, "running")).pid).toBe(pid);
    await stage.fleet.strangers.release(session.id, anna);
    expect(isAlive(pid, Number(stranger.address.split("-")[1]))).toBe(true);
  }, 30_000);
});
