/** The shim and the screenrc on disk, each under the hash of its text: a running session's files are never rewritten. */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import screenrc from "./screenrc" with { type: "text" };
import shim from "./shim.sh" with { type: "text" };

export interface Library {
  shim: string;
  screenrc: string;
}

export function extractLibrary(dataFolder: string): Library {
  const hash = createHash("sha256").update(shim).update("\0").update(screenrc).digest("hex").slice(0, 12);
  const folder = join(dataFolder, "lib", hash);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  return {
    shim: place(join(folder, "signalbox-run"), shim, 0o755),
    screenrc: place(join(folder, "screenrc"), screenrc, 0o644),
  };
}

function place(path: string, text: string, mode: number): string {
  if (existsSync(path)) return path;
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode });
  renameSync(draft, path);
  return path;
}
