/** The promises of the fleet, each held against what was seen, and the table they are printed as. */

import { brokenWindows } from "../cast/judge.ts";
import { until } from "../cast/until.ts";
import * as explained from "./explained.ts";
import { grown, keptOfTheDead, type Size, sizeOf, sizeWords } from "./growth.ts";
import { readRows } from "./rows.ts";
import type { Rested } from "./settle.ts";
import { falseStrangers, orphans, unlikeTheWish, wrongWishes } from "./settled.ts";
import type { Stage } from "./stage.ts";

export interface Promised {
  what: string;
  /** Empty: it holds. */
  faults: string[];
  /** What it was seen by. */
  by: string;
}

/** What the time of chance left to judge by. */
export interface Wear {
  since: number;
  /** How often each deed was done. */
  counts: ReadonlyMap<string, number>;
  /** Signalbox at the end of its one long life, and the one after it. */
  worked: Size | null;
  fresh: Size | null;
  sizes: readonly Size[];
  resting: Rested;
}

export async function judge(stage: Stage, { since, counts, worked, fresh, sizes, resting }: Wear): Promise<Promised[]> {
  const { sample, watcher, chronicle } = stage;
  await watcher.looked();
  // The row of an end waits for its last lines, at most a second; that of a start follows it.
  const isWritten = () => {
    const { runs } = readRows(sample);
    const open = runs.filter(({ ended_at }) => ended_at === null);
    const told = new Set(runs.map(({ run }) => run));
    const living = watcher.programs();
    return open.length <= living.length + stage.hands.length && living.every(({ run }) => run === null || told.has(run));
  };
  await until("the last starts and ends are written", isWritten, 5_000).catch(() => null);
  const rows = readRows(sample);
  const seen = watcher.lives.filter(({ role, run }) => role === "program" && run !== null).length;
  const all = [...counts].map(([name, n]) => `${n} ${name}`).join(", ");
  const growth = worked && fresh ? grown(worked, fresh, sizes, rows.sessions.length) : ["no long life was measured"];
  return [
    {
      what: "every wish in the store is the last one the audit tells",
      faults: wrongWishes(rows, Date.now()),
      by: `${rows.sessions.length} sessions`,
    },
    {
      what: "every session is what was asked for: /proc, screen -ls and the API agree",
      faults: await atRest(() => unlikeTheWish(stage, rows)),
      by: `${watcher.programs().length} programs run`,
    },
    {
      what: "what rested against its wish did so by its policy, and came back when it was started",
      faults: resting.faults,
      by: `${resting.count} sessions`,
    },
    { what: "no process is left of what has ended", faults: await atRest(() => orphans(stage, rows)), by: "/proc" },
    {
      what: "nothing of ours is a stranger, and every stranger is told",
      faults: await atRest(() => falseStrangers(stage)),
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
    {
      what: "the API told no process that was not there, and hid none",
      faults: [...stage.lies],
      by: "each look at the sessions, against /proc",
    },
    { what: "no answer was a fault of Signalbox", faults: stage.failures, by: `${chronicle.deeds.length} requests` },
    {
      what: "no country above its limit in any 60 s, at the gateway and by the permits",
      faults: brokenWindows(sample, 60_000),
      by: `${sample.truth().messages.length} messages`,
    },
    {
      what: "memory, files and threads of Signalbox do not grow",
      faults: [...growth, ...(await atRest(async () => keptOfTheDead(sizeOf(sample.pid()))))],
      by: worked && fresh ? `after its long life ${sizeWords(worked)}, fresh ${sizeWords(fresh)}` : "nothing",
    },
  ];
}

/** What somebody did a moment ago is seen with the next look, of which the slowest comes every five seconds: what lasts longer is a fault. */
async function atRest(look: () => Promise<string[]>): Promise<string[]> {
  let faults: string[] = [];
  const isRight = async () => {
    faults = await look();
    return faults.length === 0;
  };
  await until("all is as it should be", isRight, 7_000).catch(() => null);
  return faults;
}

export function table(promises: readonly Promised[]): string[] {
  return promises.flatMap(({ what, faults, by }) => [
    `${faults.length === 0 ? "holds " : "BROKEN"}  ${what} (${by})`,
    ...faults.slice(0, 8).map((fault) => `          ${fault}`),
    ...(faults.length > 8 ? [`          and ${faults.length - 8} more`] : []),
  ]);
}
