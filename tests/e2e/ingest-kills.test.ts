/** Promise 1 with the real executable, in seconds; `./scripts/soak --ingest` kills it a hundred times. */

import { expect, test } from "bun:test";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../cast/folder.ts";
import { killWhileIngesting } from "../soak/ingest-kills.ts";

const root = join(import.meta.dir, "../..");

test("killed eight times while it takes results in: nothing acknowledged is lost, nothing is counted twice", async () => {
  const built = Bun.spawnSync(["./scripts/build"], { cwd: root, stdout: "pipe", stderr: "pipe" });
  expect(built.exitCode).toBe(0);
  const folder = ownFolder("ik");
  const binary = join(folder, "signalbox");
  // Others may build anew meanwhile.
  copyFileSync(join(root, "dist/signalbox"), binary);
  expect(await killWhileIngesting({ binary, folder, kills: 8, seed: 5, say: () => {} })).toEqual([]);
}, 120_000);
