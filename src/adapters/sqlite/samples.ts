/** Samples in SQLite: a row a minute with all sessions in it. A session's day is found by looking into 1,500 rows, which takes milliseconds. */

import type { Database } from "bun:sqlite";
import { SAMPLE_MS, SAMPLES_KEPT_MS, type Sample, type Samples, type SampleTaken } from "../../fleet/samples.ts";
import type { Store } from "./store.ts";

const WIDTH = 3;
const UNKNOWN = 0xffffffff;
/** Rows that go with one minute: after a long pause the old ones go in steps. */
const STEP = 60;

export const sampleCommands = {
  "samples.add"(db: Database, { at, taken }: { at: number; taken: readonly SampleTaken[] }): void {
    const numbered = taken.map((sample) => [numberOf(db, sample.session), sample] as const).sort(([a], [b]) => a - b);
    const body = new Uint32Array(numbered.length * WIDTH);
    numbered.forEach(([number, { cpu, memoryBytes }], i) => {
      body[i * WIDTH] = number;
      body[i * WIDTH + 1] = cpu === null ? UNKNOWN : Math.min(UNKNOWN - 1, Math.round(cpu * 1000));
      body[i * WIDTH + 2] = Math.round(memoryBytes / 1024);
    });
    const minute = at / SAMPLE_MS;
    db.query("INSERT OR REPLACE INTO samples (minute, body) VALUES (?, ?)").run(minute, new Uint8Array(body.buffer));
    db.query("DELETE FROM samples WHERE minute IN (SELECT minute FROM samples WHERE minute < ? ORDER BY minute LIMIT ?)").run(
      (at - SAMPLES_KEPT_MS) / SAMPLE_MS,
      STEP,
    );
  },
};

function numberOf(db: Database, session: string): number {
  const select = db.query("SELECT number FROM sampled WHERE session = ?");
  const known = select.get(session) as { number: number } | null;
  if (known) return known.number;
  return Number(db.query("INSERT INTO sampled (session) VALUES (?)").run(session).lastInsertRowid);
}

export const sampleQueries = {
  "samples.of"(db: Database, { session, since }: { session: string; since: number }): Sample[] {
    const known = db.query("SELECT number FROM sampled WHERE session = ?").get(session) as { number: number } | null;
    if (!known) return [];
    const found: Sample[] = [];
    const rows = db.query("SELECT minute, body FROM samples WHERE minute >= ? ORDER BY minute").iterate(since / SAMPLE_MS);
    for (const { minute, body } of rows as Iterable<{ minute: number; body: Uint8Array }>) {
      const words = new Uint32Array(body.slice().buffer);
      const at = placeOf(words, known.number);
      if (at === null) continue;
      const cpu = words[at + 1]!;
      found.push({ at: minute * SAMPLE_MS, cpu: cpu === UNKNOWN ? null : cpu / 1000, memoryBytes: words[at + 2]! * 1024 });
    }
    return found;
  },
};

function placeOf(words: Uint32Array, number: number): number | null {
  let low = 0;
  let high = words.length / WIDTH - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const here = words[middle * WIDTH]!;
    if (here === number) return middle * WIDTH;
    if (here < number) low = middle + 1;
    else high = middle - 1;
  }
  return null;
}

export function sqliteSamples(store: Store): Samples {
  return {
    add: (at, taken) => store.write("samples.add", { at, taken }),
    of: (session, since) => store.read("samples.of", { session, since }),
  };
}
