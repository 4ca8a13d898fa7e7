/** The Python client that lies in the executable, put where programs can import it; under the hash of its text, so that none is rewritten under a running program. */

import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import text from "../../../scripts/client/signalbox.py" with { type: "text" };

export const PYTHON_CLIENT = text;

/** Gives the path of `<data>/lib/<hash>/signalbox.py`. Its folder is what goes on PYTHONPATH. */
export function extractClient(dataFolder: string): string {
  const hash = new Bun.CryptoHasher("sha256").update(text).digest("hex").slice(0, 12);
  const folder = join(dataFolder, "lib", hash);
  const path = join(folder, "signalbox.py");
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o644 });
  renameSync(draft, path);
  return path;
}
