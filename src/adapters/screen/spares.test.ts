import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type OwnScreens, ownScreens } from "../../../tests/cast/screens.ts";
import { everyStartInASpare, spareIsReady, spareOf } from "../../../tests/cast/spares.ts";
import { until } from "../../../tests/cast/until.ts";
import type { StartOrder, Terminals } from "../../fleet/terminals.ts";
import { isAlive } from "../linux/processes.ts";
import { SPARE_NAME } from "./commands.ts";
import { openSpareScreen } from "./spare-screen.ts";

const names = ({ screenFolder }: OwnScreens) => readdirSync(screenFolder).map((file) => file.slice(file.indexOf(".") + 1));
const alive = (terminals: Terminals, { run }: StartOrder) =>
  until(`${run} lives`, () => terminals.look().find((seen) => seen.run === run && seen.child?.alive));

async function printed(terminals: Terminals, order: StartOrder): Promise<string> {
  await terminals.start(order);
  return until("it has printed", () => {
    const text = terminals
      .output(order.session)
      .map((file) => readFileSync(file, "utf8"))
      .join("");
    return text.includes("<end>") ? text : null;
  });
}

test("a program finds the same folder, arguments, settings and terminal in a screen that waited as in one of its own", async () => {
  const screens = ownScreens("alike");
  const script = `printf '%s\\n' "$PWD" "$@"; tty | sed 's/[0-9]//g'; stty -a | sort; ulimit -a; umask; env | sort; echo '<end>'; exec sleep 600`;
  const settings = {
    PLAIN: "a b  c ",
    QUOTED: `"it's" $(id) \`id\` \\n \\`,
    CYRILLIC: "Билайн Ё",
    // Bytes that a shell marks its own places with.
    MARKS: String.fromCodePoint(...Array.from({ length: 0x80 }, (_, i) => 0x80 + i), 1, 2, 9, 27, 127, 0x20ac, 0x1f600),
    EMPTY: "",
    STAR: "*",
    // What a shell script might call its own.
    ...{ folder: "f", line: "l", code: "c", ticks: "t", boot: "b", name: "n" },
  };
  const asked = screens.order(["sh", "-c", script, "sh", "two words", "", ".", "*", "Ї"], { environment: settings });
  const ofItsOwn = { ...asked, run: "r_own" };
  const terminals = screens.open();
  const first = await printed(terminals, ofItsOwn);
  const told = await alive(terminals, ofItsOwn);
  terminals.stop(ofItsOwn.run, "TERM", { kind: "stop", by: "anna", reason: null, at: Date.now(), killAt: Date.now() + 10_000 });
  await until("it has ended", () => !isAlive(told.child!.pid, told.child!.startTicks));
  const waiting = everyStartInASpare(screens);
  const inTheSpare = { ...asked, run: "r_spare" };
  const second = await printed(waiting, inTheSpare);
  expect(spareOf(screens, inTheSpare)).not.toBeNull();
  const alike = (text: string) => text.replaceAll(/r_own|r_spare/g, "RUN").replaceAll(/^STY=\d+/gm, "STY=PID");
  expect(alike(second)).toBe(alike(first));
});

test("the screen has its session's name a moment later, and only the next one waits under the other", async () => {
  const screens = ownScreens("named");
  const terminals = everyStartInASpare(screens);
  const order = screens.order(["sleep", "600"]);
  await terminals.start(order);
  await alive(terminals, order);
  await until("it is called so", () => names(screens).includes(order.name));
  await spareIsReady(screens);
  expect(names(screens).filter((name) => name === SPARE_NAME)).toHaveLength(1);
  expect(await terminals.rename(order.run, "later")).toBe(true);
  expect(names(screens)).toContain("later");
});

test("a later name is not overtaken by the first one", async () => {
  const screens = ownScreens("overtaken");
  const terminals = everyStartInASpare(screens);
  const order = screens.order(["sleep", "600"]);
  await terminals.start(order);
  await alive(terminals, order);
  expect(await terminals.rename(order.run, "later")).toBe(true);
  expect(names(screens)).toContain("later");
  expect(names(screens)).not.toContain(order.name);
});

test("it ends with us; the runs that were given one live on, and the next Signalbox names what was left unnamed", async () => {
  const screens = ownScreens("ours");
  const terminals = everyStartInASpare(screens);
  const order = screens.order(["sleep", "600"]);
  await terminals.start(order);
  const run = await alive(terminals, order);
  await until("it is called so", () => names(screens).includes(order.name));
  await spareIsReady(screens);
  terminals.close();
  await until("none waits", () => !names(screens).includes(SPARE_NAME));
  expect(isAlive(run.child!.pid, run.child!.startTicks)).toBe(true);
  // As if we had been killed before it was named.
  const screen = Bun.spawnSync(["screen", "-S", `${run.screenPid}.`, "-X", "sessionname", SPARE_NAME], {
    env: { PATH: process.env.PATH, SCREENDIR: screens.screenFolder },
  });
  expect(screen.exitCode).toBe(0);
  await until("it is called like one that waits", () => names(screens).includes(SPARE_NAME));
  const next = screens.open();
  expect(next.list().find((seen) => seen.run === order.run)?.child?.alive).toBe(true);
  await until("it has its name again", () => names(screens).includes(order.name));
});

