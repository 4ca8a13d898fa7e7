/** What a screen that was killed leaves behind: a socket that `screen -ls` calls dead for ever, and that looks like a stranger's. */

import { lstatSync, readdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { RunSeen } from "../../fleet/terminals.ts";
import { readStat } from "../linux/processes.ts";
import { namesIn } from "./files.ts";
import { parseSocketName } from "./parse.ts";

/** Takes the dead socket of a run's own screen away, whatever that was called last; one that lives, or is not ours, is left alone. */
export function removeSocket({ screenPid, adopted }: Pick<RunSeen, "screenPid" | "adopted">, folders: readonly string[]): void {
  // A process under that pid: the screen itself, still closing, or another one whose socket this may be.
  if (adopted || screenPid === null || !["Z", undefined].includes(readStat(screenPid)?.state)) return;
  for (const folder of folders) for (const path of socketsOf(folder, screenPid)) unlinkSync(path);
}

function socketsOf(folder: string, screenPid: number): string[] {
  try {
    const files = readdirSync(folder).filter((file) => file.startsWith(`${screenPid}.`));
    return files.map((file) => join(folder, file)).filter((path) => lstatSync(path).isSocket());
  } catch {
    return []; // no such folder; or the screen took its socket away itself, as most do
  }
}

/** What the sockets of a folder say: no screen is asked. */
export function screensIn(folder: string): { pid: number; name: string }[] {
  return namesIn(folder).flatMap((file) => parseSocketName(file) ?? []);
}
