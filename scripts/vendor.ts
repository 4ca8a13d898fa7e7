/** Copies the browser's libraries from node_modules to public/vendor, so that the build embeds them. In development they are read where they are. */

import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { VENDOR } from "../src/http/assets.ts";

const root = join(import.meta.dir, "..");

export function vendor(): void {
  for (const [name, from] of Object.entries(VENDOR)) {
    const to = join(root, "public", name);
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(join(root, "node_modules", from), to);
  }
}

if (import.meta.main) vendor();
