/**
 * The load generator: N keep-alive connections, each sending its next request when the last is answered. Run as a process of its own
 * by drive.ts, the same for ours and for every peer, so that what it costs is on both sides of a ratio.
 * Takes one LoadSpec as JSON in its first argument, prints one LoadResult as JSON.
 */

import { bodyMaker } from "./bodies.ts";
import type { LoadResult, LoadSpec } from "./drive.ts";
import { percentile } from "./figures.ts";

const CRLF = Buffer.from("\r\n\r\n");

const spec = JSON.parse(process.argv[2] ?? "null") as LoadSpec;
console.log(JSON.stringify(await load(spec)));
process.exit(0);

async function load(spec: LoadSpec): Promise<LoadResult> {
  const target = new URL(spec.url);
  const body = spec.body ? bodyMaker(spec.body) : null;
  const lines = Object.entries({ Host: target.host, ...spec.headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const paths = spec.paths.length > 0 ? spec.paths : [target.pathname + target.search];
  const heads = paths.map((path) => `${spec.method} ${path} HTTP/1.1\r\n${lines.join("")}`);
  const latencies: number[] = [];
  const statuses: Record<string, number> = {};
  let sequence = 0;
  let errors = 0;
  let firstError = "";

  const startAt = performance.now();
  const measureFrom = startAt + spec.warmupSeconds * 1000;
  const endAt = measureFrom + spec.seconds * 1000;
  const connections = Array.from({ length: spec.connections }, connect);
  await Promise.all(connections);
  return {
    requestsPerSecond: latencies.length / spec.seconds,
    latenciesMs: spec.keepLatencies ? latencies : [],
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    statuses,
    errors,
    firstError,
  };

  function nextRequest(): string {
    const head = heads[sequence % heads.length]!;
    if (!body) return `${head}\r\n`;
    const text = body(sequence++);
    return `${head}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
  }

  async function connect(): Promise<void> {
    const over = Promise.withResolvers<void>();
    let sentAt = 0;
    let pending: Buffer | null = null;
    let unsent: string | null = null;
    await Bun.connect({
      hostname: target.hostname,
      port: Number(target.port),
      socket: {
        open: send,
        data(socket, data) {
          const seen = pending ? Buffer.concat([pending, data]) : data;
          const length = responseLength(seen);
          if (length === null || seen.length < length) {
            pending = Buffer.from(seen);
            return;
          }
          pending = null;
          note(seen);
          if (performance.now() >= endAt) {
            socket.end();
            over.resolve();
          } else if (spec.pauseMs) setTimeout(() => send(socket), spec.pauseMs);
          else send(socket);
        },
        drain(socket) {
          if (unsent !== null) write(socket, unsent);
        },
        close() {
          if (performance.now() < endAt) fail("the server closed a connection");
          over.resolve();
        },
        error: (_socket, error) => fail(error.message),
        connectError(_socket, error) {
          fail(error.message);
          over.resolve();
        },
      },
    });
    await over.promise;

    function send(socket: Bun.Socket): void {
      sentAt = performance.now();
      write(socket, nextRequest());
    }

    function write(socket: Bun.Socket, text: string): void {
      const written = socket.write(text);
      unsent = written < Buffer.byteLength(text) ? Buffer.from(text).subarray(written).toString() : null;
    }

    function note(response: Buffer): void {
      const now = performance.now();
      const status = response.toString("latin1", 9, 12);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (!spec.expect.includes(Number(status))) fail(response.toString().slice(0, 600));
      if (sentAt >= measureFrom && now <= endAt) latencies.push(now - sentAt);
    }
  }

  function fail(message: string): void {
    errors++;
    firstError ||= message;
  }
}

/** Length of the whole response in bytes, or null while its head is incomplete. */
function responseLength(seen: Buffer): number | null {
  const headEnd = seen.indexOf(CRLF);
  if (headEnd < 0) return null;
  const head = seen.toString("latin1", 0, headEnd);
  const length = /content-length: *(\d+)/i.exec(head);
  if (length) return headEnd + 4 + Number(length[1]);
  if (/transfer-encoding: *chunked/i.test(head)) {
    const end = seen.indexOf("0\r\n\r\n", headEnd + 4, "latin1");
    return end < 0 ? null : end + 5;
  }
  return headEnd + 4;
}
