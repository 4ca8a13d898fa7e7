/** How soon a whole fleet runs: exec of the supervisor to 200 programs observed running, beside supervisord with the same programs. */

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Case, leftOut, type Row, ratio, type Target } from "../case.ts";
import { median, ms } from "../figures.ts";
import { addSessions, allRunning, pairId, pairsOf } from "../fleet.ts";
import { marked, markingPython, markingSleeper, type Programs } from "../marks.ts";
import { type Box, endScreens, startSignalbox } from "../signalbox.ts";
import { type Stage, until } from "../stage.ts";
import { startSupervisord } from "../supervisors.ts";

const SESSIONS = 200;
const ROUNDS = 3;
const LOOK_MS = 20;

interface Variant {
  what: string;
  target: Target;
  programs: (stage: Stage, name: string) => Programs;
}

const VARIANTS: readonly Variant[] = [
  { what: "sleep", target: { atMost: 0.7 }, programs: markingSleeper },
  { what: "python", target: { atMost: 1.3 }, programs: markingPython },
];

export const fleetStart: Case = {
  name: "fleet-start",
  summary: `${SESSIONS} sessions from exec of the supervisor to observed running, beside supervisord`,
  async run(stage) {
    const rows: Row[] = [];
    for (const variant of VARIANTS) rows.push(await compare(stage, variant));
    return rows;
  },
};

async function compare(stage: Stage, variant: Variant): Promise<Row> {
  const { what, target } = variant;
  const mine: number[] = [];
  const theirs: number[] = [];
  const ready = await prepared(stage, variant);
  for (let round = 1; round <= ROUNDS; round++) {
    stage.say(`${what}: round ${round} of ${ROUNDS}`);
    mine.push(await ours(stage, ready));
    const took = await supervisords(stage, variant, `supervisord-${what}-${round}`);
    if (took !== null) theirs.push(took);
  }
  const spread = `each program marks its start; ours ${mine.map(ms).join(", ")}`;
  if (theirs.length === 0) return leftOut(`${what}, against supervisord`, `supervisord is not installed; ours ${ms(median(mine))}`);
  const peer = { name: "supervisord", value: median(theirs) };
  return ratio(what, "ms", median(mine), peer, target, `${spread}; supervisord ${theirs.map(ms).join(", ")}`);
}

interface Prepared {
  name: string;
  programs: Programs;
  dataDir: string;
  screenDir: string;
}

/** A store whose sessions are all wanted up, on a machine where none of them runs. */
async function prepared(stage: Stage, { what, programs }: Variant): Promise<Prepared> {
  const own = programs(stage, `signalbox-${what}`);
  const name = `box-${what}`;
  const box = await startSignalbox(stage, { name });
  await addSessions(box, "marking", [...own.command, "{pair}"], pairsOf(SESSIONS), 0);
  await allRunning(box, 120_000);
  const { dataDir, screenDir } = box;
  await reboot(box, own);
  return { name, programs: own, dataDir, screenDir };
}

/** Ends everything the hard way and empties the folders that a reboot empties. */
async function reboot(box: Pick<Box, "stop" | "dataDir" | "screenDir">, programs: Programs): Promise<void> {
  await box.stop();
  await endScreens(box.screenDir);
  for (const folder of [join(box.dataDir, "run"), box.screenDir, programs.folder]) {
    rmSync(folder, { recursive: true, force: true });
  }
  mkdirSync(programs.folder, { recursive: true });
  mkdirSync(box.screenDir, { mode: 0o700 });
}

async function ours(stage: Stage, { name, programs }: Prepared): Promise<number> {
  const from = performance.now();
  const box = await startSignalbox(stage, { name });
  await until("the last program marked its start", () => marked(programs) === SESSIONS, 120_000, LOOK_MS);
  await allRunning(box, 120_000, LOOK_MS);
  const took = performance.now() - from;
  await reboot(box, programs);
  return took;
}

async function supervisords(stage: Stage, variant: Variant, name: string): Promise<number | null> {
  const programs = variant.programs(stage, `${name}-marks`);
  const names = pairsOf(SESSIONS).map(pairId);
  const peer = startSupervisord(
    stage,
    name,
    names.map((each) => ({ name: each, command: [...programs.command, each] })),
  );
  if (!peer) return null;
  await until("supervisord runs all", () => peer.running() === SESSIONS && marked(programs) === SESSIONS, 120_000, LOOK_MS);
  const took = performance.now() - peer.from;
  await peer.end();
  return took;
}
