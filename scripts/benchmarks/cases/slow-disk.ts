/** Whether an unrelated request waits for the disk: GET /login beside full-speed ingest when each fsync takes 5 ms more. */

import { PAIRS } from "../bodies.ts";
import { timerLagP99 } from "../calibration.ts";
import { type Case, ratio } from "../case.ts";
import { drive } from "../drive.ts";
import { ms } from "../figures.ts";
import { bearer, programToken, registerPairs, startSignalbox } from "../signalbox.ts";
import { slowDiskEnvironment } from "../slow.ts";

const PAGE = { method: "GET", connections: 1, pauseMs: 5, warmupSeconds: 1, seconds: 5 } as const;

export const slowDisk: Case = {
  name: "slow-disk",
  summary: "an unrelated GET while ingesting on a disk whose fsync takes 5 ms more",
  async run(stage) {
    const box = await startSignalbox(stage, { env: await slowDiskEnvironment(stage) });
    await registerPairs(box);
    const headers = bearer(await programToken(box, "program1"));
    const url = `${box.url}/login`;
    stage.say("without ingest");
    await drive(stage, { url, method: "GET", seconds: 1 });
    const idle = await drive(stage, { url, ...PAGE });
    stage.say("while ingesting");
    const body = { kind: "messages", pairs: PAIRS, idPrefix: "slow", at: new Date().toISOString(), batch: 1, state: "attempt" } as const;
    const [busy, load, lag] = await Promise.all([
      drive(stage, { url, ...PAGE, warmupSeconds: 2 }),
      drive(stage, { url: `${box.url}/api/results`, body, headers, expect: [202], warmupSeconds: 1, seconds: 7 }),
      timerLagP99(),
    ]);
    const note = `p50 ${ms(busy.p50Ms)} against ${ms(idle.p50Ms)}; ${load.requestsPerSecond.toFixed(0)} results/s meanwhile; timer lag p99 of the bench then ${ms(lag)}`;
    return [ratio("GET /login p99", "ms", busy.p99Ms, { name: "without ingest", value: idle.p99Ms }, { atMost: 3 }, note)];
  },
};
