import { describe } from "bun:test";
import { sqlitePositions } from "../../src/adapters/sqlite/positions.ts";
import { ownStore } from "../cast/store.ts";
import { positionsContract } from "./positions.ts";

let opened = 0;
describe("sqlite", () => positionsContract(async () => sqlitePositions(await ownStore(`positions-${opened++}`))));
