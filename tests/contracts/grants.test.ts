import { sqliteGrants } from "../../src/adapters/sqlite/grants.ts";
import { memoryGrants } from "../cast/grants.ts";
import { ownStore } from "../cast/store.ts";
import { grantsContract } from "./grants.ts";

grantsContract("memory", async () => memoryGrants());
grantsContract("sqlite", async () => sqliteGrants(await ownStore("grants")));
