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
const KILLS = 100;
/** supervisord takes a second for each. */
const KILLS_OF_SUPERVISORD = 30;
/** One after the other, each anywhere within this: in step with nobody's ticks. A signal of another child would wake supervisord early. */
const PAUSE_MS = 200;

export const fleetCrash: Case = {
  name: "fleet-crash",
  summary: `kill -9 of a program to the program running again, ${KILLS} kills, beside supervisord and pm2`,
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
  const took = await killAndWait(stage, "signalbox", programs, KILLS);
  await box.stop();
  return took;
}

async function supervisords(stage: Stage): Promise<number[] | null> {
  const programs = markingSleeper(stage, "marks-of-supervisord");
  const peer = startSupervisord(stage, "supervisord", supervised(programs));
  if (!peer) return null;
  const took = await killAndWait(stage, "supervisord", programs, KILLS_OF_SUPERVISORD);
  await peer.end();
  return took;
}

async function pm2s(stage: Stage): Promise<number[] | null> {
  const programs = markingSleeper(stage, "marks-of-pm2");
  const peer = await startPm2(stage, supervised(programs));
  if (!peer) return null;
  const took = await killAndWait(stage, "pm2", programs, KILLS);
  await peer.end();
  return took;
}

function supervised(programs: Programs) {
  return NAMES.map((name) => ({ name, command: [...programs.command, name] }));
}

/** ms from each kill to the program's next mark. */
async function killAndWait(stage: Stage, name: string, programs: Programs, kills: number): Promise<number[]> {
  await until(`${name} runs all`, () => marked(programs) === NAMES.length, 60_000);
  stage.say(`${name}: ${kills} kills`);
  // So old that no supervisor takes the kill for a failed start.
  await Bun.sleep(2000);
  let waiting: { who: string; mark: (at: number) => void } | null = null;
  const leave = onMark(programs, (who) => {
    if (who === waiting?.who) waiting.mark(performance.now());
  });
  stage.defer(leave);
  const took: number[] = [];
  for (let n = 0; n < kills; n++) {
    await Bun.sleep(50 + Math.random() * PAUSE_MS);
    const who = NAMES[n % NAMES.length]!;
    const pid = markOf(programs, who);
    let markedAt: number | null = null;
    waiting = {
      who,
      mark: (at) => {
        markedAt = at;
      },
    };
    const killedAt = performance.now();
    kill(pid);
    took.push((await until(`${name} runs ${who} again`, () => markedAt, 30_000, 2)) - killedAt);
  }
  leave();
  return took;
}
