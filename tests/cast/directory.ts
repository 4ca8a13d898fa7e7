/** A real directory over documents that are kept nowhere: for tests whose subject is not the store. */

import { type Change, type Directory, openDirectory } from "../../src/pairs/directory.ts";
import { newPair } from "../../src/pairs/input.ts";
import { createPair, type Pair } from "../../src/pairs/pair.ts";

export async function directoryOf(...changes: Change[]): Promise<Directory> {
  const directory = await openDirectory({ load: async () => [], commit: async () => {}, acts: async () => [] });
  await directory.commit(changes, []);
  return directory;
}

export function aCountry(code: string, limit = 10, windowSeconds = 60): Change {
  return { kind: "country", value: { code, name: code, limit, windowSeconds, version: 0 } };
}

export function aPair(id: string, more: Partial<Pair> = {}): Change {
  const [country, operator] = [id.slice(0, 2), id.slice(3)];
  return { kind: "pair", value: { ...createPair(newPair.parse({ country, operator }), 0), ...more } };
}

export function aSession(id: string, name: string, program: string, pairs: string[]): Change {
  const desired = { state: "up" as const, by: "anna", reason: null, at: 0, until: null };
  return { kind: "session", value: { id, name, program, pairs, node: "here", desired, retiredAt: null, version: 0, createdAt: 0 } };
}
