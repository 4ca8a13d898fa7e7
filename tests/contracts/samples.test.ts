import { sqliteSamples } from "../../src/adapters/sqlite/samples.ts";
import { ownStore } from "../cast/store.ts";
import { samplesContract } from "./samples.ts";

const store = await ownStore("samples");
samplesContract("sqlite", async () => sqliteSamples(store));
