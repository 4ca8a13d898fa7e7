/**
 * The store without the server, for what must work while Signalbox is down: the first user, a token for a program started by hand.
 * The data folder is locked meanwhile, so a Signalbox that starts now waits for nobody and is refused with the reason.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Access } from "../access/access.ts";
import type { Config } from "../config.ts";
import type { Actor } from "../kernel/act.ts";
import type { Clock } from "../kernel/clock.ts";
import { quiet } from "../kernel/log.ts";
import type { Documents } from "../pairs/documents.ts";
import type { Ledger } from "../permits/ledger.ts";
import type { Client } from "./client.ts";
import { EXIT, Failed } from "./exit.ts";
import type { Call } from "./verb.ts";

export interface OpenedStore {
  documents: Documents;
  ledger: Ledger;
  access: Access;
  clock: Clock;
  /** Who sits at this terminal, as the control socket would call them. */
  actor: Actor;
}

/** Throws 409 `in_use` when a Signalbox runs on the folder. Without `create` the store must be there: reading makes no files. */
export async function withStore<T>(config: Config, create: boolean, work: (opened: OpenedStore) => Promise<T>): Promise<T> {
  const path = join(config.dataDir, "signalbox.db");
  if (!create && !existsSync(path))
    throw new Failed(
      EXIT.notRunning,
      `Signalbox is not running, and there is no store in ${config.dataDir}: name its folder with --data-dir`,
    );
  const { lockDataFolder } = await import("../adapters/linux/lock.ts");
  const lock = lockDataFolder(config.dataDir);
  try {
    return await opened(config, path, work);
  } finally {
    lock.release();
  }
}

async function opened<T>(config: Config, path: string, work: (opened: OpenedStore) => Promise<T>): Promise<T> {
  const [
    { openStore },
    { sqliteDocuments },
    { sqliteLedger },
    { sqliteKeyring },
    { systemClock },
    { openSecrets },
    { readAccounts, userName },
    { openAccess },
  ] = await Promise.all([
    import("../adapters/sqlite/store.ts"),
    import("../adapters/sqlite/documents.ts"),
    import("../adapters/sqlite/ledger.ts"),
    import("../adapters/sqlite/access.ts"),
    import("../adapters/linux/libc.ts"),
    import("../adapters/linux/secrets.ts"),
    import("../adapters/linux/accounts.ts"),
    import("../access/access.ts"),
  ]);
  const store = await openStore({
    path,
    onDeath: (which, message) => {
      throw new Error(`The store's ${which} ended: ${message}`);
    },
  });
  try {
    const documents = sqliteDocuments(store);
    const clock = systemClock();
    const { key } = openSecrets(join(config.dataDir, "secrets"));
    const access = await openAccess({ documents, keyring: sqliteKeyring(store), clock, log: quiet, key, isRunKnown: () => false });
    const name = `local:${userName(process.getuid?.() ?? 0, readAccounts())}`;
    return await work({ documents, ledger: sqliteLedger(store), access, clock, actor: { name, from: "command line" } });
  } finally {
    await store.close();
  }
}

/** Asks the running Signalbox, or does it on the store itself when none runs. */
export async function onlineOr<T>(
  call: Call,
  online: (client: Client) => Promise<T>,
  offline: (opened: OpenedStore) => Promise<T>,
  create = false,
): Promise<T> {
  try {
    return await online(call.client());
  } catch (error) {
    if (!(error instanceof Failed) || error.code !== EXIT.notRunning) throw error;
    return await withStore(call.settings().config, create, offline);
  }
}
