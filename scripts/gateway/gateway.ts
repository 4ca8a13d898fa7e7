/**
 * A simulated SMS gateway: takes messages over HTTP, answers and tells receipts as the profile of their pair says, and logs the truth.
 *
 *   POST /send (form: to, text, pair?, from?)  ->  "OTP sent successfully id=a81f3c" | "error 30003 absent subscriber"
 *   GET  /status?id=a81f3c                     ->  "pending" | "delivered, submitted successfully" | "failed, error 30008 unknown error"
 *   GET  /receipts?pair=&after=&limit=         ->  every receipt as it comes, twice, late, contradicted: JSON
 *   GET, PUT, DELETE /profiles/{pair|default}, GET /profiles  ->  see profile.ts
 *   GET, PUT, DELETE /script                   ->  changes of profiles to come, see behaviour.ts
 *   GET, PUT, DELETE /callback                 ->  where receipts are posted to, see callback.ts
 *   GET  /numbers                              ->  what each pair sent and was answered
 *
 * `Accept: application/json` gives the same in JSON. Deterministic for a seed: the n-th message of a pair always has the same fate.
 * Described for its users in docs/simulated-gateway.md.
 */

import { parseArgs } from "node:util";
import { systemClock } from "../../src/adapters/linux/libc.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { openBehaviour, script } from "./behaviour.ts";
import { callbackForm, openCallback } from "./callback.ts";
import { openInbox } from "./inbox.ts";
import { type Entry, openLog } from "./log.ts";
import { fateOf, outageAt, type Profile, profileChange, randomOf } from "./profile.ts";

export interface GatewayOptions {
  clock: Clock;
  seed: number;
  /** 0: any free one. */
  port?: number;
  /** The truth, NDJSON; see log.ts. */
  logPath?: string;
}

type Said = Extract<Entry, { kind: "message" }>["answer"];

const MINUTE_MS = 60_000;

