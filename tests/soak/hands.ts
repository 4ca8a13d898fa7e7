/** Deeds behind Signalbox's back: signals for programs and screens, keys in terminals, screens that are started by hand. */

import { readdirSync, readFileSync } from "node:fs";
import { until } from "../cast/until.ts";
import type { Kill } from "./chronicle.ts";
import { ask, type Hand, one, type Stage, told } from "./stage.ts";
import { runBelow } from "./watcher.ts";
import { type Act, newPair } from "./wishes.ts";

const PYTHON_SIGNALS = { TERM: 4, KILL: 4, SEGV: 3, INT: 1 } as const;

/** Works without Signalbox too: whom to end is seen in /proc. */
export const killProgram: Act = async ({ watcher, chance, chronicle, hands }) => {
  const life = chance.pick(watcher.programs().filter(({ pid }) => !hands.some((hand) => hand.pid === pid)));
  if (!life?.run) return null;
  // A shell that waits for its child hears of INT only after it; the stubborn one hears of nothing but KILL.
  const signal = programOf(life.pid) === "python3" ? chance.weighed(PYTHON_SIGNALS) : "KILL";
  return kill(chronicle.kills, life.pid, signal, { run: life.run, what: "program" });
};

/** Of a session, with what runs in it. */
export const killScreen: Act = async ({ watcher, chance, chronicle }) => {
  const what = chance.next() < 0.7 ? "screen" : "keeper";
  const runs = new Set(watcher.programs().map(({ run }) => run));
  const living = watcher.lives.filter(({ role, goneAt }) => role === what && goneAt === null);
  const theirs = living.map(({ pid, run }) => ({ pid, run: run ?? runBelow(pid)?.run ?? null }));
  const life = chance.pick(theirs.filter(({ run }) => runs.has(run)));
  if (!life?.run) return null;
  const signal = what === "screen" && chance.next() < 0.5 ? "TERM" : "KILL";
  return kill(chronicle.kills, life.pid, signal, { run: life.run, what });
};

function kill(kills: Kill[], pid: number, signal: Kill["signal"], { run, what }: Pick<Kill, "run" | "what">): string | null {
  const at = Date.now();
  try {
    process.kill(pid, `SIG${signal}`);
  } catch {
    return null; // ended by itself a moment ago
  }
  kills.push({ at, run, pid, what, signal });
  return `${signal} for the ${what} of ${run}`;
}

/** Ctrl-S, in a terminal that knows it. */
export const freeze: Act = async (stage) => {
  const session = stage.chance.pick((await told(stage)).filter(({ program, state }) => program === "printer" && state === "running"));
  if (!session?.screen_pid) return null;
  typeInto(stage, session.screen_pid, "^S");
  return `Ctrl-S in ${session.name}`;
};

function typeInto({ sample }: Stage, screenPid: number, keys: string): void {
  Bun.spawnSync(["screen", "-S", `${screenPid}.`, "-X", "stuff", keys], { env: sample.environment, timeout: 5_000 });
}

export const handStart: Act = async (stage) => {
  if (stage.hands.length >= 8) return null;
  const pair = await newPair(stage, []);
  if (!pair) return null;
  const hand = await startByHand(stage, "program1", pair, false);
  return `by hand: screen ${hand.screenPid}.${hand.name}`;
};

/** A second copy of what a session runs, as far as its name tells. */
export const double: Act = async (stage) => {
  if (stage.hands.some((hand) => hand.double)) return null;
  const session = stage.chance.pick((await told(stage)).filter(({ program, state }) => program === "program1" && state === "running"));
  if (!session) return null;
  const hand = await startByHand(stage, "program1", session.pairs[0]!, true);
  return `by hand, a second copy: screen ${hand.screenPid}.${hand.name}`;
};

async function startByHand({ sample, hands, doubled }: Stage, program: string, pair: string, isDouble: boolean): Promise<Hand> {
  const name = `${program}_${pair}`;
  const before = new Set(readdirSync(sample.screens));
  const opener = Bun.spawn(["screen", "-dmS", name, "sleep", "100000"], { env: sample.environment, stdin: "ignore" });
  await opener.exited;
  const found = await until("the screen by hand is there", () =>
    readdirSync(sample.screens)
      .filter((file) => !before.has(file) && file.endsWith(`.${name}`))
      .map((file) => Number.parseInt(file, 10))
      .map((screenPid) => ({ screenPid, pid: childOf(screenPid, "sleep") }))
      .find(({ pid }) => pid !== null),
  );
  const hand: Hand = { screenPid: found.screenPid, pid: found.pid!, name, program, pair, double: isDouble };
  hands.push(hand);
  // A session may be named like what was adopted for its pair, and released again.
  doubled.add(name);
  return hand;
}

export const adopt: Act = async (stage) => {
  const { strangers } = await stage.sample.api.call<{ strangers: { stranger: string; screen_pid: number; state: string }[] }>(
    "GET",
    "/api/strangers",
  );
  const hand = stage.chance.pick(stage.hands.filter((each) => !each.double));
  const stranger = strangers.find(({ screen_pid, state }) => screen_pid === hand?.screenPid && state === "stranger");
  if (!hand || !stranger) return null;
  await ask(stage, `adopt ${hand.name}`, { verb: "session.adopt", subject: null, reason: null }, () =>
    stage.sample.api.call("POST", `/api/strangers/${stranger.stranger}/adoption`, { program: hand.program, pairs: [hand.pair] }),
  );
  return `adopt ${hand.name}`;
};

export const release: Act = async (stage) => {
  // High priority too: a release stops nothing.
  const session = stage.chance.pick((await told(stage)).filter(({ pid }) => stage.hands.some((hand) => hand.pid === pid)));
  if (!session) return null;
  await ask(stage, `release ${session.name}`, { verb: "session.release", subject: `session:${session.id}`, reason: null }, () =>
    stage.sample.api.call("DELETE", `/api/sessions/${session.name}/adoption`),
  );
  return `release ${session.name}`;
};

/** Whoever started it ends it, adopted or not. */
export const endHand: Act = async (stage) => {
  const hand = stage.hands.find((each) => each.double) ?? stage.chance.pick(stage.hands);
  if (!hand) return null;
  const session = (await told(stage)).find(({ pid }) => pid === hand.pid);
  const run = session ? (await one(stage, session.name)).run : null;
  const words = kill(stage.chronicle.kills, hand.pid, "KILL", { run: run ?? "by hand", what: "program" });
  stage.hands.splice(stage.hands.indexOf(hand), 1);
  return words && `by hand: end of ${hand.name}`;
};

/** Those that ended otherwise: by a stop of the session that adopted them, or by a restart of it. */
export function forgetEnded(stage: Stage): void {
  stage.hands = stage.hands.filter(({ pid }) => programOf(pid) === "sleep");
}

function childOf(parent: number, program: string): number | null {
  const found = readdirSync("/proc").find((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    const line = text(`/proc/${entry}/stat`);
    return line.slice(line.lastIndexOf(")") + 2).split(" ")[1] === String(parent) && programOf(Number(entry)) === program;
  });
  return found === undefined ? null : Number(found);
}

function programOf(pid: number): string {
  return text(`/proc/${pid}/comm`).trim();
}

function text(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
