/** Durable ingest over HTTP beside plain inserts into MariaDB of the very same rows, each commit on disk, 64 connections both: 1, 100 and 1,000 messages at once. */

import { PAIRS } from "../bodies.ts";
import { type Case, leftOut, type Row, ratio } from "../case.ts";
import { drive } from "../drive.ts";
import { ms } from "../figures.ts";
import { insertIntoMariaDb, startMariaDb } from "../mariadb.ts";
import { bearer, programToken, registerPairs, startSignalbox } from "../signalbox.ts";

const BATCHES = [1, 100, 1_000];
const SECONDS = 3;

export const ingestMariadb: Case = {
  name: "ingest-mariadb",
  summary: "durable ingest over HTTP beside plain inserts into MariaDB, 1, 100 and 1,000 messages at once",
  async run(stage) {
    const mariadb = await startMariaDb(stage);
    if (!mariadb) return [leftOut("against MariaDB", "mariadb-server is not installed")];
    const rows: Row[] = [];
    for (const batch of BATCHES) {
      const what = `batch ${batch.toLocaleString("en")}`;
      const box = await startSignalbox(stage, { name: `batch-${batch}` });
      await registerPairs(box);
      const headers = bearer(await programToken(box, "program1"));
      stage.say(`ours, ${what}`);
      const body = { kind: "messages", pairs: PAIRS, idPrefix: "maria", at: new Date().toISOString(), batch, state: "attempt" } as const;
      const ours = await drive(stage, { url: `${box.url}/api/results`, body, headers, expect: [202], seconds: SECONDS });
      await box.stop();
      stage.say(`plain inserts into MariaDB, ${what}`);
      const theirs = await insertIntoMariaDb(stage, mariadb, box.dataDir, batch, SECONDS);
      const peer = { name: "MariaDB", value: theirs };
      rows.push(
        ratio(`messages, ${what}`, "/s", ours.requestsPerSecond * batch, peer, null, `p50 ${ms(ours.p50Ms)}, p99 ${ms(ours.p99Ms)}`),
      );
    }
    return rows;
  },
};
