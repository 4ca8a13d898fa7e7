/** What it costs to look after 500 sessions that do nothing, and to list them, against a list of 50. */

import { type Case, ratio, value } from "../case.ts";
import { median, ms } from "../figures.ts";
import { addSessions, allRunning, pairsOf } from "../fleet.ts";
import { type Box, cpuSeconds, startSignalbox } from "../signalbox.ts";
import type { Stage } from "../stage.ts";

const MANY = 500;
const FEW = 50;
const SAMPLE_SECONDS = 20;
const LISTS = 30;
const GRACE_MS = 10;

export const fleetWatch: Case = {
  name: "fleet-watch",
  summary: `${MANY} sessions observed: CPU over ${SAMPLE_SECONDS} s, and a list of them against one of ${FEW}`,
  async run(stage) {
    const few = await running(stage, FEW);
    const listOfFew = await listMs(few);
    await few.stop();
    const many = await running(stage, MANY);
    const listOfMany = await listMs(many);
    stage.say(`sampling for ${SAMPLE_SECONDS} s`);
    const from = { cpu: cpuSeconds(many.started.pid), at: performance.now() };
    await Bun.sleep(SAMPLE_SECONDS * 1000);
    const share = ((cpuSeconds(many.started.pid) - from.cpu) / ((performance.now() - from.at) / 1000)) * 100;
    const peer = { name: `twice the list of ${FEW} and ${GRACE_MS} ms`, value: 2 * listOfFew + GRACE_MS };
    return [
      value(`CPU with ${MANY} sessions, of one core`, "%", share, { atMost: 4 }),
      ratio(`list of ${MANY}, p50`, "ms", listOfMany, peer, { atMost: 1 }, `the list of ${FEW} takes ${ms(listOfFew)}`),
    ];
  },
};

async function running(stage: Stage, sessions: number): Promise<Box> {
  stage.say(`starting ${sessions} sessions`);
  const box = await startSignalbox(stage, { name: `box-${sessions}` });
  await addSessions(box, "sleeper", ["sleep", "86400"], pairsOf(sessions), 0);
  await allRunning(box, 120_000);
  // What follows a start (rows, the look at the code) is over.
  await Bun.sleep(3000);
  return box;
}

async function listMs(box: Box): Promise<number> {
  const took: number[] = [];
  for (let n = 0; n < LISTS; n++) {
    const from = performance.now();
    await box.api("GET", "/api/sessions");
    took.push(performance.now() - from);
  }
  return median(took);
}
