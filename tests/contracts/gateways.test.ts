import { sqliteGateways } from "../../src/adapters/sqlite/gateways.ts";
import { sqliteJournal } from "../../src/adapters/sqlite/journal.ts";
import { ownStore } from "../cast/store.ts";
import { gatewaysContract } from "./gateways.ts";

const store = await ownStore("gateways");
gatewaysContract("sqlite", { journal: sqliteJournal(store), totals: sqliteGateways(store) });
