/** Durable ingest over HTTP, one message a request: beside Prometheus Pushgateway and beside a Bun.serve that stores nothing. */

import { PAIRS } from "../bodies.ts";
import { fsyncMs } from "../calibration.ts";
import { type Case, leftOut, type Row, ratio, value } from "../case.ts";
import { drive, inTurn, type LoadResult } from "../drive.ts";
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
    const gatewayUrl = await startPushgateway(stage);
    const single = gatewayUrl === null ? null : await pushes(stage, gatewayUrl, GROUPS.slice(0, 1))();
    const post = await poster(stage, "usual", {});
    stage.say("raw Bun.serve, ours and Pushgateway in turn");
    const measured = await inTurn<"raw" | "ours" | "push">({
      ...(gatewayUrl !== null && { push: pushes(stage, gatewayUrl, GROUPS) }),
      raw: () => drive(stage, { url: rawUrl, body: messages("raw"), headers: { "Content-Type": "application/json" }, expect: [202] }),
      ours: post,
    });
    stage.say("ours on the slow disk");
    const slow = await (await poster(stage, "slow", await slowDiskEnvironment(stage)))();

    const ours = measured.ours!.requestsPerSecond;
    const raw = { name: "raw Bun.serve", value: measured.raw!.requestsPerSecond };
    return [
      besidePushgateway(ours, measured.push, single),
      ratio("against no storage", "/s", ours, raw, { atLeast: 0.25 }, `${spread(measured.ours!)}; one fsync takes ${ms(fsyncMs(stage))}`),
      value("slow disk", "/s", slow.requestsPerSecond, null, `${spread(slow)}; 5 ms added to each fsync`),
    ];
  },
};

function besidePushgateway(ours: number, push: LoadResult | undefined, single: LoadResult | null): Row {
  const what = "against Pushgateway";
  if (!push) return leftOut(what, "prometheus-pushgateway is not installed");
  const note = `both over ${PAIRS.length} pairs; Pushgateway with a single group ${single?.requestsPerSecond.toFixed(0)}/s`;
  return ratio(what, "/s", ours, { name: "Pushgateway", value: push.requestsPerSecond }, { atLeast: 15 }, note);
}

/** One group a pair, as its users have it: the Pushgateway checks all groups against each other at each push. */
const GROUPS = PAIRS.map(({ country, operator }) => `/metrics/job/program1/country/${country}/operator/${operator}`);

function pushes(stage: Stage, url: string, paths: string[]): () => Promise<LoadResult> {
  return () => drive(stage, { url, paths, body: { kind: "pushgateway" } });
}

async function poster(stage: Stage, name: string, env: Record<string, string>): Promise<() => Promise<LoadResult>> {
  const box = await startSignalbox(stage, { name, env });
  await registerPairs(box);
  const headers = bearer(await programToken(box, "program1"));
  let round = 0;
  return () => drive(stage, { url: `${box.url}/api/results`, body: messages(`${name}-${++round}`), headers, expect: [202] });
}

function messages(idPrefix: string) {
  return { kind: "messages", pairs: PAIRS, idPrefix, at: new Date().toISOString(), batch: 1, state: "attempt" } as const;
}

function spread({ p50Ms, p99Ms }: LoadResult): string {
  return `p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}`;
}
