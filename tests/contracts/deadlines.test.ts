import { sqliteDeadlines } from "../../src/adapters/sqlite/deadlines.ts";
import { sqliteJournal } from "../../src/adapters/sqlite/journal.ts";
import { ownStore } from "../cast/store.ts";
import { deadlinesContract } from "./deadlines.ts";

deadlinesContract("sqlite", async () => {
  const store = await ownStore("deadlines");
  return { journal: sqliteJournal(store), deadlines: sqliteDeadlines(store) };
});
