/** The soak of the fleet: chance does to it what people, machines and bad luck do, then it has to be what was asked for, and its history has to explain the way there. */

import { brokenWindows } from "../cast/judge.ts";
import { openSample } from "../cast/sample.ts";
import { until } from "../cast/until.ts";
import { chanceOf } from "./chance.ts";
import { openChronicle } from "./chronicle.ts";
import * as explained from "./explained.ts";
import { grown, type Size, sizeOf, sizeWords } from "./growth.ts";
import * as hands from "./hands.ts";
import * as machine from "./machine.ts";
import { readRows } from "./rows.ts";
import { falseStrangers, idleForNothing, orphans, unlikeTheWish, wrongWishes } from "./settled.ts";
import { ask, type Stage, told } from "./stage.ts";
import { watch } from "./watcher.ts";
import * as wishes from "./wishes.ts";

export interface SoakOptions {
  ms: number;
  seed: number;
  /** Pairs, or 0 for the sample's own 8. */
  scale: number;
  /** Between two deeds, on average. */
  everyMs: number;
  say: (line: string) => void;
  /** Asked before each deed: enough of it, and on to the judging. */
  isEnough?: () => boolean;
  /** The executable; dist/signalbox unless told. */
  binary?: string;
}

export interface Promised {
  what: string;
  /** Empty: it holds. */
  faults: string[];
  /** What it was seen by. */
  by: string;
}

/** How often each is done, against the others. */
const OFTEN = {
  killProgram: 22,
  killScreen: 6,
  stop: 10,
  start: 11,
  restart: 6,
  giveUp: 2,
  freeze: 3,
  thaw: 2,
  edit: 4,
  addPair: 3,
  retirePair: 2,
  retireSession: 1,
  priority: 4,
  rolling: 3,
  stopMany: 1,
  undo: 1,
  handStart: 3,
  double: 1,
  adopt: 4,
  release: 2,
  endHand: 2,
  gateway: 1,
};
const SELDOM = { kill9: 2, kill9Amid: 3, term: 2 };
const DEEDS: Record<keyof typeof OFTEN | keyof typeof SELDOM, wishes.Act> = { ...wishes, ...hands, ...machine };

/** While it is this far, Signalbox is left alone, so that one of its lives is long enough to grow in. */
const UNDISTURBED = { from: 0.3, to: 0.75 };

export async function fleetSoak({ ms, seed, scale, everyMs, say, isEnough = () => false, binary }: SoakOptions): Promise<Promised[]> {
  const sample = await openSample({ scale, ...(binary === undefined ? {} : { binary }) });
  const chronicle = openChronicle();
  const watcher = watch(sample.screens, sample.environment);
  const stage: Stage = { sample, watcher, chronicle, chance: chanceOf(seed), hands: [], doubled: new Set(), failures: [], pairs: 0 };
  const sizes: Size[] = [];
  const sizing = setInterval(() => {
    const size = sizeOf(sample.pid());
    if (size) sizes.push(size);
  }, 5_000);
  try {
    await furnish(stage);
    const since = Date.now();
    await sample.allRunning((await sample.sessions()).length);
    say(`${watcher.programs().length} sessions run; ${Math.round(ms / 1000)} s of chance with seed ${seed}`);
    const worn = await wear(stage, ms, everyMs, say, isEnough);
    say("settling");
    const resting = await settle(stage, say);
    return await judge(stage, since, { ...worn, sizes, resting });
  } finally {
    clearInterval(sizing);
    await watcher.stop();
    for (const { pid, screenPid } of stage.hands)
      for (const each of [pid, screenPid])
        try {
          process.kill(each, "SIGKILL");
        } catch {
          // Ended meanwhile.
        }
    await sample.close();
  }
}

/** Three programs that behave badly, beside the samples; and short delays, so that many retries fit into the time. */
async function furnish({ sample }: Stage): Promise<void> {
  const restart = { first_delay_ms: 300, cap_ms: 3_000, stable_after_ms: 20_000, give_up_after: 6, give_up_window_ms: 120_000 };
  const { programs } = await sample.api.call<{ programs: Record<string, unknown>[] }>("GET", "/api/programs");
  for (const program of programs) {
    const { environment: _, secrets: __, sessions: ___, version: ____, created_at: _____, updated_at: ______, ...kept } = program;
    await sample.api.call("PUT", `/api/programs/${program.name}`, { ...kept, restart, stop_timeout_ms: 4_000 });
  }
  const bad = {
    printer: "stty ixon; while :; do echo tick; sleep 0.2; done",
    stubborn: "trap '' TERM HUP INT; while :; do sleep 0.5; done",
    leaver: "setsid sleep 3600 & exec sleep 3600",
  };
  const pairs = ["UZ_uzmobile", "IN_vi", "AZ_azercell"];
  for (const [name, script] of Object.entries(bad)) {
    const program = { name, template: ["sh", "-c", script], folder: "/tmp", stop_timeout_ms: 1_500, restart };
    await sample.api.call("POST", "/api/programs", program);
    for (const pair of pairs) await sample.api.call("POST", "/api/sessions", { program: name, pairs: [pair] });
  }
}

