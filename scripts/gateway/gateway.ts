/**
 * A simulated SMS gateway: takes messages over HTTP, answers and sends receipts as the profile of their pair says, and logs the truth.
 *
 *   POST /send (form: to, text, pair?, from?)  ->  "OTP sent successfully id=a81f3c" | "error 30003 absent subscriber"
 *   GET  /status?id=a81f3c                     ->  "pending" | "delivered, submitted successfully" | "failed, error 30008 unknown error"
 *   GET, PUT /profiles/{pair|default}          ->  see profile.ts
 *
 * `Accept: application/json` gives the same in JSON. Deterministic for a seed: the n-th message of a pair always has the same fate.
 */

import { parseArgs } from "node:util";
import { systemClock } from "../../src/adapters/linux/libc.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { openLog } from "./log.ts";
import { BUILT_IN, type Fate, fateOf, outageAt, type Profile, type ProfileChange, profileChange, randomOf } from "./profile.ts";

export interface GatewayOptions {
  clock: Clock;
  seed: number;
  /** 0: any free one. */
  port?: number;
  /** The truth, NDJSON; see log.ts. */
  logPath?: string;
}

interface Message {
  pair: string;
  fate: Fate;
  receiptAtUptimeMs: number;
  told: boolean;
}

// at 10,000 messages a minute this is an hour; older ids read as unknown
const REMEMBERED_MESSAGES = 600_000;

export function openGateway({ clock, seed, port = 0, logPath }: GatewayOptions) {
  const log = openLog(logPath);
  const changes = new Map<string, ProfileChange>();
  const counts = new Map<string, number>();
  const messages = new Map<string, Message>();
  // by time, so that a gateway started anew repeats no id
  let lastId = Math.floor(clock.now() / 10);

  const profileFor = (pair: string): Profile => ({ ...BUILT_IN, ...changes.get("default"), ...changes.get(pair) });

  async function send(request: Request): Promise<Response> {
    const arrived = { uptime_ms: clock.uptimeMs(), wall_ms: clock.now() };
    const form = new URLSearchParams(await request.text());
    if (!form.get("to") || !form.get("text")) return say(request, 400, { error: { code: "400", words: "to and text are needed" } });
    const pair = form.get("pair") || "unknown";
    const n = (counts.get(pair) ?? 0) + 1;
    counts.set(pair, n);
    const profile = profileFor(pair);
    const fate = fateOf(profile, randomOf(seed, pair, n));
    const outage = outageAt(profile, pair, arrived.uptime_ms);
    const id = (++lastId).toString(16);
    const outcome = !outage && fate.delivered ? "delivered" : "failed";
    const answer = outage ?? (fate.accepted ? "accepted" : "refused");
    log.write({ kind: "message", id, pair, ...arrived, answer, outcome, error_code: outage ? null : (fate.error?.code ?? null) });
    if (outage === "hang") await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
    if (outage) return say(request, 503, { error: { code: "503", words: "service unavailable" } });
    if (fate.answerMs >= 1) await Bun.sleep(fate.answerMs);
    if (!fate.accepted) return say(request, 200, { error: fate.error! });
    remember(id, { pair, fate, receiptAtUptimeMs: arrived.uptime_ms + fate.answerMs + fate.receiptMs, told: false });
    return say(request, 200, { id, status: "accepted" });
  }

  function status(request: Request): Response {
    const id = new URL(request.url).searchParams.get("id") ?? "";
    const message = messages.get(id);
    if (!message) return say(request, 404, { error: { code: "404", words: "unknown id" } });
    if (clock.uptimeMs() < message.receiptAtUptimeMs) return say(request, 200, { id, status: "pending" });
    const outcome = message.fate.delivered ? "delivered" : "failed";
    if (!message.told) {
      const at = { uptime_ms: clock.uptimeMs(), wall_ms: clock.now() };
      log.write({ kind: "receipt", id, pair: message.pair, ...at, outcome, error_code: message.fate.error?.code ?? null });
      message.told = true;
    }
    return say(request, 200, message.fate.error ? { id, status: outcome, error: message.fate.error } : { id, status: outcome });
  }

  function remember(id: string, message: Message): void {
    messages.set(id, message);
    if (messages.size > REMEMBERED_MESSAGES) messages.delete(messages.keys().next().value!);
  }

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    idleTimeout: 0, // a sender may think for long between two messages
    routes: {
      "/send": { POST: send },
      "/status": { GET: status },
      "/profiles/:pair": {
        GET: (request) => Response.json(profileFor(request.params.pair)),
        PUT: async (request) => {
          const change = profileChange.safeParse(await request.json().catch(() => null));
          if (!change.success) return Response.json({ issues: change.error.issues }, { status: 400 });
          changes.set(request.params.pair, change.data);
          return Response.json(profileFor(request.params.pair));
        },
      },
    },
    fetch: () => new Response("try POST /send, GET /status?id= or GET /profiles/default\n", { status: 404 }),
  });

  return {
    url: `http://127.0.0.1:${server.port}`,
    async close() {
      await server.stop(true);
      log.close();
    },
  };
}

interface Answer {
  id?: string;
  status?: "accepted" | "pending" | "delivered" | "failed";
  error?: { code: string; words: string };
}

function say(request: Request, status: number, answer: Answer): Response {
  if (request.headers.get("accept") === "application/json") return Response.json(answer, { status });
  return new Response(inWords(answer), { status });
}

function inWords({ id, status, error }: Answer): string {
  if (status === "accepted") return `OTP sent successfully id=${id}`;
  if (status === "delivered") return "delivered, submitted successfully";
  if (status === "failed") return `failed, error ${error?.code} ${error?.words}`;
  return error ? `error ${error.code} ${error.words}` : "pending";
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { port: { type: "string" }, log: { type: "string" }, seed: { type: "string" } } });
  const seed = values.seed === undefined ? crypto.getRandomValues(new Uint32Array(1))[0]! : Number(values.seed);
  const gateway = openGateway({ clock: systemClock(), seed, port: Number(values.port ?? 0), logPath: values.log });
  console.log(JSON.stringify({ url: gateway.url, seed }));
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void gateway.close().then(() => process.exit(0)));
}
