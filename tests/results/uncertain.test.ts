/** An append whose answer never came: the caller is told to repeat, and the numbers find what was stored all the same. */

import { expect, test } from "bun:test";
import { sqliteDeadlines } from "../../src/adapters/sqlite/deadlines.ts";
import { sqliteJournal } from "../../src/adapters/sqlite/journal.ts";
import { sqliteMessages } from "../../src/adapters/sqlite/messages.ts";
import { sqliteOrphans } from "../../src/adapters/sqlite/orphans.ts";
import { sqliteRollups } from "../../src/adapters/sqlite/rollups.ts";
import { sqliteTrends } from "../../src/adapters/sqlite/trends.ts";
import { fakeClock } from "../../src/kernel/clock.ts";
import { unavailable } from "../../src/kernel/errors.ts";
import { quiet } from "../../src/kernel/log.ts";
import type { Journal } from "../../src/results/journal.ts";
import { openResults } from "../../src/results/results.ts";
import { USUAL_DAYS } from "../../src/results/retention.ts";
import { refusal } from "../cast/refusal.ts";
import { ownStore } from "../cast/store.ts";

const store = await ownStore("uncertain");
const item = (id: string) => ({ country: "UZ", operator: "uzmobile", message_id: id, state: "submitted" });

test("reads the numbers anew when an answer of the journal is missing", async () => {
  const real = sqliteJournal(store);
  let deaf = false;
  const journal: Journal = {
    ...real,
    async append(items, receivedAt) {
      const outcomes = await real.append(items, receivedAt);
      if (deaf) throw unavailable("The store's writer did not answer within 10000 ms");
      return outcomes;
    },
  };
  const results = await openResults({
    journal,
    rollups: sqliteRollups(store),
    trends: sqliteTrends(store),
    keptDays: () => USUAL_DAYS,
    clock: fakeClock(),
    log: quiet,
    place: (country, operator) => ({ country, pair: `${country}_${operator}` }),
    sessionId: (name) => name,
    phone: () => ({ hash: "", mask: "" }),
    excuses: () => false,
    deadlines: sqliteDeadlines(store),
    messages: sqliteMessages(store),
    orphans: sqliteOrphans(store),
  });
  const sent = () => results.counters.pair("UZ_uzmobile").total.sent;
  await results.ingest.accept("program1", null, [item("a")]);
  deaf = true;
  expect(await refusal(results.ingest.accept("program1", null, [item("b")]))).toMatchObject({ code: "unavailable" });
  deaf = false;
  expect(await results.ingest.accept("program1", null, [item("b"), item("c")])).toEqual({ accepted: 1, duplicate: 1, rejected: [] });
  expect(sent()).toBe(2);
  const reread = results.loops.find((loop) => loop.name === "results.roll")!.runOnce();
  // Comes while the numbers are read anew: counted once, from whichever side.
  await results.ingest.accept("program1", null, [item("d")]);
  await reread;
  expect(sent()).toBe(4);
  await results.stop();
});

test("tells which pairs changed, each once a round", async () => {
  const results = await openResults({
    journal: sqliteJournal(store),
    rollups: sqliteRollups(store),
    trends: sqliteTrends(store),
    keptDays: () => USUAL_DAYS,
    clock: fakeClock(),
    log: quiet,
    place: (country, operator) => ({ country, pair: `${country}_${operator}` }),
    sessionId: (name) => name,
    phone: () => ({ hash: "", mask: "" }),
    excuses: () => false,
    deadlines: sqliteDeadlines(store),
    messages: sqliteMessages(store),
    orphans: sqliteOrphans(store),
  });
  const told: (readonly string[])[] = [];
  results.counters.changed.subscribe((pairs) => told.push(pairs));
  const tell = results.loops.find((loop) => loop.name === "results.tell")!;
  for (let i = 0; i < 5; i++) await tell.runOnce();
  told.length = 0;
  await results.ingest.accept("program1", null, [item("e"), item("f"), { ...item("g"), operator: "beeline" }]);
  await tell.runOnce();
  await tell.runOnce();
  expect(told).toEqual([["UZ_uzmobile", "UZ_beeline"]]);
  await results.stop();
});
