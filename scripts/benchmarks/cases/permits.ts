/** Permits over HTTP, exact and on disk, beside express-rate-limit, a fixed window in memory, and an atomic script in Redis behind Hono. */

import { type Case, leftOut, type Row, ratio, value } from "../case.ts";
import { drive, inTurn } from "../drive.ts";
import { ms } from "../figures.ts";
import { startExpressRateLimit, startRedisPermits } from "../peer.ts";
import { bearer, programToken, startSignalbox } from "../signalbox.ts";
import type { Stage } from "../stage.ts";

const BODY = { kind: "same", text: '{"country":"UZ","operator":"uzmobile"}' } as const;
const NEVER_REACHED = 100_000; // grants a second: beyond what HTTP on one machine asks

// The first rounds of a server that has just been started are slower, and each server counts by its median: so more than the usual three.
const ROUNDS = 7;

// A slot counts for window and lease together: with the usual 2 s the largest limit would be reached.
const LEASE_MS = "1000";

interface Variant {
  what: string;
  ours: { limit: number; window_seconds: number };
  peerLimit: number;
  expect: number[];
  target: { atLeast: number };
  redisTarget: { atLeast: number } | null;
}

const VARIANTS: readonly Variant[] = [
  {
    what: "all granted",
    ours: { limit: NEVER_REACHED, window_seconds: 1 },
    peerLimit: Number.MAX_SAFE_INTEGER,
    expect: [201],
    target: { atLeast: 4 },
    redisTarget: { atLeast: 0.75 },
  },
  {
    what: "all refused",
    ours: { limit: 1, window_seconds: 86_400 },
    peerLimit: 1,
    expect: [201, 429],
    target: { atLeast: 6 },
    redisTarget: null,
  },
];

export const permits: Case = {
  name: "permits",
  summary: "permits over HTTP, 64 connections: all granted, all refused",
  async run(stage) {
    const rows: Row[] = [];
    for (const variant of VARIANTS) rows.push(...(await compare(stage, variant)));
    return rows;
  },
};

async function compare(stage: Stage, { what, ours, peerLimit, expect, target, redisTarget }: Variant): Promise<Row[]> {
  const box = await startSignalbox(stage, { name: what.replace(" ", "-"), env: { SIGNALBOX_LEASE_MS: LEASE_MS } });
  await box.api("POST", "/api/pairs", { country: "UZ", operator: "uzmobile" });
  await box.api("PATCH", "/api/countries/UZ", ours);
  const token = await programToken(box, "program1");
  const peerUrl = await startExpressRateLimit(stage, peerLimit);
  stage.say(`${what}: ours and express-rate-limit in turn`);
  const redisUrl = await startRedisPermits(stage, ours.limit, ours.window_seconds * 1000);
  const json = { "Content-Type": "application/json" };
  const drives = {
    mine: () => drive(stage, { url: `${box.url}/api/permits`, body: BODY, headers: bearer(token), expect }),
    ...(peerUrl !== null && { peer: () => drive(stage, { url: peerUrl, body: BODY, headers: json, expect }) }),
    ...(redisUrl !== null && { redis: () => drive(stage, { url: redisUrl, body: BODY, headers: json, expect }) }),
  };
  const measured = await inTurn<"mine" | "peer" | "redis">(drives, ROUNDS);
  await box.stop();
  const { mine, peer, redis } = measured;
  const own = `p50 ${ms(mine!.p50Ms)}, p99 ${ms(mine!.p99Ms)}`;
  const besideRedis = `${what}, against Redis`;
  const redisRow = redis
    ? ratio(
        besideRedis,
        "/s",
        mine!.requestsPerSecond,
        { name: "Redis script, Hono", value: redis.requestsPerSecond },
        redisTarget,
        `${own}; the peer ${ms(redis.p50Ms)}, ${ms(redis.p99Ms)}, nothing on disk`,
      )
    : leftOut(besideRedis, "redis-server is not installed");
  if (!peer)
    return [
      value(what, "/s", mine!.requestsPerSecond, null, own),
      leftOut(`${what}, against express-rate-limit`, "node or npm is not installed"),
      redisRow,
    ];
  const note = `${own}; the peer ${ms(peer.p50Ms)}, ${ms(peer.p99Ms)}`;
  return [
    ratio(what, "/s", mine!.requestsPerSecond, { name: "express-rate-limit", value: peer.requestsPerSecond }, target, note),
    redisRow,
  ];
}
