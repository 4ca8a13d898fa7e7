/** The six sample programs against the simulated gateway and a double of Signalbox that grants every permit. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/adapters/linux/libc.ts";
import { openGateway } from "../gateway/gateway.ts";
import type { Entry } from "../gateway/log.ts";

interface Item {
  message_id?: string;
  state?: string;
  permit_id?: string;
  gateway_message_id?: string;
  error_code?: string;
  messages_sent?: number;
  success_rate?: number;
  country: string;
  operator: string;
}

const clock = systemClock();
const folder = mkdtempSync(join(tmpdir(), "signalbox-programs-"));
const logPath = join(folder, "gateway.ndjson");
const gateway = openGateway({ clock, seed: 11, logPath });
const MESSAGES_EACH = 8;

const items: Item[] = [];
const granted = new Map<string, number>();
let permits = 0;
const signalbox = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 0,
  routes: {
    "/api/permits": async (request) => {
      const body: { pairs?: string[]; country?: string; operator?: string } = JSON.parse(await request.text());
      const pairs = body.pairs ?? [`${body.country}_${body.operator}`];
      const pair = pairs.find((one) => (granted.get(one) ?? 0) < MESSAGES_EACH);
      if (pair === undefined) return Response.json({ reason: "rate", retry_after_ms: 200 }, { status: 429 });
      granted.set(pair, (granted.get(pair) ?? 0) + 1);
      const answer = { permit_id: `p${++permits}`, pair, lease_ms: 5000, remaining: 1 };
      return Response.json({ ...answer, granted_uptime_ms: clock.uptimeMs(), boot_id: clock.bootId }, { status: 201 });
    },
    "/api/results": async (request) => {
      const text = await request.text();
      const batch: Item[] = text.startsWith("[")
        ? JSON.parse(text)
        : text
            .trim()
            .split("\n")
            .map((line): Item => JSON.parse(line));
      items.push(...batch);
      return Response.json({ accepted: batch.length, duplicate: 0, rejected: [] }, { status: 202 });
    },
  },
});

const PAIRS: Record<string, string[]> = {
  program1: ["UZ_one"],
  program2: ["UZ_two"],
  program3: ["UZ_three", "UA_three"],
  program4: ["UZ_four"],
  program5: ["UZ_five"],
  program6: ["UZ_six"],
};

const OPEN = new Set<string | undefined>(["attempt", "submitted"]);

const programs = new Map<string, Bun.Subprocess>();
const pairOf = (item: Item) => `${item.country}_${item.operator}`;
const truth = () =>
  readFileSync(logPath, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line): Entry => JSON.parse(line));

beforeAll(async () => {
  await fetch(`${gateway.url}/profiles/default`, {
    method: "PUT",
    body: JSON.stringify({ success_rate: 0.6, answer: { median_ms: 0, p90_ms: 0 }, receipt: { median_ms: 10, p90_ms: 10 } }),
  });
  writeFileSync(join(folder, "endpoint"), `${signalbox.url.origin}\n`);
  writeFileSync(join(folder, "token"), "t\n");
  for (const [name, pairs] of Object.entries(PAIRS)) {
    const [country, operator] = pairs[0]!.split("_");
    const given = pairs.length > 1 ? ["--pairs", pairs.join(",")] : ["--country", country!, "--operator", operator!];
    const words = [
      "python3",
      "-B",
      join(import.meta.dir, `${name}.py`),
      ...given,
      "--gateway",
      gateway.url,
      "--session",
      name,
      "--interval",
      "1",
    ];
    programs.set(
      name,
      Bun.spawn(words, {
        env: {
          ...process.env,
          SIGNALBOX_ENDPOINT_FILE: join(folder, "endpoint"),
          SIGNALBOX_TOKEN_FILE: join(folder, "token"),
          SIGNALBOX_PAIRS: JSON.stringify(pairs.map((id) => ({ id, country: id.split("_")[0], operator: id.split("_")[1] }))),
          SIGNALBOX_SESSION: `s_${name}`,
          SIGNALBOX_SPOOL: join(folder, name),
        },
        stdout: Bun.file(join(folder, `${name}.out`)),
        stderr: Bun.file(join(folder, `${name}.err`)),
      }),
    );
  }
  await until(() => everythingIsTold());
}, 30_000);

afterAll(async () => {
  for (const program of programs.values()) program.kill("SIGKILL");
  await signalbox.stop(true);
  await gateway.close();
  rmSync(folder, { recursive: true });
});

/** All messages sent, all receipts asked for, and a report for each. */
function everythingIsTold(): boolean {
  const told = truth();
  const sent = told.filter((entry) => entry.kind === "message");
  const accepted = sent.filter((entry) => entry.kind === "message" && entry.answer === "accepted" && entry.pair !== "UZ_four");
  const receipts = told.filter((entry) => entry.kind === "receipt");
  const counted = items.reduce((sum, item) => sum + (item.messages_sent ?? 0), 0);
  const finals = items.filter((item) => item.state === "delivered" || item.state === "undelivered");
  const permitsUsed = items.filter((item) => item.permit_id !== undefined).length;
  return (
    sent.length === 7 * MESSAGES_EACH &&
    permitsUsed === 6 * MESSAGES_EACH &&
    counted === MESSAGES_EACH &&
    receipts.length === accepted.length &&
    finals.length === receipts.length
  );
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 25_000;
  while (!condition()) {
    if (Date.now() > deadline)
      throw new Error(
        `not in 25 s; ${readdirSync(folder)
          .filter((name) => name.endsWith(".err"))
          .map((name) => readFileSync(join(folder, name), "utf8"))}`,
      );
    await Bun.sleep(20);
  }
}

