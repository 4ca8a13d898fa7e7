/** The health of sessions over real screens: frozen and thawed, silent, too heavy, restarted by the clock, changed code, sealed secrets, given up. */

import { describe, expect, test } from "bun:test";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openCode } from "../../src/adapters/linux/code.ts";
import { systemClock } from "../../src/adapters/linux/libc.ts";
import { aesVault } from "../../src/adapters/linux/vault.ts";
import type { Traffic } from "../../src/fleet/traffic.ts";
import { sessionOf } from "../../src/pairs/directory.ts";
import { newPair } from "../../src/pairs/input.ts";
import type { Session } from "../../src/pairs/session.ts";
import { openSecretsOf } from "../../src/pairs/vault.ts";
import { attach } from "../cast/attach.ts";
import { ownFleet } from "../cast/fleet.ts";
import { anna, boris, sleeper } from "../cast/people.ts";
import { refusal } from "../cast/refusal.ts";
import { until } from "../cast/until.ts";

const sending = { lastAt: new Map<string, number>(), reports: new Set<string>(), free: new Map<string, number>() };
const traffic: Traffic = {
  lastAt: (session) => sending.lastAt.get(session) ?? null,
  reports: (program) => sending.reports.has(program),
  freeSlots: (pair) => sending.free.get(pair) ?? 0,
};
const vault = aesVault(() => new Uint8Array(32).fill(7));
const stage = await ownFleet("health", {
  vault,
  fleet: {
    jitter: () => 0.5,
    traffic,
    code: openCode(process.env),
    codeEveryMs: 100,
    secretsOf: (program) => openSecretsOf(vault, program),
    pace: { lookMs: 100, measureMs: 100, thawAfterMs: 700, thawAgainMs: 1_000 },
  },
});
let shift = 0;
const system = systemClock();
const night = await ownFleet("night", { fleet: { clock: { ...system, now: () => system.now() + shift }, pace: { lookMs: 100 } } });
const sh = (script: string) => ["sh", "-c", script];
const acts = async (verb: string, session: Session) =>
  (await stage.documents.acts({ limit: 200 })).filter((act) => act.verb === verb && act.subject === `session:${session.id}`);
/** A status is seen before its act is written. */
const told = async (verb: string, session: Session) => {
  await until(`${verb} is told`, async () => (await acts(verb, session)).length > 0);
  return acts(verb, session);
};

/** A terminal that knows Ctrl-S, as those of strangers do; ours does not. */
const PRINTS = "stty ixon; while :; do echo tick; sleep 0.02; done";

/** Types into its screen. */
function type(screenPid: number, keys: string): void {
  const { exitCode } = Bun.spawnSync(["screen", "-S", `${screenPid}.`, "-X", "stuff", keys], {
    env: { ...process.env, SCREENDIR: stage.screens.screenFolder },
  });
  expect(exitCode).toBe(0);
}

async function printing(session: Session): Promise<number> {
  const { screenPid } = await stage.seen(session, "running");
  await until("it prints", async () => (await stage.fleet.output(session.id, { tail: 5 })).includes("tick"));
  return screenPid!;
}

