/**
 * One budget for what programs leave on disk: output of runs and what waits in spools. Over it, the output of the oldest runs goes first,
 * wherever they ran; a session's newest run keeps its own, and a spool is never touched: what is in it was not counted yet.
 */

import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

export interface Trimmed {
  bytes: number;
  freedBytes: number;
}

interface Run {
  run: string;
  files: string[];
  bytes: number;
  newest: boolean;
}

/** Awaits each file, so that nobody waits for thousands of them. What comes and goes meanwhile is counted next time. */
export async function trimToBudget(dataFolder: string, budgetBytes: number): Promise<Trimmed> {
  const runs = await runsBelow(join(dataFolder, "output"));
  const spooled = await bytesBelow(join(dataFolder, "spool"));
  let bytes = runs.reduce((sum, run) => sum + run.bytes, spooled);
  let freedBytes = 0;
  // Ids sort by birth.
  for (const run of runs.filter(({ newest }) => !newest).sort((a, b) => (a.run < b.run ? -1 : 1))) {
    if (bytes <= budgetBytes) break;
    for (const file of run.files) await rm(file, { force: true });
    bytes -= run.bytes;
    freedBytes += run.bytes;
  }
  return { bytes, freedBytes };
}

async function runsBelow(folder: string): Promise<Run[]> {
  const all: Run[] = [];
  for (const session of await namesIn(folder)) {
    const runs = new Map<string, Run>();
    for (const file of await namesIn(join(folder, session))) {
      const run = /^([^.]+)(\.earlier)?\.log$/.exec(file)?.[1];
      if (run === undefined) continue;
      // How much was cut from it goes with it.
      const one = runs.get(run) ?? { run, files: [join(folder, session, `${run}.cut`)], bytes: 0, newest: false };
      runs.set(run, one);
      one.files.push(join(folder, session, file));
      one.bytes += await sizeOf(join(folder, session, file));
    }
    const newest = [...runs.keys()].sort().at(-1);
    for (const one of runs.values()) all.push({ ...one, newest: one.run === newest });
  }
  return all;
}

async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  for (const session of await namesIn(folder))
    for (const file of await namesIn(join(folder, session))) bytes += await sizeOf(join(folder, session, file));
  return bytes;
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => null))?.size ?? 0;
}
