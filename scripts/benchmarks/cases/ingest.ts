/** Durable ingest over HTTP, one message a request: beside Prometheus Pushgateway and beside a Bun.serve that stores nothing. */

import { PAIRS } from "../bodies.ts";
import { fsyncMs } from "../calibration.ts";
import { type Case, leftOut, ratio, value } from "../case.ts";
import { drive } from "../drive.ts";
import { ms } from "../figures.ts";
import { startPushgateway, startRawIngest } from "../peer.ts";
import { bearer, programToken, registerPairs, startSignalbox } from "../signalbox.ts";
import { slowDiskEnvironment } from "../slow.ts";
import type { Stage } from "../stage.ts";

export const ingest: Case = {
  name: "ingest",
  summary: "durable ingest over HTTP, batch 1, 64 connections",
  async run(stage) {
    const rawUrl = await startRawIngest(stage);
    stage.say("raw Bun.serve");
    const raw = await drive(stage, { url: rawUrl, body: messages("raw"), headers: { "Content-Type": "application/json" }, expect: [202] });
    stage.say("ours");
    const ours = await ingestInto(stage, "usual", {});
    stage.say("ours on the slow disk");
    const slow = await ingestInto(stage, "slow", await slowDiskEnvironment(stage));
    const note = `p50 ${ms(ours.p50Ms)}, p99 ${ms(ours.p99Ms)}; one fsync takes ${ms(fsyncMs(stage))}`;
    return [
      await besidePushgateway(stage, ours.requestsPerSecond),
      ratio(
        "against no storage",
        "/s",
        ours.requestsPerSecond,
        { name: "raw Bun.serve", value: raw.requestsPerSecond },
        { atLeast: 0.25 },
        note,
      ),
      value("slow disk", "/s", slow.requestsPerSecond, null, `p50 ${ms(slow.p50Ms)}, p99 ${ms(slow.p99Ms)}; 5 ms added to each fsync`),
    ];
  },
};

async function ingestInto(stage: Stage, name: string, env: Record<string, string>) {
  const box = await startSignalbox(stage, { name, env });
  await registerPairs(box);
  const headers = bearer(await programToken(box, "program1"));
  const result = await drive(stage, { url: `${box.url}/api/results`, body: messages(name), headers, expect: [202] });
  await box.stop();
  return result;
}

async function besidePushgateway(stage: Stage, ours: number) {
  const what = "against Pushgateway";
  const url = await startPushgateway(stage);
  if (!url) return leftOut(what, "prometheus-pushgateway is not installed");
  stage.say("Pushgateway");
  const body = { kind: "pushgateway" } as const;
  const one = await drive(stage, { url: `${url}/metrics/job/program1`, body, seconds: 2 });
  // One group a pair, as its users have it: it checks all groups against each other at each push.
  const paths = PAIRS.map(({ country, operator }) => `/metrics/job/program1/country/${country}/operator/${operator}`);
  const many = await drive(stage, { url, paths, body });
  const peer = { name: "Pushgateway", value: many.requestsPerSecond };
  return ratio(
    what,
    "/s",
    ours,
    peer,
    { atLeast: 15 },
    `both over ${PAIRS.length} pairs; Pushgateway with a single group ${one.requestsPerSecond.toFixed(0)}/s`,
  );
}

function messages(idPrefix: string) {
  return { kind: "messages", pairs: PAIRS, idPrefix, at: new Date().toISOString(), batch: 1 } as const;
}
