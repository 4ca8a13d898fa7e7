/** A real store in a folder of its own. */

import { afterAll } from "bun:test";
import { join } from "node:path";
import { openStore, type Store } from "../../src/adapters/sqlite/store.ts";
import { ownFolder } from "./folder.ts";

export async function ownStore(name: string): Promise<Store> {
  const store = await openStore({
    path: join(ownFolder(name), "signalbox.db"),
    onDeath: (which, message) => {
      throw new Error(`${which} died: ${message}`);
    },
  });
  afterAll(() => store.close());
  return store;
}
