import { sqliteBreaches } from "../../src/adapters/sqlite/breaches.ts";
import { sqliteDocuments } from "../../src/adapters/sqlite/documents.ts";
import { ownStore } from "../cast/store.ts";
import { breachesContract } from "./breaches.ts";

breachesContract("sqlite", async () => {
  const store = await ownStore("breaches");
  const documents = sqliteDocuments(store);
  return { rows: sqliteBreaches(store), acts: (subject) => documents.acts({ subject: [subject], limit: 10 }) };
});
