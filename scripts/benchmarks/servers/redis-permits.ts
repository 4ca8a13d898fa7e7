/**
 * The peer of permits over HTTP: a sliding-window log in Redis by one atomic script, behind Hono on Bun, as one would write it. Exact as long
 * as Redis lives; nothing is on disk. `REDIS_URL`, `LIMIT` and `WINDOW_MS` come from the bench.
 */

import { RedisClient } from "bun";
import { Hono } from "hono";

// Time is Redis' own, in µs; the counter keeps two grants of one µs apart.
const TAKE = `
local now = redis.call('TIME')
now = now[1] * 1000000 + now[2]
local window = tonumber(ARGV[2]) * 1000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local used = redis.call('ZCARD', KEYS[1])
if used >= tonumber(ARGV[1]) then
  local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  return {0, math.ceil((tonumber(first[2]) + window - now) / 1000)}
end
local id = redis.call('INCR', KEYS[2])
redis.call('ZADD', KEYS[1], now, id)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {id, tonumber(ARGV[1]) - used - 1}`;

const { REDIS_URL = "", LIMIT = "10", WINDOW_MS = "60000" } = process.env;
const redis = new RedisClient(REDIS_URL);
const sha = String(await redis.send("SCRIPT", ["LOAD", TAKE]));

const app = new Hono();
app.post("/permits", async (context) => {
  const { country, operator } = await context.req.json<{ country: string; operator: string }>();
  const answer: unknown = await redis.send("EVALSHA", [sha, "2", `permits:${country}`, "permits:last", LIMIT, WINDOW_MS]);
  const [id, left] = answer as [number, number];
  if (id === 0) return context.json({ reason: "rate", retry_after_ms: left }, 429, { "Retry-After": String(Math.ceil(left / 1000)) });
  return context.json({ permit_id: `p_${id}`, pair: `${country}_${operator}`, remaining: left }, 201);
});

const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: app.fetch });
console.log(`listening ${server.port}`);
