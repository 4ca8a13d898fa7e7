import { sqliteGrants } from "../../src/adapters/sqlite/grants.ts";
import { sqliteLedger } from "../../src/adapters/sqlite/ledger.ts";
import { ownStore } from "../cast/store.ts";
import { ledgerContract } from "./ledger.ts";

ledgerContract("sqlite", async () => {
  const store = await ownStore("ledger");
  return { grants: sqliteGrants(store), ledger: sqliteLedger(store) };
});
