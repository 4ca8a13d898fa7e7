/** How much there is of everything on disk. */

import { join } from "node:path";
import { diskSpace, folderSize } from "../adapters/linux/disk.ts";
import type { Store } from "../adapters/sqlite/store.ts";
import type { Measured } from "../results/size.ts";

export async function measured(store: Store, dataDir: string): Promise<Measured> {
  const [sizes, output, spools, disk] = await Promise.all([
    store.aside("keeping.sizes", null),
    folderSize(join(dataDir, "output")),
    folderSize(join(dataDir, "spool")),
    diskSpace(dataDir),
  ]);
  return {
    ...sizes,
    outputBytes: output.bytes,
    outputFiles: output.files,
    spoolBytes: spools.bytes,
    diskBytes: disk.bytes,
    diskFreeBytes: disk.freeBytes,
  };
}
