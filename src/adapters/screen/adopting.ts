/** Taking a process that somebody else started as a run: a folder like any other run's, that names the process instead of starting one. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import type { AdoptionOrder } from "../../fleet/terminals.ts";
import { conflict, messageOf, unavailable } from "../../kernel/errors.ts";
import { isAlive } from "../linux/processes.ts";
import { type Layout, runFolderOf } from "./commands.ts";
import { ownFolder, writeSmall } from "./files.ts";
import type { OrderFile } from "./run-files.ts";

/** Throws before anything is written when the process is not the one that is meant. */
export function writeAdoption({ layout, bootId }: { layout: Layout; bootId: string }, order: AdoptionOrder): void {
  const { process, ...kept } = order;
  if (!isAlive(process.pid, process.startTicks)) throw conflict(`Process ${process.pid} has ended`, "gone");
  const folder = runFolderOf(layout, order.session, order.run);
  const file: OrderFile = { ...kept, pairs: [...order.pairs], bootId, adopted: process, spare: null };
  try {
    writeSmall(join(ownFolder(folder), "order"), JSON.stringify(file));
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw unavailable(`${layout.runtimeFolder} cannot be written: ${messageOf(error)}`);
  }
}