interface Worn {
  counts: Map<string, number>;
  worked: Size | null;
  fresh: Size | null;
}

async function wear(stage: Stage, ms: number, everyMs: number, say: (line: string) => void, isEnough: () => boolean): Promise<Worn> {
  const { chance, chronicle, sample } = stage;
  const began = performance.now();
  const counts = new Map<string, number>();
  let toldAt = began;
  let worked: Size | null = null;
  let fresh: Size | null = null;
  for (let passed = 0; passed < ms && !isEnough(); passed = performance.now() - began) {
    const undisturbed = passed / ms >= UNDISTURBED.from && passed / ms < UNDISTURBED.to;
    if (!worked && passed / ms >= UNDISTURBED.to) {
      // The one long life ends here, in peace: what it holds more than the next one has grown.
      worked = sizeOf(sample.pid());
      await machine.term(stage);
      await Bun.sleep(Math.min(10_000, ms / 10));
      fresh = sizeOf(sample.pid());
      if (worked && fresh) say(`Signalbox after its long life: ${sizeWords(worked)}; a fresh one: ${sizeWords(fresh)}`);
      continue;
    }
    const name = chance.weighed(undisturbed ? OFTEN : { ...OFTEN, ...SELDOM });
    const words = await DEEDS[name](stage).catch((error: unknown) => {
      stage.failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    });
    hands.forgetEnded(stage);
    if (words !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
    if (performance.now() - toldAt > 15_000) {
      toldAt = performance.now();
      const size = sizeOf(sample.pid());
      say(
        `${Math.round(passed / 1000)} s: ${chronicle.deeds.length} acts, ${chronicle.kills.length} kills; ${stage.watcher.programs().length} run; ` +
          `${size ? sizeWords(size) : "Signalbox is away"}; last: ${words}`,
      );
    }
    await Bun.sleep(chance.between(0, 2 * everyMs));
  }
  return { counts, worked, fresh };
}

const WAYS = new Set(["starting", "stopping", "backoff", "frozen", "orphan", "lost"]);
const SETTLE_MS = 60_000;

/** What is under way comes to its end; what rests after its exits is looked at, then started as an operator would. Gives what rested. */
async function settle(stage: Stage, say: (line: string) => void) {
  const { sample, chronicle } = stage;
  while (stage.hands.some(({ double }) => double)) await hands.endHand(stage);
  for (const { id } of await wishes.openOperations(stage))
    await ask(stage, `cancel ${id}`, { verb: "operation.cancel", subject: `operation:${id}`, reason: null }, () =>
      sample.api.call("POST", `/api/operations/${id}/cancellations`, {}),
    );
  const atRest = async () => {
    const sessions = await told(stage);
    // Its terminal is gone and it goes on: an operator ends that with a restart.
    for (const { id, name } of sessions.filter(({ state }) => state === "orphan")) {
      const reason = chronicle.reason(`restart the orphan ${name}`);
      await ask(stage, `restart ${name}`, { verb: "session.restart", subject: `session:${id}`, reason }, () =>
        sample.api.call("POST", `/api/sessions/${name}/restarts`, { reason }),
      );
    }
    const turns = sessions.some(({ desired }) => desired.until !== null && Date.parse(desired.until) < Date.now() + 30_000);
    return !turns && !sessions.some(({ state }) => WAYS.has(state)) && (await wishes.openOperations(stage)).length === 0 ? sessions : null;
  };
  // When it never is, the judges say what is not.
  const sessions = (await until("the fleet is at rest", atRest, SETTLE_MS).catch(() => null)) ?? (await told(stage));
  for (const { name, state, why, desired } of sessions)
    if (WAYS.has(state) || desired.until !== null) say(`not at rest: ${name} is ${state}, until ${desired.until}: ${why}`);
  const resting = sessions.filter(
    ({ desired, state, priority }) => (desired.state === "up" || priority) && ["crashed", "interrupted", "stopped"].includes(state),
  );
  const seenRows = readRows(sample);
  const faults = idleForNothing(seenRows, resting);
  for (const { id, name } of resting) {
    const reason = chronicle.reason(`start ${name} at the end`);
    await ask(stage, `start ${name}`, { verb: "session.retry", subject: `session:${id}`, reason }, () =>
      sample.api.call("PUT", `/api/sessions/${name}/desired`, { state: "up", reason }),
    );
  }
  await until("the fleet is at rest again", atRest, SETTLE_MS).catch(() => null);
  // The looks for strangers come every five seconds.
  await sample.api.call("GET", "/api/strangers");
  return { count: resting.length, faults };
}

interface Wear extends Worn {
  sizes: Size[];
  resting: { count: number; faults: string[] };
}

async function judge(stage: Stage, since: number, { counts, worked, fresh, sizes, resting }: Wear): Promise<Promised[]> {
  const { sample, watcher, chronicle } = stage;
  await watcher.looked();
  // The row of an end waits for its last lines, at most a second.
  const isWritten = () =>
    readRows(sample).runs.filter(({ ended_at }) => ended_at === null).length <= watcher.programs().length + stage.hands.length;
  await until("the last ends are written", isWritten, 5_000).catch(() => null);
  const rows = readRows(sample);
  const seen = watcher.lives.filter(({ role, run }) => role === "program" && run !== null).length;
  const all = [...counts].map(([name, n]) => `${n} ${name}`).join(", ");
  const growth = worked && fresh ? grown(worked, fresh, sizes) : ["no long life was measured"];
  return [
    {
      what: "every wish in the store is the last one the audit tells",
      faults: wrongWishes(rows, Date.now()),
      by: `${rows.sessions.length} sessions`,
    },
    {
      what: "every session is what was asked for: /proc, screen -ls and the API agree",
      faults: await unlikeTheWish(stage, rows),
      by: `${watcher.programs().length} programs run`,
    },
    {
      what: "what rested against its wish did so by its policy, and came back when it was started",
      faults: resting.faults,
      by: `${resting.count} sessions`,
    },
    { what: "no process is left of what has ended", faults: await orphans(stage, rows), by: "/proc" },
    {
      what: "nothing of ours is a stranger, and every stranger is told",
      faults: await falseStrangers(stage),
      by: `${stage.hands.length} started by hand`,
    },
    {
      what: "no session ran twice",
      faults: [...explained.doubles(watcher), ...explained.doubleNames(watcher, stage.doubled)],
      by: `${watcher.listings.length} looks at screen -ls`,
    },
    {
      what: "every program that was seen has its row: when it began and when it ended",
      faults: explained.unexplainedLives(watcher, rows, chronicle),
      by: `${seen} programs seen in /proc`,
    },
    { what: "every start says who and why", faults: explained.unexplainedStarts(rows), by: `${rows.runs.length} runs` },
    {
      what: "every end says who and why, or is what was done to it",
      faults: explained.unexplainedEnds(rows, chronicle),
      by: `${rows.runs.filter(({ ended_at }) => ended_at !== null).length} ends`,
    },
    { what: "every kill is heard of", faults: explained.unheardKills(rows, chronicle), by: `${chronicle.kills.length} kills` },
    {
      what: "every act is in the audit, with its reason",
      faults: explained.untoldDeeds(rows, chronicle),
      by: `${chronicle.deeds.filter(({ outcome }) => outcome === "done").length} acts: ${all}`,
    },
    {
      what: "nothing is in the audit that nobody did",
      faults: explained.inventedActs(rows, chronicle, since),
      by: `${rows.acts.length} acts in the audit`,
    },
    { what: "no answer was a fault of Signalbox", faults: stage.failures, by: `${chronicle.deeds.length} requests` },
    {
      what: "no country above its limit in any 60 s, at the gateway and by the permits",
      faults: brokenWindows(sample, 60_000),
      by: `${sample.truth().messages.length} messages`,
    },
    {
      what: "memory, files and threads of Signalbox do not grow",
      faults: growth,
      by: worked && fresh ? `after its long life ${sizeWords(worked)}, fresh ${sizeWords(fresh)}` : "nothing",
    },
  ];
}

export function table(promises: readonly Promised[]): string[] {
  return promises.flatMap(({ what, faults, by }) => [
    `${faults.length === 0 ? "holds " : "BROKEN"}  ${what} (${by})`,
    ...faults.slice(0, 8).map((fault) => `          ${fault}`),
    ...(faults.length > 8 ? [`          and ${faults.length - 8} more`] : []),
  ]);
}
