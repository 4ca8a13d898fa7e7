/** What the Python client costs the program it lives in, and what it keeps while Signalbox is away. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PAIRS } from "../bodies.ts";
import { type Case, type Row, ratio, value } from "../case.ts";
import { percentile } from "../figures.ts";
import { type Box, programToken, registerPairs, startSignalbox } from "../signalbox.ts";
import type { Stage } from "../stage.ts";

const REPORTS = 360_000;
const SMALL_SPOOL = 1_000_000;
const MEMORY_MB = 16;

export const client: Case = {
  name: "client",
  summary: "the Python client: report() beside queue.put; 360,000 reports while Signalbox is away",
  async run(stage) {
    const box = await startSignalbox(stage);
    await registerPairs(box);
    const token = await programToken(box, "program1");
    const rate = await callers(stage, box, token);
    const kept = await whileAway(stage, box, token);
    return [...rate, ...kept, ...(await beyondItsBound(stage))];
  },
};

async function callers(stage: Stage, box: Box, token: string): Promise<Row[]> {
  stage.say("report() and queue.put in turn, 100 a second");
  const [figures] = await reporter(stage, "rate", { SIGNALBOX_URL: box.url, SIGNALBOX_TOKEN: token }, ["rate"]);
  const { put, report } = figures as { put: number[]; report: number[] };
  const note = `p50 ${percentile(report, 0.5).toFixed(0)} us against ${percentile(put, 0.5).toFixed(0)} us; the client's thread delivers meanwhile, the queue's empties it`;
  return [
    ratio(
      "report() at 100/s, p99",
      "us",
      percentile(report, 0.99),
      { name: "queue.put", value: percentile(put, 0.99) },
      { atMost: 5 },
      note,
    ),
  ];
}

async function whileAway(stage: Stage, box: Box, token: string): Promise<Row[]> {
  stage.say(`${REPORTS} reports while Signalbox is away, then it comes`);
  const endpoint = join(stage.folder, "endpoint");
  writeFileSync(endpoint, "http://127.0.0.1:9\n");
  const before = await attempts(box);
  const env = { SIGNALBOX_ENDPOINT_FILE: endpoint, SIGNALBOX_TOKEN: token };
  const [reported, sent] = await reporter(stage, "away", env, ["away", String(REPORTS)], () => writeFileSync(endpoint, `${box.url}\n`));
  const { seconds, refused, spooled_bytes: bytes } = reported as Record<string, number>;
  const { seconds: sentSeconds, rejected, grown_kb: grown } = sent as Record<string, number>;
  const counted = (await attempts(box)) - before - 1; // and the first, which is reported before the clock runs
  const speed = `${(REPORTS / seconds!).toFixed(0)} reports/s into ${(bytes! / 1e6).toFixed(0)} MB; delivered in ${sentSeconds!.toFixed(1)} s; ${refused} refused, ${rejected} rejected`;
  return [
    ratio("reported while away, counted after", "", counted, { name: "reported", value: REPORTS }, { atLeast: 1 }, speed),
    value("memory grown meanwhile, highest", "MB", grown! / 1024, { atMost: MEMORY_MB }),
  ];
}

async function beyondItsBound(stage: Stage): Promise<Row[]> {
  stage.say("beyond the spool's bound");
  const count = 20_000;
  const env = { SIGNALBOX_URL: "http://127.0.0.1:9", SIGNALBOX_TOKEN: "none" };
  const [told] = await reporter(stage, "bound", env, ["bound", String(count), String(SMALL_SPOOL)]);
  const { refused, lost, spooled_bytes: bytes } = told as Record<string, number>;
  const note = `of ${count} reports ${refused} were refused to the caller, ${lost} counted as lost`;
  if (refused !== lost || refused === 0) throw new Error(`refused and counted differ: ${note}`);
  return [ratio("spool beyond its bound, on disk", "bytes", bytes!, { name: "bound", value: SMALL_SPOOL }, { atMost: 1.01 }, note)];
}

async function attempts(box: Box): Promise<number> {
  return (await box.api<{ fleet: { total: { attempts: number } } }>("GET", "/api/metrics/realtime")).fleet.total.attempts;
}

/** Each line it printed; `after` is done when the first is there, and then it is told to go on. */
async function reporter(stage: Stage, name: string, env: Record<string, string>, argv: string[], after?: () => void): Promise<unknown[]> {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith("SIGNALBOX_")));
  const { country, operator } = PAIRS[0]!;
  const child = Bun.spawn(["python3", join(import.meta.dir, "../servers/reporter.py"), ...argv], {
    env: {
      ...clean,
      PYTHONPATH: join(import.meta.dir, "../../client"),
      PYTHONDONTWRITEBYTECODE: "1",
      SIGNALBOX_PAIRS: `${country}_${operator}`,
      SIGNALBOX_SPOOL: stage.subfolder(`${name}-spool`),
      ...env,
    },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
  });
  stage.defer(() => child.kill("SIGKILL"));
  let text = "";
  let told = false;
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (told || !text.includes("\n")) continue;
    told = true;
    after?.();
    child.stdin.write("\n");
    child.stdin.end();
  }
  if ((await child.exited) !== 0) throw new Error(`reporter.py ${argv.join(" ")} ended with ${child.exitCode}`);
  return text
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
}