describe("a frozen terminal", () => {
  test("is seen, says since when, and is thawed by hand", async () => {
    const [session] = await stage.add({ name: "frozen", template: sh(PRINTS), auto_thaw: false }, "UZ_uzmobile");
    const screenPid = await printing(session!);
    expect(await refusal(stage.fleet.thaw(session!.id, boris))).toMatchObject({ code: "conflict", details: { reason: "not_frozen" } });
    type(screenPid, "^S");
    const { why, pid } = await stage.seen(session!, "frozen");
    expect(why).toMatch(/^its terminal has held it still since \d\d:\d\d:\d\d$/);
    await stage.fleet.thaw(session!.id, boris);
    expect((await stage.seen(session!, "running")).pid).toBe(pid!);
    expect(await told("session.thaw", session!)).toMatchObject([{ actor: "boris" }]);
    expect(await told("session.freeze", session!)).toMatchObject([{ actor: "signalbox", reason: "its terminal holds it still" }]);
    expect(await told("session.unfreeze", session!)).toHaveLength(1);
  });

  test("is thawed by itself where its program allows, and the audit says so", async () => {
    const [session] = await stage.add({ name: "thaws", template: sh(PRINTS) }, "UZ_uzmobile");
    type(await printing(session!), "^S");
    expect((await stage.seen(session!, "frozen")).why).toContain("; it is thawed at ");
    await stage.seen(session!, "running");
    expect(await told("session.thaw", session!)).toMatchObject([
      { actor: "signalbox", reason: expect.stringMatching(/^held still since \d s$/) },
    ]);
  });

  // More than a screen's own buffers take: 40 KB in a second.
  const FLOODS = `i=0; while :; do i=$((i+1)); echo "tick $i ${"0123456789".repeat(8)}"; sleep 0.002; done`;
  for (const [what, key] of [
    ["Ctrl-A Escape", "\x1b"],
    ["Ctrl-A [", "["],
  ] as const)
    test(`by copy mode (${what}), which outlives the connection of whoever entered it, is seen and thawed: an adopted one has its own keys`, async () => {
      const operator = key === "[" ? "bracket" : "escape";
      const pair = await stage.roster.addPair(newPair.parse({ country: "AM", operator }), anna);
      await stage.roster.addProgram(sleeper(`copied-${operator}`, { template: sh(FLOODS) }), anna);
      const screenPid = await stage.screens.byHand(`copied ${operator}`, sh(FLOODS));
      const stranger = await until("it is found", async () => {
        await stage.fleet.strangers.look();
        return stage.fleet.strangers.list().find((one) => one.screenPid === screenPid && one.refusal === null);
      });
      const session = await stage.fleet.strangers.adopt(
        { address: stranger.address, program: `copied-${operator}`, pairs: [pair.id] },
        anna,
      );
      const { pid } = await stage.seen(session, "running");
      const person = attach(stage.screens.screenFolder, screenPid);
      await person.shows("tick");
      person.type(`\x01${key}`);
      await person.shows("Copy mode");
      await person.drop();
      await stage.seen(session, "frozen");
      expect((await stage.seen(session, "running")).pid).toBe(pid);
      expect(await told("session.thaw", session)).toMatchObject([{ actor: "signalbox" }]);
      expect(await told("session.unfreeze", session)).toHaveLength(1);
      await stage.fleet.strangers.release(session.id, anna);
    }, 30_000);

  test("cannot be made of ours by a key: neither copy mode nor Ctrl-S, and what is printed goes on", async () => {
    const [session] = await stage.add({ name: "unfreezable", template: sh(FLOODS) }, "UZ_uzmobile");
    const { screenPid } = await stage.seen(session!, "running");
    const person = attach(stage.screens.screenFolder, screenPid!);
    await person.shows("tick");
    for (const keys of ["\x01\x1b", "\x01[", "\x01s", "\x01\x13", "\x13"]) {
      person.type(keys);
      await person.shows("tick");
    }
    await person.drop();
    const printed = async () => Number(/tick (\d+) /.exec((await stage.fleet.output(session!.id, { tail: 1 })).join(""))?.[1] ?? 0);
    const before = await printed();
    // Far beyond what could have been on its way.
    await until("it prints on", async () => (await printed()) > before + 400);
    expect(stage.status(session!)?.state).toBe("running");
    await stage.desired.set(session!.id, { state: "down" }, anna);
    await stage.seen(session!, "stopped");
  }, 30_000);

  test("of a helper counts as well, and quiet programs are not frozen", async () => {
    const [helped, quiet] = await Promise.all([
      stage
        .add(
          { name: "helper", template: sh("stty ixon; (while :; do echo tick; sleep 0.02; done) & wait"), auto_thaw: false },
          "UZ_uzmobile",
        )
        .then(([one]) => one!),
      stage.add({ name: "quiet", template: ["cat"] }, "UZ_uzmobile").then(([one]) => one!),
    ]);
    type(await printing(helped), "^S");
    await stage.seen(helped, "frozen");
    expect(stage.status(quiet)?.state).toBe("running");
    await stage.desired.set(helped.id, { state: "down" }, anna);
    await stage.seen(helped, "stopped");
  });
});

