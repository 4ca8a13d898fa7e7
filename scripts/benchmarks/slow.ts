/** The slow disk: a library, built here and now, that adds 5 ms to each fsync of the program it is loaded into. */

import { join } from "node:path";
import type { Stage } from "./stage.ts";

/** Throws when there is no C compiler. */
export async function slowDiskEnvironment(stage: Stage): Promise<Record<string, string>> {
  const compiler = Bun.which("cc") ?? Bun.which("gcc") ?? Bun.which("clang");
  if (!compiler) throw new Error("the slow disk needs a C compiler (cc)");
  const library = join(stage.folder, "slow-disk.so");
  await stage.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, join(import.meta.dir, "servers/slow-disk.c"), "-ldl"]);
  return { LD_PRELOAD: library };
}
