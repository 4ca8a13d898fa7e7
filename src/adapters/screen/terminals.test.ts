import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { refusal } from "../../../tests/cast/refusal.ts";
import { ownScreens } from "../../../tests/cast/screens.ts";
import { until } from "../../../tests/cast/until.ts";
import type { StartOrder, Terminals } from "../../fleet/terminals.ts";
import { readStat } from "../linux/processes.ts";
import { systemUser } from "../linux/users.ts";
import { extractLibrary } from "./library.ts";

const screens = ownScreens("adapter");
const terminals = screens.open();

async function printed(order: StartOrder, last: string, from: Terminals = terminals): Promise<string> {
  await from.start(order);
  return until(`it has printed ${last}`, () => {
    const text = from
      .output(order.session)
      .map((file) => readFileSync(file, "utf8"))
      .join("");
    return text.includes(last) ? text : null;
  });
}

test("without screen a start says what to install", async () => {
  const bare = screens.open({ environment: { PATH: screens.folder } });
  const refused = await refusal(bare.start(screens.order(["true"])));
  expect(refused).toMatchObject({ code: "unavailable", message: "screen is not installed: apt-get install screen" });
});

test("screen's own complaint is passed on", async () => {
  const screenFolder = join(screens.folder, "open to all");
  mkdirSync(screenFolder);
  chmodSync(screenFolder, 0o777);
  const refused = await refusal(screens.open({ screenFolder }).start(screens.order(["true"])));
  expect(refused.code).toBe("unavailable");
  expect(refused.message).toMatch(/^screen refused: .*mode 700/);
});

test("the token is the run's own, for us alone to read, and gone with the run", async () => {
  const order = screens.order(["sh", "-c", 'cat "$SIGNALBOX_TOKEN_FILE"; echo; echo done; sleep 600']);
  expect(await printed(order, "done")).toContain(`token-of-${order.run}`);
  const file = join(screens.runtimeFolder, "sessions", order.session, order.run, "token");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
  terminals.forget(order.run);
  expect(existsSync(file)).toBe(false);
});

test("Ctrl-S cannot freeze the program: the terminal does not know it", async () => {
  expect(await printed(screens.order(["sh", "-c", "stty -a; echo done"]), "done")).toContain("-ixon");
});

test("Ctrl-S cannot freeze whoever has attached either: the key that detaches still does", async () => {
  const order = screens.order(["sh", "-c", "while :; do echo tick; sleep 0.01; done"]);
  await terminals.start(order);
  await until("it lives", () => terminals.look().some((run) => run.run === order.run && run.child?.alive));
  const attached = Bun.spawn(["script", "-qec", `screen -r ${order.name}`, "/dev/null"], {
    env: { PATH: process.env.PATH, TERM: "xterm", SCREENDIR: screens.screenFolder },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
  });
  let shown = "";
  const reading = (async () => {
    for await (const chunk of attached.stdout) shown += new TextDecoder().decode(chunk);
  })();
  await until("it shows what is printed", () => shown.includes("tick"));
  attached.stdin.write("\x13");
  attached.stdin.flush();
  const before = shown.length;
  await until("it goes on showing", () => shown.length > before + 200);
  attached.stdin.write("\x01d");
  attached.stdin.flush();
  await until("it is detached", () => attached.exitCode !== null);
  await reading;
  expect(shown).toContain("[detached from");
}, 30_000);

test("a program whose output cannot be kept runs all the same", async () => {
  const order = screens.order(["sleep", "600"]);
  mkdirSync(join(screens.dataFolder, "output"), { recursive: true });
  writeFileSync(join(screens.dataFolder, "output", order.session), "in the way");
  await terminals.start(order);
  await until("it lives", () => terminals.look().some((run) => run.run === order.run && run.child?.alive));
});

describe("the shim on disk", () => {
  const library = extractLibrary(join(screens.folder, "library"));

  test("can be executed, under the hash of its text", () => {
    expect(statSync(library.shim).mode & 0o777).toBe(0o755);
    expect(library.shim).toMatch(/\/lib\/[0-9a-f]{12}\/signalbox-run$/);
    expect(readFileSync(library.shim, "utf8")).toStartWith("#!/bin/sh\n");
  });

  const unbound = ["s", "^S", "[", "^[", "k", "K", "^K", "\\", "^\\", "H", "c", "^C"];
  test("takes away the keys that freeze or end a program, end its log, or open a second window", () => {
    expect(readFileSync(library.screenrc, "utf8").split("\n")).toEqual(expect.arrayContaining(unbound.map((key) => `bind ${key}`)));
  });

  test("is never rewritten under a running session", () => {
    utimesSync(library.shim, 1, 1);
    expect(extractLibrary(join(screens.folder, "library"))).toEqual(library);
    expect(statSync(library.shim).mtimeMs).toBe(1_000);
  });
});

