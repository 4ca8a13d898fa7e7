import { sqliteKeyring } from "../../src/adapters/sqlite/access.ts";
import { sqliteDocuments } from "../../src/adapters/sqlite/documents.ts";
import { ownStore } from "../cast/store.ts";
import { keyringContract } from "./keyring.ts";

const store = await ownStore("keyring");
keyringContract("sqlite keyring", async () => ({
  keyring: sqliteKeyring(store),
  acts: async (subject) => (await sqliteDocuments(store).acts({ subject, limit: 10 })).length,
}));
