import { sqliteOrphans } from "../../src/adapters/sqlite/orphans.ts";
import { ownStore } from "../cast/store.ts";
import { orphansContract } from "./orphans.ts";

orphansContract("sqlite", async () => sqliteOrphans(await ownStore("orphans")));