// Only root can become another user; the suite runs as whoever it is.
test.if(process.getuid?.() === 0)("a program may run as another user, who can read its own token and write its own spool", async () => {
  for (const folder of [dirname(screens.folder), screens.folder]) chmodSync(folder, 0o755);
  const user = systemUser("nobody")!;
  const script =
    'id -u; echo "home $HOME"; cat "$SIGNALBOX_TOKEN_FILE"; echo; : >"$SIGNALBOX_SPOOL/x" && echo spooled; echo done; exec sleep 600';
  const order = screens.order(["sh", "-c", script], { user: "nobody" });
  const text = await printed(order, "done");
  expect(text.split("\r\n")).toEqual(expect.arrayContaining([String(user.uid), `home ${user.home}`, `token-of-${order.run}`, "spooled"]));
  const run = terminals.list().find((seen) => seen.run === order.run)!;
  expect(readStat(run.child!.pid)!.group).toBe(run.keeper!.pid);
  terminals.stop(run.run, "TERM", { kind: "stop", by: "anna", reason: null, at: Date.now(), killAt: Date.now() });
  await until("it has ended", () => terminals.look().some((seen) => seen.run === order.run && seen.exit?.code === 143));
});

test("when the runtime folder was emptied while nobody looked, what runs on is found before a second copy is started", async () => {
  const order = screens.order(["sleep", "600"]);
  const before = screens.open();
  await before.start(order);
  const child = await until("it lives", () => before.look().find((run) => run.run === order.run && run.child?.alive)?.child);
  before.close();
  rmSync(join(screens.runtimeFolder, "locks"), { recursive: true });
  rmSync(join(screens.runtimeFolder, "sessions"), { recursive: true });

  const after = screens.open();
  after.list();
  const again = { ...order, run: `${order.run}b` };
  expect(await refusal(after.start(again))).toMatchObject({ code: "conflict", details: { reason: "leftover" } });
  expect(after.leftovers(order.session)).toEqual([child.pid]);
  after.sweep(order.session, "TERM");
  await until("it has ended", () => after.leftovers(order.session).length === 0);
  await after.start(again);
  await until("the next run lives", () => after.look().some((run) => run.run === again.run && run.child?.alive));
});

test("what a run wrote last is cut to its cap when the run is put away", async () => {
  const small = screens.open({ outputCapBytes: 65_536 });
  const order = screens.order(["sh", "-c", "seq 100000; echo the end"]);
  await printed(order, "the end", small);
  await until("it has ended", () => small.look().some((run) => run.run === order.run && run.exit));
  small.forget(order.run);
  const text = small
    .output(order.session)
    .map((file) => readFileSync(file, "utf8"))
    .join("");
  expect(text.length).toBeLessThanOrEqual(65_536);
  expect(text).toContain("the end");
});

test("a screen that was killed leaves no dead socket behind once its run is put away, whatever it is called by then; a screen that lives keeps its own", async () => {
  const killed = screens.order(["sleep", "600"]);
  const living = screens.order(["sleep", "600"]);
  await terminals.start(killed);
  await terminals.start(living);
  const seen = new Map<string, number | null>();
  await until("both live", () => {
    for (const run of terminals.look()) if (run.child?.alive) seen.set(run.run, run.screenPid);
    return seen.has(killed.run) && seen.has(living.run);
  });
  const socketOf = (screenPid: number) => readdirSync(screens.screenFolder).filter((file) => file.startsWith(`${screenPid}.`));
  const screenPid = seen.get(killed.run)!;
  const [socket] = socketOf(screenPid);
  renameSync(join(screens.screenFolder, socket!), join(screens.screenFolder, `${screenPid}.renamed`));
  process.kill(screenPid, "SIGKILL");
  await until("its run has ended", () => terminals.look().some((run) => run.run === killed.run && !run.child?.alive));
  await until("its screen is gone", () => ["Z", undefined].includes(readStat(screenPid)?.state));
  expect(socketOf(screenPid)).toEqual([`${screenPid}.renamed`]);
  terminals.forget(killed.run);
  expect(socketOf(screenPid)).toEqual([]);
  terminals.forget(living.run);
  expect(socketOf(seen.get(living.run)!)).toHaveLength(1);
});
