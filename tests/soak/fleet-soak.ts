/** The soak of the fleet: chance does to it what people, machines and bad luck do, then it has to be what was asked for, and its history has to explain the way there. */

import { openSample } from "../cast/sample.ts";
import { chanceOf } from "./chance.ts";
import { openChronicle } from "./chronicle.ts";
import { furnish } from "./furnish.ts";
import { type Size, sizeOf, sizeWords } from "./growth.ts";
import * as hands from "./hands.ts";
import * as machine from "./machine.ts";
import { judge, type Promised, type Wear } from "./promises.ts";
import { settle } from "./settle.ts";
import type { Stage } from "./stage.ts";
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
  const stage: Stage = {
    sample,
    watcher,
    chronicle,
    chance: chanceOf(seed),
    hands: [],
    doubled: new Set(),
    failures: [],
    differences: new Map(),
    lies: new Set(),
    pairs: 0,
  };
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
    return await judge(stage, { since, ...worn, sizes, resting });
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

type Worn = Pick<Wear, "counts" | "worked" | "fresh">;

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
