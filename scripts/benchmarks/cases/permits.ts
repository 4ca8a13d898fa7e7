/** Permits over HTTP, exact and on disk, beside express-rate-limit, a fixed window in memory. */

import { type Case, leftOut, ratio } from "../case.ts";
import { drive } from "../drive.ts";
import { ms } from "../figures.ts";
import { startExpressRateLimit } from "../peer.ts";
import { bearer, programToken, startSignalbox } from "../signalbox.ts";
import type { Stage } from "../stage.ts";

const BODY = { kind: "same", text: '{"country":"UZ","operator":"uzmobile"}' } as const;
const NEVER_REACHED = 100_000; // grants a second: beyond what HTTP on one machine asks

export const permits: Case = {
  name: "permits",
  summary: "permits over HTTP, 64 connections: all granted, all refused",
  async run(stage) {
    stage.say("all granted: ours");
    const granted = await ours(stage, "granted", { limit: NEVER_REACHED, window_seconds: 1 }, [201]);
    stage.say("all refused: ours");
    const refused = await ours(stage, "refused", { limit: 1, window_seconds: 86_400 }, [201, 429]);
    return [
      await beside(stage, "all granted", granted, Number.MAX_SAFE_INTEGER, [201], { atLeast: 4 }),
      await beside(stage, "all refused", refused, 1, [201, 429], { atLeast: 6 }),
    ];
  },
};

async function ours(stage: Stage, name: string, limit: { limit: number; window_seconds: number }, expect: number[]) {
  const box = await startSignalbox(stage, { name });
  await box.api("POST", "/api/pairs", { country: "UZ", operator: "uzmobile" });
  await box.api("PATCH", "/api/countries/UZ", limit);
  const headers = bearer(await programToken(box, "program1"));
  const result = await drive(stage, { url: `${box.url}/api/permits`, body: BODY, headers, expect });
  await box.stop();
  return result;
}

type Measured = Awaited<ReturnType<typeof ours>>;

async function beside(stage: Stage, what: string, ours: Measured, limit: number, expect: number[], target: { atLeast: number }) {
  const url = await startExpressRateLimit(stage, limit);
  if (!url) return leftOut(what, "node or npm is not installed");
  stage.say(`${what}: express-rate-limit`);
  const peer = await drive(stage, { url, body: BODY, headers: { "Content-Type": "application/json" }, expect });
  const note = `p50 ${ms(ours.p50Ms)}, p99 ${ms(ours.p99Ms)}; the peer ${ms(peer.p50Ms)}, ${ms(peer.p99Ms)}`;
  return ratio(what, "/s", ours.requestsPerSecond, { name: "express-rate-limit", value: peer.requestsPerSecond }, target, note);
}
