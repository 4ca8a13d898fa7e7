/**
 * Kills the real executable at moments nobody chose while programs post results to it as fast as it takes them; each repeats what was not
 * answered, as the client does. In the end every result is there, once: in the numbers, in the journal and as the answer to a repetition.
 */

import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openClient } from "../../src/cli/client.ts";
import { seeded } from "../cast/day.ts";
import { until } from "../cast/until.ts";

export interface IngestKills {
  binary: string;
  /** Empty; short, because of the socket in it. */
  folder: string;
  kills: number;
  seed: number;
  say(line: string): void;
}

const SENDERS = 4;
const MOST_AT_ONCE = 20;
/** Between two kills, ms after it was ready. */
const LEAST_MS = 20;
const MOST_MS = 600;

/** What does not hold; empty when all does. */
export async function killWhileIngesting({ binary, folder, kills, seed, say }: IngestKills): Promise<string[]> {
  const random = seeded(seed);
  const data = join(folder, "data");
  mkdirSync(join(folder, "screens"), { mode: 0o700 });
  await Bun.write(join(folder, "none.toml"), "");
  const places = ["--config", join(folder, "none.toml"), "--data-dir", data, "--screen-dir", join(folder, "screens")];
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SIGNALBOX_")));
  const url = `http://127.0.0.1:${freePort()}`;
  const faults: string[] = [];
  let serving = start();

  function start() {
    const argv = [binary, "serve", "--listen", url.slice("http://".length), ...places];
    return Bun.spawn(argv, { env: environment, stdin: "ignore", stdout: "ignore", stderr: Bun.file(join(folder, "log")) });
  }
  const ready = () =>
    until(
      "Signalbox is ready",
      () =>
        fetch(`${url}/readyz`).then(
          ({ ok }) => ok,
          () => false,
        ),
      30_000,
    );

  let next = 0;
  let enough = false;
  /** Numbers whose results were answered with 202. */
  const acknowledged = new Set<number>();

  async function post(token: string, numbers: readonly number[]): Promise<{ accepted: number; duplicate: number } | null> {
    const items = numbers.flatMap((n) => ["submitted", "delivered"].map((state) => ({ ...PAIR, message_id: idOf(n), state })));
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    try {
      const answer = await fetch(`${url}/api/results`, {
        method: "POST",
        headers,
        body: JSON.stringify(items),
        signal: AbortSignal.timeout(10_000),
      });
      const text = await answer.text();
      if (answer.status === 202) return JSON.parse(text);
      if (answer.status !== 503) faults.push(`answered ${answer.status}: ${text.slice(0, 200)}`);
    } catch {
      // Killed while it was asked.
    }
    return null;
  }

  async function send(token: string): Promise<void> {
    while (!enough) {
      const numbers = Array.from({ length: 1 + random.upTo(MOST_AT_ONCE) }, () => next++);
      for (;;) {
        const taken = await post(token, numbers);
        if (!taken) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          continue;
        }
        if (taken.accepted + taken.duplicate !== numbers.length * 2) faults.push(`took ${JSON.stringify(taken)} of ${numbers.length * 2}`);
        for (const n of numbers) acknowledged.add(n);
        break;
      }
    }
  }

  try {
    await ready();
    const api = openClient([join(data, "run/control.sock")]);
    await api.call("POST", "/api/pairs", PAIR);
    await api.call("POST", "/api/programs", { name: "program1", template: ["true"], folder: "/tmp" });
    const { token } = await api.call<{ token: string }>("POST", "/api/tokens", { name: "soak", program: "program1", scopes: ["results"] });
    const senders = Array.from({ length: SENDERS }, () => send(token));
    for (let nth = 1; nth <= kills; nth++) {
      const due = performance.now() + LEAST_MS + random.upTo(MOST_MS - LEAST_MS);
      await until("the moment has come", () => performance.now() >= due, MOST_MS + 1_000);
      serving.kill("SIGKILL");
      await serving.exited;
      if (nth % 10 === 0) say(`kill ${nth}: ${acknowledged.size} messages acknowledged`);
      serving = start();
      await ready();
    }
    enough = true;
    await Promise.all(senders);
    say(`${acknowledged.size} messages acknowledged over ${kills} kills`);
    if (acknowledged.size !== next) faults.push(`${next} messages were sent and ${acknowledged.size} acknowledged`);
    if (next < kills * 10) faults.push(`only ${next} messages were sent: it shows nothing`);
    await judge(token);
  } finally {
    enough = true;
    serving.kill("SIGTERM");
    await serving.exited;
  }
  return faults;

  async function judge(token: string): Promise<void> {
    const api = openClient([join(data, "run/control.sock")]);
    const { pairs } = await api.call<{ pairs: { pair: string; total: Record<string, number> }[] }>("GET", "/api/metrics/realtime");
    const total = pairs.find(({ pair }) => pair === "UZ_uzmobile")?.total ?? {};
    for (const [name, n] of Object.entries({ attempts: next, sent: next, delivered: next, pending: 0 }))
      if (total[name] !== n) faults.push(`${name}: ${total[name]} shown, ${n} reported`);
    const db = new Database(join(data, "signalbox.db"), { readonly: true });
    const rows = db.query("SELECT message_id AS id, count(*) AS n FROM journal WHERE kept IS NULL GROUP BY 1").all() as {
      id: string;
      n: number;
    }[];
    db.close();
    const inJournal = new Map(rows.map(({ id, n }) => [id, n]));
    for (const n of acknowledged)
      if (inJournal.get(idOf(n)) !== 2) faults.push(`${idOf(n)} is ${inJournal.get(idOf(n)) ?? 0} times in the journal`);
    const all = [...acknowledged];
    for (let from = 0; from < all.length; from += 500) {
      const part = all.slice(from, from + 500);
      const taken = await post(token, part);
      if (taken?.duplicate !== part.length * 2) faults.push(`repeated, ${JSON.stringify(taken)} of ${part.length * 2}`);
    }
  }
}

const PAIR = { country: "UZ", operator: "uzmobile" };

function idOf(n: number): string {
  return `m-${String(n).padStart(9, "0")}`;
}

function freePort(): number {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const { port } = server;
  server.stop(true);
  return port ?? 0;
}
