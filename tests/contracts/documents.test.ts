import { sqliteDocuments } from "../../src/adapters/sqlite/documents.ts";
import { ownStore } from "../cast/store.ts";
import { documentsContract } from "./documents.ts";

const store = await ownStore("documents");
documentsContract("sqlite documents", async () => sqliteDocuments(store));
