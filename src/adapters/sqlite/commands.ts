/** Everything the writer can do (in its transaction) and the reader can look up, by name. One line per table of one port. */

import type { Database } from "bun:sqlite";
import { accessCommands, accessQueries } from "./access.ts";
import { breachCommands, breachQueries } from "./breaches.ts";
import { dayCommands } from "./days.ts";
import { deadlineCommands, deadlineQueries } from "./deadlines.ts";
import { documentCommands, documentQueries } from "./documents.ts";
import { gatewayCommands, gatewayQueries } from "./gateways.ts";
import { grantCommands, grantQueries } from "./grants.ts";
import { journalQueries } from "./journal.ts";
import { journalCommands } from "./journal-append.ts";
import { keepingCommands, keepingQueries } from "./keeping.ts";
import { ledgerQueries } from "./ledger-rows.ts";
import { messageQueries } from "./messages.ts";
import { operationCommands, operationQueries } from "./operations.ts";
import { orphanCommands, orphanQueries } from "./orphans.ts";
import { positionCommands, positionQueries } from "./positions.ts";
import { probeCommands } from "./probe.ts";
import { rollupCommands, rollupQueries } from "./rollups.ts";
import { runCommands, runQueries } from "./runs.ts";
import { sampleCommands, sampleQueries } from "./samples.ts";
import { trendGroupQueries, trendQueries } from "./trends.ts";

export const commands = {
  ...documentCommands,
  ...journalCommands,
  ...deadlineCommands,
  ...orphanCommands,
  ...rollupCommands,
  ...dayCommands,
  ...keepingCommands,
  ...grantCommands,
  ...breachCommands,
  ...runCommands,
  ...sampleCommands,
  ...operationCommands,
  ...accessCommands,
  ...positionCommands,
  ...gatewayCommands,
  ...probeCommands,
};
export const queries = {
  ...documentQueries,
  ...journalQueries,
  ...deadlineQueries,
  ...messageQueries,
  ...orphanQueries,
  ...rollupQueries,
  ...trendQueries,
  ...trendGroupQueries,
  ...keepingQueries,
  ...grantQueries,
  ...ledgerQueries,
  ...breachQueries,
  ...runQueries,
  ...sampleQueries,
  ...operationQueries,
  ...accessQueries,
  ...positionQueries,
  ...gatewayQueries,
};

/** A table of functions over the database: what crosses to a Worker is the name and one structured-clonable input. */
export type Table = Record<string, (db: Database, input: never) => unknown>;
export type Commands = typeof commands;
export type Queries = typeof queries;
