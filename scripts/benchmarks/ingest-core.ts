/**
 * The journal against what SQLite alone can do: the same rows, in the same file format, with the same fsync on every commit. In process, so
 * that what HTTP adds can be told apart.
 */

import type { Database } from "bun:sqlite";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openWriterDatabase } from "../../src/adapters/sqlite/database.ts";
import { sqliteJournal } from "../../src/adapters/sqlite/journal.ts";
import { migrate } from "../../src/adapters/sqlite/migrations.ts";
import { openStore } from "../../src/adapters/sqlite/store.ts";
import type { MessageItem } from "../../src/results/journal.ts";

export interface IngestFigure {
  /** Results a second. */
  perSecond: number;
  results: number;
  batch: number;
}

const NOW = Date.UTC(2026, 0, 5, 12);

/** Results as a fleet of 100 pairs sends them: ids that ascend within a program, one `submitted` each. */
export function sampleItems(first: number, n: number): MessageItem[] {
  return Array.from({ length: n }, (_, i): MessageItem => {
    const number = first + i;
    const pair = number % 100;
    return {
      kind: "message",
      program: `program${(pair % 6) + 1}`,
      session: `s_${String(pair).padStart(18, "0")}`,
      pair: `UZ_operator${pair}`,
      country: "UZ",
      messageId: `m${String(number).padStart(10, "0")}`,
      state: "submitted",
      at: NOW + number,
      permitId: `p_${String(number).padStart(18, "0")}`,
      errorCode: null,
      gateway: null,
      gatewayMessageId: null,
      phoneHash: null,
      phoneMask: null,
      convertedAt: null,
    };
  });
}

/** Ours: the journal through the writer Worker, `inFlight` requests at a time, each resolved when it is on disk. */
export async function journalAppends(results: number, batch: number, inFlight = 4): Promise<IngestFigure> {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-bench-"));
  const store = await openStore({
    path: join(folder, "journal.db"),
    onDeath: (which, message) => {
      throw new Error(`${which}: ${message}`);
    },
  });
  try {
    const journal = sqliteJournal(store);
    const batches = Array.from({ length: Math.ceil(results / batch) }, (_, i) => sampleItems(i * batch, batch));
    let next = 0;
    const began = performance.now();
    await Promise.all(
      Array.from({ length: inFlight }, async () => {
        while (next < batches.length) await journal.append(batches[next++]!, NOW);
      }),
    );
    return figure(batches.length * batch, batch, began);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The limit: bun:sqlite alone on one thread, the same two rows a result into the same tables, `synchronous=FULL`, one commit a batch. */
export function sqliteAlone(results: number, batch: number): IngestFigure {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-bench-"));
  const path = join(folder, "alone.db");
  const db: Database = openWriterDatabase(path);
  try {
    migrate(db, path);
    for (let pair = 0; pair < 100; pair++)
      db.query("INSERT INTO sources (id, program, session, pair, country) VALUES (?, ?, ?, ?, 'UZ')").run(
        pair + 1,
        `program${(pair % 6) + 1}`,
        `s_${String(pair).padStart(18, "0")}`,
        `UZ_operator${pair}`,
      );
    const message = db.prepare(
      `INSERT INTO messages (program, message_id, source, state, submit_at, seen, last_seq, permit_id) VALUES (?, ?, ?, 'submitted', ?, ';s;', ?, ?)`,
    );
    const line = db.prepare(
      `INSERT INTO journal (seq, source, message_id, submit_at, to_state, n, permit_id, at, received_at) VALUES (?, ?, ?, ?, 'submitted', 1, ?, ?, ?)`,
    );
    const batches = Array.from({ length: Math.ceil(results / batch) }, (_, i) => sampleItems(i * batch, batch));
    let seq = 0;
    const insert = db.transaction((items: readonly MessageItem[]) => {
      for (const item of items) {
        const source = (seq % 100) + 1;
        seq++;
        line.run(seq, source, item.messageId, item.at, item.permitId, item.at, NOW);
        message.run(item.program, item.messageId, source, item.at, seq, item.permitId);
      }
    });
    const began = performance.now();
    for (const items of batches) insert(items);
    return figure(batches.length * batch, batch, began);
  } finally {
    db.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function figure(results: number, batch: number, began: number): IngestFigure {
  return { results, batch, perSecond: results / ((performance.now() - began) / 1000) };
}

if (import.meta.main) {
  for (const [results, batch] of [
    [200_000, 100],
    [20_000, 1],
  ] as const) {
    const ours = await journalAppends(results, batch, batch === 1 ? 64 : 4);
    const alone = sqliteAlone(results, batch);
    console.log(
      `batch ${batch}: journal ${Math.round(ours.perSecond)}/s, bun:sqlite alone ${Math.round(alone.perSecond)}/s, ${(ours.perSecond / alone.perSecond).toFixed(2)}x`,
    );
  }
}
