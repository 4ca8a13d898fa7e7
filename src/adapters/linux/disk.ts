/** What lies in a folder, and how much the disk below it has left. */

import { readdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";

export interface FolderSize {
  bytes: number;
  files: number;
}

/** Files come and go while one counts; those that went are not counted. */
export async function folderSize(folder: string): Promise<FolderSize> {
  const size: FolderSize = { bytes: 0, files: 0 };
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const found = await stat(join(entry.parentPath, entry.name)).catch(() => null);
    if (!found) continue;
    size.bytes += found.size;
    size.files++;
  }
  return size;
}

export async function diskSpace(folder: string): Promise<{ bytes: number; freeBytes: number }> {
  const { blocks, bavail, bsize } = await statfs(folder);
  return { bytes: blocks * bsize, freeBytes: bavail * bsize };
}
