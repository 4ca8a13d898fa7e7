import { describe } from "bun:test";
import { sqliteDocuments } from "../../src/adapters/sqlite/documents.ts";
import { sqliteOperations } from "../../src/adapters/sqlite/operations.ts";
import { ownStore } from "../cast/store.ts";
import { operationsContract } from "./operations.ts";

describe("operations in SQLite", () => {
  operationsContract(async () => {
    const store = await ownStore("operations");
    return { rows: sqliteOperations(store), documents: sqliteDocuments(store) };
  });
});
