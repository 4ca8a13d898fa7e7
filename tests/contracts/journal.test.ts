import { sqliteJournal } from "../../src/adapters/sqlite/journal.ts";
import { ownStore } from "../cast/store.ts";
import { journalContract } from "./journal.ts";

const store = await ownStore("journal");
journalContract("sqlite journal", async () => sqliteJournal(store));
