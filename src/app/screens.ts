/** The fleet put together: the screens of this machine, the runs that are remembered, and who looks after both. */

import { extractClient } from "../adapters/linux/client.ts";
import { openCode } from "../adapters/linux/code.ts";
import { screenDiscovery, screenFolders } from "../adapters/screen/discovery.ts";
import { screenTerminals } from "../adapters/screen/terminals.ts";
import { sqliteRuns } from "../adapters/sqlite/runs.ts";
import { sqliteSamples } from "../adapters/sqlite/samples.ts";
import type { Store } from "../adapters/sqlite/store.ts";
import { type Config, environment } from "../config.ts";
import { type OpenFleet, openFleet } from "../fleet/open-fleet.ts";
import type { Traffic } from "../fleet/traffic.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { DesiredDoor } from "../pairs/desired.ts";
import type { Directory } from "../pairs/directory.ts";
import type { Documents } from "../pairs/documents.ts";
import type { Roster } from "../pairs/roster.ts";
import { openSecretsOf, type Vault } from "../pairs/vault.ts";

type Screens = ReturnType<typeof openScreens>;

interface ScreensOptions {
  endpointFile: string;
  mintToken: Parameters<typeof screenTerminals>[0]["mintToken"];
  clock: Clock;
  log: Log;
}

export function openScreens(config: Config, { endpointFile, mintToken, clock, log }: ScreensOptions) {
  return screenTerminals({
    dataFolder: config.dataDir,
    runtimeFolder: config.runtimeDir,
    screenFolder: config.screenDir,
    endpointFile,
    clientFile: extractClient(config.dataDir),
    mintToken,
    environment: environment(),
    clock,
    log,
    outputCapBytes: config.outputMaxBytes,
    keepRuns: config.outputKeepRuns,
  });
}

interface FleetParts {
  store: Store;
  documents: Documents;
  directory: Directory;
  desired: DesiredDoor;
  roster: Roster;
  vault: Vault;
  terminals: Screens;
  traffic: Traffic;
  clock: Clock;
  log: Log;
}

export function openScreenFleet(config: Config, { store, documents, vault, ...parts }: FleetParts): Promise<OpenFleet> {
  const ours = environment();
  const { clock } = parts;
  return openFleet({
    ...parts,
    discovery: screenDiscovery({
      folders: () => screenFolders({ screenFolder: config.screenDir, home: ours.HOME, everybody: config.watchAllScreens }),
      environment: ours,
      clock,
    }),
    history: sqliteRuns(store),
    writeActs: (acts) => documents.commit([], acts),
    actsOf: (subject, before, limit) => documents.acts({ subject, before, limit }),
    samples: sqliteSamples(store),
    timeZone: config.timeZone,
    code: openCode(ours),
    secretsOf: (program) => openSecretsOf(vault, program),
  });
}
