/** The contents page of the bench: every case, in the order it runs. */

import type { Case } from "./case.ts";

import { busyFleet } from "./cases/busy-fleet.ts";
import { client } from "./cases/client.ts";
import { cores } from "./cases/cores.ts";
import { fleetCrash } from "./cases/fleet-crash.ts";
import { fleetStart } from "./cases/fleet-start.ts";
import { fleetStop } from "./cases/fleet-stop.ts";
import { fleetWatch } from "./cases/fleet-watch.ts";
import { history } from "./cases/history.ts";
import { ingest } from "./cases/ingest.ts";
import { ingestBatches } from "./cases/ingest-batches.ts";
import { ingestMariadb } from "./cases/ingest-mariadb.ts";
import { liveNumbers } from "./cases/live-numbers.ts";
import { livePage } from "./cases/live-page.ts";
import { pageWeight } from "./cases/page-weight.ts";
import { permits } from "./cases/permits.ts";
import { slowDisk } from "./cases/slow-disk.ts";
import { start } from "./cases/start.ts";

export const cases: readonly Case[] = [
  start,
  ingest,
  ingestBatches,
  ingestMariadb,
  slowDisk,
  permits,
  cores,
  client,
  livePage,
  liveNumbers,
  pageWeight,
  history,
  busyFleet,
  fleetStart,
  fleetCrash,
  fleetWatch,
  fleetStop,
];
