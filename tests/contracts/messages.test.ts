import { sqliteJournal } from "../../src/adapters/sqlite/journal.ts";
import { sqliteMessages } from "../../src/adapters/sqlite/messages.ts";
import { ownStore } from "../cast/store.ts";
import { messagesContract } from "./messages.ts";

messagesContract("sqlite", async () => {
  const store = await ownStore("messages");
  return { journal: sqliteJournal(store), messages: sqliteMessages(store) };
});
