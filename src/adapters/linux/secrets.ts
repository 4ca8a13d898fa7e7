/** Keys of the house, one file each: 32 random bytes, made when first used, readable by the own user alone. */

import { randomBytes } from "node:crypto";
import { chmodSync, closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../kernel/errors.ts";
import { lazily } from "../../kernel/lazily.ts";

export interface Secrets {
  /**
   * The key of that name, the same at every start. Read at once, and throws when others may read it or it is not a key; one that is not
   * there is made when it is first used, since each costs an fsync and a first start would wait for four.
   */
  key(name: string): () => Uint8Array;
}

const KEY_BYTES = 32;

export function openSecrets(folder: string): Secrets {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  return {
    key(name) {
      const path = join(folder, `${name}.key`);
      const found = read(path);
      return lazily(() => found ?? read(path) ?? make(path));
    },
  };
}

function read(path: string): Uint8Array | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return null;
  if ((stat.mode & 0o077) !== 0)
    throw new AppError(
      "internal",
      `${path} can be read by others: chmod 600 ${path}; if they may have, delete it and everybody logs in anew`,
    );
  const key = readFileSync(path);
  if (key.length !== KEY_BYTES)
    throw new AppError(
      "internal",
      `${path} is not a key of ${KEY_BYTES} bytes: restore it from the backup, or delete it and everybody logs in anew`,
    );
  return key;
}

/** Written whole beside its place, then linked: a crash leaves no half key, and of two who make it one wins. */
function make(path: string): Uint8Array {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  const file = openSync(draft, "wx", 0o600);
  try {
    writeSync(file, randomBytes(KEY_BYTES));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const key = read(path);
  if (!key) throw new AppError("internal", `${path} vanished while it was made`);
  return key;
}
