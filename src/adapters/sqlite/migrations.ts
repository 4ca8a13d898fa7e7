/** The schema, forward only: each file runs once, in order, in one transaction; the file is copied beside itself before a change. */

import type { Database } from "bun:sqlite";
import { dirname, join } from "node:path";
import documents from "./migrations/0001_documents.sql" with { type: "text" };
import journal from "./migrations/0002_journal.sql" with { type: "text" };
import grants from "./migrations/0003_grants.sql" with { type: "text" };
import runs from "./migrations/0004_runs.sql" with { type: "text" };
import access from "./migrations/0005_access.sql" with { type: "text" };
import operations from "./migrations/0008_operations.sql" with { type: "text" };
import samples from "./migrations/0009_samples.sql" with { type: "text" };
import grantGateways from "./migrations/0010_grant_gateways.sql" with { type: "text" };
import ledger from "./migrations/0012_ledger.sql" with { type: "text" };
import trends from "./migrations/0013_trends.sql" with { type: "text" };
import lifecycle from "./migrations/0014_lifecycle.sql" with { type: "text" };
import outputPositions from "./migrations/0017_output_positions.sql" with { type: "text" };
import gatewayTotals from "./migrations/0018_gateway_totals.sql" with { type: "text" };
import sizes from "./migrations/0019_sizes.sql" with { type: "text" };
import dayZones from "./migrations/0020_day_zones.sql" with { type: "text" };
import staged from "./migrations/0021_staged.sql" with { type: "text" };
import gatewayZone from "./migrations/0022_gateway_zone.sql" with { type: "text" };
import noIndexOfUnreported from "./migrations/0023_no_index_of_unreported.sql" with { type: "text" };

export interface Migration {
  version: number;
  name: string;
  sql: string;
}

export const migrations: readonly Migration[] = [
  { version: 1, name: "documents", sql: documents },
  { version: 2, name: "journal", sql: journal },
  { version: 3, name: "grants", sql: grants },
  { version: 4, name: "runs", sql: runs },
  { version: 5, name: "access", sql: access },
  { version: 8, name: "operations", sql: operations },
  { version: 9, name: "samples", sql: samples },
  { version: 10, name: "grant_gateways", sql: grantGateways },
  { version: 12, name: "ledger", sql: ledger },
  { version: 13, name: "trends", sql: trends },
  { version: 14, name: "lifecycle", sql: lifecycle },
  { version: 17, name: "output_positions", sql: outputPositions },
  { version: 18, name: "gateway_totals", sql: gatewayTotals },
  { version: 19, name: "sizes", sql: sizes },
  { version: 20, name: "day_zones", sql: dayZones },
  { version: 21, name: "staged", sql: staged },
  { version: 22, name: "gateway_zone", sql: gatewayZone },
  { version: 23, name: "no_index_of_unreported", sql: noIndexOfUnreported },
];

/** Brings the file to the newest schema. Throws when the file is newer than this binary. Returns the versions that were applied. */
export function migrate(db: Database, path: string, steps: readonly Migration[] = migrations): number[] {
  const found = (db.query("PRAGMA user_version").get() as { user_version: number }).user_version;
  const newest = steps.at(-1)?.version ?? 0;
  if (found > newest)
    throw new Error(
      `The store ${path} has schema ${found}, this Signalbox knows ${newest}: use the newer binary, or restore the backup made before the upgrade`,
    );
  const due = steps.filter((step) => step.version > found);
  if (due.length === 0) return [];
  if (found > 0) db.query("VACUUM INTO ?").run(join(dirname(path), `before-schema-${newest}-${Date.now()}.db`));
  db.transaction(() => {
    for (const step of due) db.exec(step.sql);
    db.exec(`PRAGMA user_version = ${newest}`);
  })();
  return due.map((step) => step.version);
}
