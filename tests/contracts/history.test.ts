import { sqliteRuns } from "../../src/adapters/sqlite/runs.ts";
import { ownStore } from "../cast/store.ts";
import { historyContract } from "./history.ts";

const store = await ownStore("history");
historyContract("sqlite runs", async () => sqliteRuns(store));
