/** How soon a program that was killed runs again, beside supervisord and pm2: the program itself says when. */

import { type Case, leftOut, type Row, ratio, type Target } from "../case.ts";
import { ms, percentile } from "../figures.ts";
import { addSessions, allRunning, pairId, pairsOf } from "../fleet.ts";
import { marked, markingSleeper, markOf, onMark, type Programs } from "../marks.ts";
import { kill, startSignalbox } from "../signalbox.ts";
import { type Stage, until } from "../stage.ts";
import { startPm2, startSupervisord } from "../supervisors.ts";

const PAIRS = pairsOf(20);
const NAMES = PAIRS.map(pairId);
const ROUNDS = 10;
const KILLS_A_ROUND = 10;
/** Kills fall anywhere within it: in step with nobody's ticks, and seldom two at a time. */
const ROUND_MS = 1500;

export const fleetCrash: Case = {
  name: "fleet-crash",
  summary: `kill -9 of a program to the program running again, ${ROUNDS * KILLS_A_ROUND} kills, beside supervisord and pm2`,
  async run(stage) {
    const mine = await ours(stage);
    const note = `p99 ${ms(percentile(mine, 0.99))}; retry delay 0; a start is what the program itself says`;
    return [
      against("supervisord", mine, await supervisords(stage), { atMost: 1 / 50 }, note),
      against("pm2", mine, await pm2s(stage), { atMost: 1 }, note),
    ];
  },
};

function against(name: string, mine: readonly number[], theirs: readonly number[] | null, target: Target, note: string): Row {
  const what = `kill -9 to running again, p50, against ${name}`;
  if (!theirs) return leftOut(what, `${name} is not installed`);
  const peer = { name, value: percentile(theirs, 0.5) };
  return ratio(what, "ms", percentile(mine, 0.5), peer, target, `${note}; ${name} p99 ${ms(percentile(theirs, 0.99))}`);
}

async function ours(stage: Stage): Promise<number[]> {
  const programs = markingSleeper(stage, "signalbox");
  const box = await startSignalbox(stage);
  await addSessions(box, "marking", [...programs.command, "{pair}"], PAIRS, 0);
  await allRunning(box, 60_000);
  const took = await killAndWait(stage, "signalbox", programs);
  await box.stop();
  return took;
}

async function supervisords(stage: Stage): Promise<number[] | null> {
  const programs = markingSleeper(stage, "marks-of-supervisord");
  const peer = startSupervisord(stage, "supervisord", supervised(programs));
  if (!peer) return null;
  const took = await killAndWait(stage, "supervisord", programs);
  await peer.started.stop();
  return took;
}

async function pm2s(stage: Stage): Promise<number[] | null> {
  const programs = markingSleeper(stage, "marks-of-pm2");
  const peer = await startPm2(stage, supervised(programs));
  if (!peer) return null;
  const took = await killAndWait(stage, "pm2", programs);
  await peer.stop();
  return took;
}

function supervised(programs: Programs) {
  return NAMES.map((name) => ({ name, command: [...programs.command, name] }));
}

/** ms from each kill to the program's next mark. */
async function killAndWait(stage: Stage, name: string, programs: Programs): Promise<number[]> {
  await until(`${name} runs all`, () => marked(programs) === NAMES.length, 60_000);
  stage.say(`${name}: ${ROUNDS * KILLS_A_ROUND} kills`);
  const killedAt = new Map<string, number>();
  const took: number[] = [];
  const leave = onMark(programs, (who) => {
    const from = killedAt.get(who);
    if (from === undefined || !killedAt.delete(who)) return;
    took.push(performance.now() - from);
  });
  stage.defer(leave);
  for (let round = 0; round < ROUNDS; round++) {
    const chosen = NAMES.filter((_, n) => n % (NAMES.length / KILLS_A_ROUND) === round % (NAMES.length / KILLS_A_ROUND));
    await Promise.all(
      chosen.map(async (who) => {
        await Bun.sleep(Math.random() * ROUND_MS);
        const pid = markOf(programs, who);
        killedAt.set(who, performance.now());
        kill(pid);
      }),
    );
    await until(`${name} runs all again`, () => killedAt.size === 0, 30_000);
    // A second of life before the next kill, so that no supervisor takes it for a failed start.
    await Bun.sleep(1000);
  }
  leave();
  return took;
}