describe("every sample program", () => {
  test("reports each message the gateway took once, with its permit, and each refusal with its code", () => {
    for (const entry of truth()) {
      if (entry.kind !== "message" || entry.pair === "UZ_four") continue;
      const reports = items.filter((item) => item.gateway_message_id === entry.id);
      expect(reports.map((item) => [item.state, pairOf(item)])).toEqual(entry.answer === "accepted" ? [["submitted", entry.pair]] : []);
    }
    const codes = (pair: string) =>
      items.filter((item) => item.state === "failed" && pairOf(item) === pair).map((item) => item.error_code ?? "");
    const refused = (pair: string) =>
      truth().flatMap((entry) =>
        entry.kind === "message" && entry.answer === "refused" && entry.pair === pair ? [entry.error_code ?? ""] : [],
      );
    for (const pair of Object.values(PAIRS).flat()) if (pair !== "UZ_four") expect(codes(pair).sort()).toEqual(refused(pair).sort());
    const used = items.flatMap((item) => item.permit_id ?? []);
    expect(new Set(used).size).toBe(used.length);
    expect(used.length).toBe(6 * MESSAGES_EACH);
  });

  test("reports each receipt as the gateway told it", () => {
    const messageIds = new Map(
      items.flatMap((item) => (item.gateway_message_id ? [[item.gateway_message_id, item.message_id] as const] : [])),
    );
    for (const entry of truth()) {
      if (entry.kind !== "receipt") continue;
      const finals = items.filter((item) => item.message_id === messageIds.get(entry.id) && !OPEN.has(item.state));
      expect(finals.map((item) => [item.state, item.error_code])).toEqual([
        entry.outcome === "delivered" ? ["delivered", undefined] : ["undelivered", entry.error_code!],
      ]);
    }
  });

  test("counts add up where a program knows no single messages", () => {
    const counts = items.filter((item) => item.messages_sent !== undefined);
    const taken = truth().filter((entry) => entry.kind === "message" && entry.pair === "UZ_four" && entry.answer === "accepted");
    expect(counts.reduce((sum, item) => sum + Math.round(item.messages_sent! * item.success_rate!), 0)).toBe(taken.length);
  });

  test("never reports a text or a code of a message", () => {
    expect(JSON.stringify(items)).not.toMatch(/123456|parcel|balance|appointment/);
  });

  test("ends at once at a TERM", async () => {
    for (const program of programs.values()) program.kill("SIGTERM");
    await Promise.all([...programs.values()].map((program) => program.exited));
    expect([...programs.values()].map((program) => program.signalCode)).toEqual(Array(6).fill("SIGTERM"));
  });
});