describe("a silent session", () => {
  const soon = { first_delay_ms: 50, cap_ms: 100 };

  /** The least that a program can be given is ten seconds; its last message lies further back. */
  function silence(program: string, session: Session, pair: string): void {
    sending.reports.add(program);
    sending.free.set(pair, 7);
    sending.lastAt.set(session.id, 0);
  }

  test("is one that could send and does not; a message ends it", async () => {
    const [session] = await stage.add({ name: "silent", silent_after_ms: 10_000 }, "KZ_kcell");
    await stage.seen(session!, "running");
    silence("silent", session!, "KZ_kcell");
    expect((await stage.seen(session!, "silent", 20_000)).why).toBe("no message for less than a minute although KZ has 7 free slots");
    sending.lastAt.set(session!.id, Date.now());
    await stage.seen(session!, "running");
  }, 30_000);

  test("is restarted where its program says so, counted, and says why", async () => {
    const [session] = await stage.add({ name: "wakes", silent_after_ms: 10_000, silent_restart: true, restart: soon }, "KZ_tele2");
    const { run } = await stage.seen(session!, "running");
    silence("wakes", session!, "KZ_tele2");
    const after = await until(
      "another run lives",
      () => {
        const status = stage.status(session!);
        return status?.state === "running" && status.run !== run ? status : null;
      },
      20_000,
    );
    expect(after.restarts).toBe(1);
    expect(after.why).toBe("started by signalbox: no message for less than a minute although KZ has 7 free slots");
    const rows = () => stage.fleet.history(session!.id, 5);
    const row = await until("the row of the ended is written", async () =>
      (await rows()).find((ended) => ended.run === run && ended.endedAt !== null),
    );
    expect(row).toMatchObject({ outcome: "unhealthy", exitWords: expect.stringContaining("no message for") });
  }, 30_000);
});

describe("a memory limit", () => {
  test("ends a session whose processes together outgrow it, counts it, and tries again", async () => {
    // Neither of the two is over the limit alone.
    const eat = "x = bytearray(30 << 20)\nimport time\ntime.sleep(600)";
    const [session] = await stage.add(
      {
        name: "heavy",
        template: sh(`python3 -c '${eat}' & exec python3 -c '${eat}'`),
        memory_limit_mb: 60,
        restart: { first_delay_ms: 60_000 },
      },
      "UZ_uzmobile",
    );
    const status = await stage.seen(session!, "backoff");
    expect(status.why).toMatch(/^memory \d\d MB over 60 MB; 1st exit in 30 min, next try /);
    expect(status.restarts).toBe(1);
    expect((await told("session.restart", session!))[0]).toMatchObject({
      actor: "signalbox",
      reason: expect.stringContaining("over 60 MB"),
    });
    await stage.desired.set(session!.id, { state: "down" }, anna);
  });
});

test("a schedule restarts every session of its program once, of one country one at a time, and says so", async () => {
  const sessions = await night.add({ name: "nightly", schedule: "* * * * *" }, "UA_kyivstar", "UA_lifecell", "UA_vodafone", "GE_magti");
  const before = await Promise.all(sessions.map((session) => night.seen(session, "running")));
  const between = new Set(["starting", "stopping"]);
  let most = 0;
  const leave = night.fleet.changed.subscribe(() => {
    const down = sessions.slice(0, 3).filter((session) => between.has(night.status(session)?.state ?? ""));
    most = Math.max(most, down.length);
  });
  // The clock of the fleet alone: the next minute has come.
  shift = 60_000;
  night.fleet.nudge();
  await until(
    "each has a new run",
    () => sessions.every((session, i) => night.status(session)?.state === "running" && night.status(session)?.run !== before[i]!.run),
    20_000,
  );
  leave();
  expect(most).toBe(1);
  expect(night.status(sessions[0]!)).toMatchObject({ why: "started by signalbox: scheduled", restarts: 0 });
  const runs = () => Promise.all(sessions.map(async (session) => (await night.fleet.history(session.id, 9)).length));
  await until("the rows of the ended are written", async () => (await runs()).every((count) => count >= 2));
  expect(await runs()).toEqual([2, 2, 2, 2]);
}, 30_000);