test("one that somebody has ended is not relied on", async () => {
  const screens = ownScreens("killed");
  const terminals = screens.open({ spareAfter: "start" });
  await terminals.start(screens.order(["true"]));
  await spareIsReady(screens);
  const spare = await until("it waits", () => readdirSync(screens.screenFolder).find((file) => file.endsWith(`.${SPARE_NAME}`)));
  process.kill(Number.parseInt(spare, 10), "SIGTERM");
  await until("it is gone", () => !existsSync(join(screens.screenFolder, spare)));
  const order = screens.order(["sleep", "600"]);
  await terminals.start(order);
  await alive(terminals, order);
  expect(spareOf(screens, order)).toBeNull();
});

test("one that cannot be opened leaves nothing behind", () => {
  const screens = ownScreens("without screen");
  const { dataFolder, runtimeFolder, folder, screenFolder } = screens;
  const layout = { shim: "shim", screenrc: "rc", dataFolder, runtimeFolder };
  expect(() => openSpareScreen({ layout, screenFolder, environment: { PATH: folder } })).toThrow();
  expect([join(runtimeFolder, "spare"), join(dataFolder, "spare")].flatMap((kept) => readdirSync(kept))).toEqual([]);
});

test("none is kept where sessions only start; one is as soon as one comes back", async () => {
  const screens = ownScreens("returns");
  const terminals = screens.open();
  const first = screens.order(["sleep", "600"]);
  const other = screens.order(["sleep", "600"]);
  await terminals.start(first);
  await terminals.start(other);
  const run = await alive(terminals, first);
  expect(existsSync(join(screens.runtimeFolder, "spare"))).toBe(false);
  process.kill(run.child!.pid, "SIGKILL");
  await until("it has ended", () => terminals.look().some((seen) => seen.run === first.run && seen.exit));
  const again = { ...first, run: "r_again" };
  await terminals.start(again);
  await alive(terminals, again);
  expect(spareOf(screens, again)).toBeNull();
  await spareIsReady(screens);
});

test("with the run goes what was kept of the screen that it was given to; its output stays", async () => {
  const screens = ownScreens("forgotten");
  const terminals = everyStartInASpare(screens);
  const order = screens.order(["sh", "-c", "echo '<end>'"]);
  await printed(terminals, order);
  const spare = spareOf(screens, order)!;
  const kept = join(screens.dataFolder, "spare", `${spare}.log`);
  expect(existsSync(kept)).toBe(true);
  await until("it has ended", () => !terminals.isOpen(order.run));
  terminals.forget(order.run);
  expect(existsSync(kept)).toBe(false);
  expect(readFileSync(terminals.output(order.session)[0]!, "utf8")).toContain("<end>");
});

test("what a Signalbox that was killed has left of one that waited is taken away, what a run still uses is not", async () => {
  const screens = ownScreens("swept");
  const terminals = everyStartInASpare(screens);
  const order = screens.order(["sleep", "600"]);
  await terminals.start(order);
  await alive(terminals, order);
  await spareIsReady(screens);
  const logs = () => readdirSync(join(screens.dataFolder, "spare"));
  const [unused] = readdirSync(join(screens.runtimeFolder, "spare"));
  const socket = readdirSync(screens.screenFolder).find((file) => file.endsWith(`.${SPARE_NAME}`))!;
  const [pid, ticks] = readFileSync(join(screens.runtimeFolder, "spare", unused!, "shim"), "utf8")
    .split(" ")
    .map(Number);
  process.kill(Number.parseInt(socket, 10), "SIGKILL");
  await until("its window is gone", () => !isAlive(pid!, ticks!));
  screens.open().list();
  expect(readdirSync(join(screens.runtimeFolder, "spare"))).toEqual([]);
  expect(logs()).toContain(`${spareOf(screens, order)}.log`);
  expect(logs()).not.toContain(`${unused}.log`);
});

test("it is nobody's program: discovery passes over it, but not over a screen that somebody only calls so", async () => {
  const screens = ownScreens("discovered");
  const terminals = screens.open({ spareAfter: "start" });
  await terminals.start(screens.order(["sleep", "601"]));
  await spareIsReady(screens);
  await screens.byHand(SPARE_NAME, ["sleep", "602"]);
  const discovery = screens.discovery();
  const found = await until("the one by hand has become its program", async () => {
    const seen = await discovery.look(({ command }) => command().includes("601"));
    return seen.length > 0 ? seen : null;
  });
  expect(found.map(({ name, command }) => [name, command.join(" ")])).toEqual([[SPARE_NAME, "sleep 602"]]);
});
