/** Durable ingest over HTTP, 100 messages a request, beside bun:sqlite alone writing the very same rows with synchronous=FULL. */

import { PAIRS } from "../bodies.ts";
import { type Case, ratio } from "../case.ts";
import { drive } from "../drive.ts";
import { ms } from "../figures.ts";
import { insertSameRows } from "../same-rows.ts";
import { bearer, programToken, registerPairs, startSignalbox } from "../signalbox.ts";

const BATCH = 100;

export const ingestBatches: Case = {
  name: "ingest-batches",
  summary: "durable ingest over HTTP, batch 100, 64 connections",
  async run(stage) {
    const box = await startSignalbox(stage);
    await registerPairs(box);
    const headers = bearer(await programToken(box, "program1"));
    const body = {
      kind: "messages",
      pairs: PAIRS,
      idPrefix: "batch",
      at: new Date().toISOString(),
      batch: BATCH,
      state: "attempt",
    } as const;
    stage.say("ours");
    const ours = await drive(stage, { url: `${box.url}/api/results`, body, headers, expect: [202] });
    await box.stop();
    stage.say("bun:sqlite alone");
    const alone = insertSameRows(box.dataDir, stage.subfolder("alone"), BATCH, 4000);
    const note = `p50 ${ms(ours.p50Ms)}, p99 ${ms(ours.p99Ms)}; alone: ${alone.tables.join(" + ")}, ${BATCH} messages a transaction`;
    const peer = { name: "bun:sqlite alone", value: alone.messagesPerSecond };
    return [ratio("messages", "/s", ours.requestsPerSecond * BATCH, peer, { atLeast: 0.4 }, note)];
  },
};