test("code that was edited since a run began is told, and a restart takes it up", async () => {
  const folder = join(stage.screens.folder, "code");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "send.py"), "import time\ntime.sleep(600)\n");
  utimesSync(join(folder, "send.py"), 1_000, 1_000);
  const [session] = await stage.add({ name: "edited", folder, template: ["python3", "send.py"] }, "UZ_uzmobile");
  expect((await stage.seen(session!, "running")).codeChanged).toBeNull();
  writeFileSync(join(folder, "send.log"), "what it writes is not its code");
  writeFileSync(join(folder, "send.py"), "import time\ntime.sleep(601)\n");
  const told = await until("the edit is told", () => stage.status(session!)?.codeChanged);
  expect(told).toMatch(/^send\.py edited \d\d:\d\d:\d\d$/);
  // Another Signalbox reads it from the run's own file.
  await stage.close();
  await stage.open();
  expect(await until("it is told again", () => stage.status(session!)?.codeChanged)).toBe(told);
  await stage.fleet.restart(session!.id, boris);
  await until(
    "the new run has the new code",
    () => stage.status(session!)?.state === "running" && stage.status(session!)?.codeChanged === null,
  );
});

test("a secret is in the program's environment, and nowhere on disk", async () => {
  const [session] = await stage.add(
    {
      name: "secretive",
      template: sh(`printf 'got %s\\n' "$(printf %s "$TOKEN" | wc -c)"; exec sleep 600`),
      secrets: { TOKEN: "open sesame" },
    },
    "UZ_uzmobile",
  );
  await stage.seen(session!, "running");
  await until("it has it", async () => (await stage.fleet.output(session!.id, { tail: 5 })).includes("got 11"));
  const found = Bun.spawnSync(["grep", "-rl", "sesame", stage.screens.folder]);
  expect(found.stdout.toString()).toBe("");
});

test("a secret that cannot be opened refuses the start by name, and another one mends it", async () => {
  const [session] = await stage.add({ name: "keyless", restart: { first_delay_ms: 50, cap_ms: 100, give_up_after: 500 } }, "UZ_uzmobile");
  await stage.seen(session!, "running");
  const program = stage.directory.program("keyless")!;
  await stage.directory.commit([{ kind: "program", value: { ...program, secrets: { KEY: "v1:AAAA" } } }], []);
  await stage.fleet.restart(session!.id, boris);
  expect((await stage.seen(session!, "backoff")).why).toContain("secret KEY of keyless cannot be opened");
  await stage.roster.changeProgram("keyless", sleeper("keyless", { folder: stage.screens.folder, secrets: { KEY: "new" } }), anna);
  await stage.seen(session!, "running");
});

describe("giving up", () => {
  test("ends the retries, also for the next Signalbox, until somebody starts it", async () => {
    const [session] = await stage.add(
      { name: "hopeless", template: sh("exit 3"), restart: { first_delay_ms: 60_000, cap_ms: 60_000 } },
      "UZ_uzmobile",
    );
    await stage.seen(session!, "backoff");
    await stage.fleet.surrender(session!.id, boris, "the gateway is closed");
    expect((await stage.seen(session!, "crashed")).why).toBe("exit code 3; given up by boris");
    expect(stage.status(session!)?.nextTryAt).toBeNull();
    expect(await told("session.surrender", session!)).toMatchObject([{ reason: "the gateway is closed" }]);
    expect(await refusal(stage.fleet.surrender(session!.id, boris))).toMatchObject({ details: { reason: "not_retrying" } });
    await stage.close();
    await stage.open();
    await stage.seen(session!, "crashed");
    await stage.fleet.retryNow(session!.id, boris);
    // Another exit is another retry.
    await stage.seen(session!, "backoff");
  });

  test("is refused for high priority", async () => {
    const [session] = await stage.add({ name: "vital", template: sh("exit 3"), restart: { first_delay_ms: 60_000 } }, "TJ_tcell");
    await stage.roster.setPriority("TJ_tcell", true, anna);
    await stage.seen(session!, "backoff");
    expect(await refusal(stage.fleet.surrender(session!.id, boris))).toMatchObject({ details: { reason: "high_priority" } });
    expect(sessionOf(stage.directory, session!.id).surrender ?? null).toBeNull();
  });
});