export function openGateway({ clock, seed, port = 0, logPath }: GatewayOptions) {
  const log = openLog(logPath);
  const openedUptimeMs = clock.uptimeMs();
  const behaviour = openBehaviour(() => clock.uptimeMs());
  const inbox = openInbox(clock, log);
  const callback = openCallback(inbox);
  const numbers = new Map<string, { messages: number } & Record<Said, number>>();
  /** When the pair's messages of the last minute were taken; held only where there is a throttle. */
  const taken = new Map<string, number[]>();
  // by time, so that a gateway started anew repeats no id
  let lastId = Math.floor(clock.now() / 10);

  async function send(request: Request): Promise<Response> {
    const arrived = { uptime_ms: clock.uptimeMs(), wall_ms: clock.now() };
    const form = new URLSearchParams(await request.text());
    if (!form.get("to") || !form.get("text")) return say(request, 400, { error: { code: "400", words: "to and text are needed" } });
    const pair = form.get("pair") || "unknown";
    const counts = countsOf(pair);
    const profile = behaviour.of(pair);
    const fate = fateOf(profile, randomOf(seed, pair, ++counts.messages));
    const lost = outageAt(profile, pair, arrived.uptime_ms - openedUptimeMs) ?? throttled(profile, pair, arrived.uptime_ms);
    const id = (++lastId).toString(16);
    const outcome = !lost && fate.delivered ? "delivered" : "failed";
    const answer = lost ?? (fate.accepted ? "accepted" : "refused");
    counts[answer]++;
    log.write({ kind: "message", id, pair, ...arrived, answer, outcome, error_code: lost ? null : (fate.error?.code ?? null) });
    if (lost === "hang") await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
    if (lost === "throttled") return say(request, 429, { error: { code: "429", words: "too many requests" } });
    if (lost) return say(request, 503, { error: { code: "503", words: "service unavailable" } });
    if (fate.answerMs >= 1) await Bun.sleep(fate.answerMs);
    if (!fate.accepted) return say(request, 200, { error: fate.error! });
    inbox.take(id, pair, fate, arrived.uptime_ms);
    return say(request, 200, { id, status: "accepted" });
  }

  function throttled({ throttle }: Profile, pair: string, uptimeMs: number): "throttled" | null {
    if (!throttle) return null;
    const recent = (taken.get(pair) ?? []).filter((at) => at > uptimeMs - MINUTE_MS);
    taken.set(pair, recent);
    if (recent.length >= throttle.per_minute) return "throttled";
    recent.push(uptimeMs);
    return null;
  }

  function countsOf(pair: string) {
    const counts = numbers.get(pair) ?? { messages: 0, accepted: 0, refused: 0, busy: 0, hang: 0, throttled: 0 };
    numbers.set(pair, counts);
    return counts;
  }

  function status(request: Request): Response {
    const id = new URL(request.url).searchParams.get("id") ?? "";
    const receipt = inbox.status(id);
    if (receipt === undefined) return say(request, 404, { error: { code: "404", words: "unknown id" } });
    if (receipt === null) return say(request, 200, { id, status: "pending" });
    return say(request, 200, receipt.error ? { id, status: receipt.outcome, error: receipt.error } : { id, status: receipt.outcome });
  }

  function receipts(request: Request): Response {
    const asked = new URL(request.url).searchParams;
    const after = wholeNumber(asked.get("after"), 0);
    const found = inbox.receipts(asked.get("pair"), after, Math.min(1000, wholeNumber(asked.get("limit"), 100)));
    return Response.json({ receipts: found, next: found.at(-1)?.seq ?? after });
  }

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    idleTimeout: 0, // a sender may think for long between two messages
    routes: {
      "/send": { POST: send },
      "/status": { GET: status },
      "/receipts": { GET: receipts },
      "/numbers": { GET: () => Response.json(Object.fromEntries(numbers)) },
      "/profiles": { GET: () => Response.json(behaviour.own()) },
      "/profiles/:pair": {
        GET: (request) => Response.json(behaviour.of(request.params.pair)),
        PUT: async (request) => {
          const change = profileChange.safeParse(await request.json().catch(() => null));
          if (!change.success) return Response.json({ issues: change.error.issues }, { status: 400 });
          behaviour.set(request.params.pair, change.data);
          return Response.json(behaviour.of(request.params.pair));
        },
        DELETE: (request) => {
          behaviour.set(request.params.pair, null);
          return Response.json(behaviour.of(request.params.pair));
        },
      },
      "/callback": {
        GET: () => Response.json(callback.told()),
        PUT: async (request) => {
          const change = callbackForm.safeParse(await request.json().catch(() => null));
          if (!change.success) return Response.json({ issues: change.error.issues }, { status: 400 });
          callback.set(change.data);
          return Response.json(callback.told());
        },
        DELETE: () => {
          callback.set(null);
          return Response.json(callback.told());
        },
      },
      "/script": {
        GET: () => Response.json(behaviour.script()),
        PUT: async (request) => {
          const steps = script.safeParse(await request.json().catch(() => null));
          if (!steps.success) return Response.json({ issues: steps.error.issues }, { status: 400 });
          behaviour.setScript(steps.data);
          return Response.json(behaviour.script());
        },
        DELETE: () => {
          behaviour.setScript([]);
          return Response.json([]);
        },
      },
    },
    fetch: () =>
      new Response("try POST /send, GET /status?id=, /receipts, /numbers, /script, /callback or /profiles/default\n", { status: 404 }),
  });

  return {
    url: `http://127.0.0.1:${server.port}`,
    async close() {
      callback.close();
      await server.stop(true);
      log.close();
    },
  };
}

function wholeNumber(text: string | null, otherwise: number): number {
  return text !== null && /^\d{1,12}$/.test(text) ? Number(text) : otherwise;
}

interface Answer {
  id?: string;
  status?: "accepted" | "pending" | "buffered" | "delivered" | "failed";
  error?: { code: string; words: string };
}

function say(request: Request, status: number, answer: Answer): Response {
  const headers: Record<string, string> = status === 429 ? { "Retry-After": "1" } : {};
  if (request.headers.get("accept") === "application/json") return Response.json(answer, { status, headers });
  return new Response(inWords(answer), { status, headers });
}

function inWords({ id, status, error }: Answer): string {
  if (status === "accepted") return `OTP sent successfully id=${id}`;
  if (status === "delivered") return "delivered, submitted successfully";
  if (status === "failed") return `failed, error ${error?.code} ${error?.words}`;
  if (status === "buffered") return "buffered";
  return error ? `error ${error.code} ${error.words}` : "pending";
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { port: { type: "string" }, log: { type: "string" }, seed: { type: "string" } } });
  const seed = values.seed === undefined ? crypto.getRandomValues(new Uint32Array(1))[0]! : Number(values.seed);
  const gateway = openGateway({ clock: systemClock(), seed, port: Number(values.port ?? 0), logPath: values.log });
  console.log(JSON.stringify({ url: gateway.url, seed }));
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void gateway.close().then(() => process.exit(0)));
}
