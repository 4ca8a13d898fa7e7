/**
 * What the house stands on: the data folder, locked, and the store in it. `serve` opens it while the house itself is still being loaded,
 * because a Worker that comes up and a file that is made take as long as all the modules.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { lockDataFolder } from "../adapters/linux/lock.ts";
import { openStore, type Store } from "../adapters/sqlite/store.ts";
import type { Config } from "../config.ts";
import type { Log } from "../kernel/log.ts";

export { startWriter } from "../adapters/sqlite/store.ts";

export interface Ground {
  store: Store;
  /** The store, then the lock. */
  close(): Promise<void>;
}

export interface GroundOptions {
  log: Log;
  /** The store's, when it was started before. */
  writer?: Worker;
  /** What a dead store Worker does; the default ends the process, and the service manager starts it anew. */
  onStoreDeath?: (which: string, message: string) => void;
}

/** Throws an AppError that says what to mend, and then nothing is left open. */
export async function openGround(config: Config, { log, writer, onStoreDeath = endProcess(log) }: GroundOptions): Promise<Ground> {
  const lock = lockDataFolder(config.dataDir);
  try {
    mkdirSync(config.runtimeDir, { recursive: true, mode: 0o755 });
    const store = await openStore({ path: join(config.dataDir, "signalbox.db"), onDeath: onStoreDeath, writer });
    return {
      store,
      async close() {
        await store.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function endProcess(log: Log) {
  return (which: string, message: string) => {
    log.error("a store worker ended; ending, to be started anew", { which, message });
    process.exit(1);
  };
}
