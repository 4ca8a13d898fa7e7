/** A folder of one's own, gone when the test file is over. */

import { afterAll } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export function ownFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `signalbox-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
