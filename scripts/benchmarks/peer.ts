/** Starts what Signalbox is measured against: compiled hello-world, raw Bun.serve, Pushgateway, express-rate-limit, Redis. */

import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { printed, type Stage, type Started, until } from "./stage.ts";

const here = import.meta.dir;
const cache = join(here, "../../.cache/benchmarks");

/** The compiled hello-world's path. */
export async function buildHello(stage: Stage): Promise<string> {
  const out = join(stage.folder, "hello");
  const source = join(here, "servers/hello.ts");
  await stage.run([process.execPath, "build", "--compile", "--minify", "--bytecode", "--format=esm", source, "--outfile", out]);
  return out;
}

export async function startHello(stage: Stage, binary: string): Promise<{ url: string; started: Started }> {
  const started = stage.start([binary]);
  return { url: `http://127.0.0.1:${(await printed(started, /listening (\d+)/))[1]}/`, started };
}

export async function startRawIngest(stage: Stage): Promise<string> {
  const started = stage.start([process.execPath, join(here, "servers/raw-ingest.ts")]);
  return `http://127.0.0.1:${(await printed(started, /listening (\d+)/))[1]}/`;
}

/** The address to post to, or null when it is not installed. */
export async function startPushgateway(stage: Stage): Promise<string | null> {
  const binary = Bun.which("prometheus-pushgateway") ?? Bun.which("pushgateway");
  if (!binary) return null;
  const started = stage.start([binary, "--web.listen-address=127.0.0.1:0", "--log.level=info"]);
  const port = (await printed(started, /address=(?:127\.0\.0\.1|\[::\]):(\d+)/))[1];
  return `http://127.0.0.1:${port}`;
}

/** The address to post to, or null (with the reason said) when node or its packages are not to be had. */
export async function startExpressRateLimit(stage: Stage, limit: number): Promise<string | null> {
  const node = Bun.which("node");
  const folder = await installedPeers(stage);
  if (!node || !folder) return null;
  const started = stage.start([node, join(folder, "express-rate-limit.cjs")], { env: { LIMIT: String(limit), NODE_ENV: "production" } });
  return `http://127.0.0.1:${(await printed(started, /listening (\d+)/))[1]}/permits`;
}

/** Redis in memory on a socket of its own, and the atomic script behind Hono. The address to post to, or null without redis-server. */
export async function startRedisPermits(stage: Stage, limit: number, windowMs: number): Promise<string | null> {
  const redis = Bun.which("redis-server");
  if (!redis) return null;
  const socket = join(stage.subfolder(`redis-${limit}`), "redis.sock");
  const store = stage.start([redis, "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no"]);
  await printed(store, /eady to accept connections/);
  const env = { REDIS_URL: `redis+unix://${socket}`, LIMIT: String(limit), WINDOW_MS: String(windowMs), NODE_ENV: "production" };
  const started = stage.start([process.execPath, join(here, "servers/redis-permits.ts")], { env });
  return `http://127.0.0.1:${(await printed(started, /listening (\d+)/))[1]}/permits`;
}

/** The folder with the npm packages of `peers/`, installed when they are not there yet or are others; null without npm. */
export async function installedPeers(stage: Stage): Promise<string | null> {
  const npm = Bun.which("npm");
  if (!npm) return null;
  const folder = join(cache, "peers");
  mkdirSync(folder, { recursive: true });
  const lock = readFileSync(join(here, "peers/package-lock.json"), "utf8");
  const done = join(folder, ".installed");
  for (const file of ["package.json", "package-lock.json", "express-rate-limit.cjs"]) cpSync(join(here, "peers", file), join(folder, file));
  if (existsSync(done) && readFileSync(done, "utf8") === lock) return folder;
  stage.say("installing what Signalbox is measured against into .cache/benchmarks");
  await stage.run([npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: folder });
  writeFileSync(done, lock);
  return folder;
}

export async function ready(url: string, withinMs = 15_000): Promise<void> {
  await until(
    `${url} answered 200`,
    () =>
      fetch(url).then(
        (response) => response.ok,
        () => false,
      ),
    withinMs,
    1,
  );
}
