/** The main job for minutes, at the size of a real fleet and with the real window of a minute, then 20 kills. Prints what it sees; exit 1 when something does not hold. */

import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { brokenWindows, miscounted, uncontrolled, wrongSums } from "../cast/judge.ts";
import { killAtRandom } from "../cast/killing.ts";
import { openSample, type Sample, type SeenSession } from "../cast/sample.ts";
import { until } from "../cast/until.ts";
import { fleetSoak } from "./fleet-soak.ts";
import { killWhileIngesting } from "./ingest-kills.ts";
import { table } from "./promises.ts";

const { values } = parseArgs({
  options: {
    fleet: { type: "boolean", default: false },
    ingest: { type: "boolean", default: false },
    minutes: { type: "string" },
    scale: { type: "string", default: "120" },
    kills: { type: "string" },
    seed: { type: "string", default: "1" },
  },
});
if (values.fleet) process.exit(await soakTheFleet());
if (values.ingest) process.exit(await soakIngest());

const minutes = Number(values.minutes ?? 5);
const WINDOW_MS = 60_000;
const faults: string[] = [];

/** Everything at random for half an hour; what it did and what must hold after it: fleet-soak.ts. */
async function soakTheFleet(): Promise<number> {
  const ms = Number(values.minutes ?? 30) * 60_000;
  const folder = mkdtempSync(join(tmpdir(), "signalbox-soak-"));
  // Its own copy: somebody may build anew in half an hour.
  const binary = join(folder, "signalbox");
  copyFileSync(join(import.meta.dir, "../../dist/signalbox"), binary);
  // Ctrl-C ends the chance, not the judging.
  let isEnough = false;
  process.on("SIGINT", () => {
    isEnough = true;
  });
  const run = { isEnough: () => isEnough, ms, seed: Number(values.seed), scale: Number(values.scale), everyMs: 1_200, say, binary };
  const promises = await fleetSoak(run).finally(() => rmSync(folder, { recursive: true, force: true }));
  for (const line of table(promises)) console.log(line);
  const broken = promises.filter(({ faults }) => faults.length > 0).length;
  say(broken === 0 ? `fleet soak: all ${promises.length} promises hold` : `fleet soak: ${broken} of ${promises.length} promises broken`);
  return broken === 0 ? 0 : 1;
}

/** kill -9 while results come in as fast as they are taken: ingest-kills.ts. */
async function soakIngest(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "sbx-"));
  const binary = join(folder, "signalbox");
  copyFileSync(join(import.meta.dir, "../../dist/signalbox"), binary);
  const kills = Number(values.kills ?? 100);
  const found = await killWhileIngesting({ binary, folder, kills, seed: Number(values.seed), say }).finally(() =>
    rmSync(folder, { recursive: true, force: true }),
  );
  for (const fault of found.slice(0, 20)) say(`FAILS   ${fault}`);
  say(found.length === 0 ? `ingest soak: ${kills} kills, nothing lost, nothing twice` : `ingest soak: ${found.length} faults`);
  return found.length === 0 ? 0 : 1;
}

function say(line: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
}

function verdict(what: string, found: readonly string[]): void {
  say(
    found.length === 0
      ? `holds   ${what}`
      : `FAILS   ${what}: ${found.slice(0, 5).join("; ")}${found.length > 5 ? ` and ${found.length - 5} more` : ""}`,
  );
  faults.push(...found.map((fault) => `${what}: ${fault}`));
}

async function judge(sample: Sample): Promise<void> {
  const { messages, receipts } = sample.truth();
  say(`${messages.length} messages and ${receipts.length} receipts in the gateway's log`);
  verdict("no country above its limit in any 60 s, at the gateway and by the permits", brokenWindows(sample, WINDOW_MS));
  verdict("every confirmed message is counted exactly once", await miscounted(sample));
  verdict("the sums shown are those of the rows", await wrongSums(sample));
  verdict("nothing was sent without a permit", uncontrolled(sample));
}

function changedPids(before: readonly SeenSession[], after: readonly SeenSession[]): string[] {
  const pids = new Map(before.map((session) => [session.name, session.pid]));
  return after
    .filter((session) => pids.get(session.name) !== session.pid)
    .map((session) => `${session.name} was ${pids.get(session.name)}, is ${session.pid}`);
}

const sample = await openSample({ scale: Number(values.scale) });
try {
  const count = (await sample.sessions()).length;
  const before = await sample.allRunning(count);
  say(`${count} sessions run; sending for ${minutes} min`);
  const end = performance.now() + minutes * 60_000;
  let told = performance.now();
  await until(
    "the time is over",
    () => {
      if (performance.now() - told > 30_000) {
        told = performance.now();
        say(`${sample.truth().messages.length} messages so far`);
      }
      return performance.now() > end;
    },
    minutes * 60_000 + 10_000,
  );
  await judge(sample);

  say(`killing Signalbox ${values.kills ?? 20} times`);
  await killAtRandom(sample, {
    times: Number(values.kills ?? 20),
    seed: Number(values.seed),
    leastMs: 500,
    mostMs: 8000,
    onKill: (nth) => say(`kill ${nth}`),
  });
  const after = await sample.allRunning(count);
  verdict("no session ended", changedPids(before, after));
  verdict("no session was doubled", sample.screenCount() === count ? [] : [`${sample.screenCount()} screens for ${count} sessions`]);
  await judge(sample);
} finally {
  await sample.close();
}
say(faults.length === 0 ? "soak: everything holds" : `soak: ${faults.length} faults`);
process.exit(faults.length === 0 ? 0 : 1);
