/** Durable ingest over HTTP, 100 messages a request, beside bun:sqlite alone writing the very same rows with synchronous=FULL. */

import { PAIRS } from "../bodies.ts";
import { type Case, ratio } from "../case.ts";
import { drive, inTurn } from "../drive.ts";
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
    const url = `${box.url}/api/results`;
    let round = 0;
    const post = () => {
      const body = {
        kind: "messages",
        pairs: PAIRS,
        idPrefix: `batch-${++round}`,
        at: new Date().toISOString(),
        batch: BATCH,
        state: "attempt",
      } as const;
      return drive(stage, { url, body, headers, expect: [202], seconds: 2 });
    };
    stage.say("ours");
    const ours = (await inTurn<"ours">({ ours: post })).ours!;
    await box.stop();
    stage.say("bun:sqlite alone");
    const rounds = [1, 2, 3].map((n) => insertSameRows(box.dataDir, stage.subfolder(`alone-${n}`), BATCH, 1500));
    const alone = rounds.sort((a, b) => a.messagesPerSecond - b.messagesPerSecond)[1]!;
    const note = `p50 ${ms(ours.p50Ms)}, p99 ${ms(ours.p99Ms)}; alone: ${alone.tables.join(" + ")}, ${BATCH} messages a transaction`;
    const peer = { name: "bun:sqlite alone", value: alone.messagesPerSecond };
    return [ratio("messages", "/s", ours.requestsPerSecond * BATCH, peer, { atLeast: 0.4 }, note)];
  },
};
