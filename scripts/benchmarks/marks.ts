/** Programs that say when they really run: each puts its pid into a file of its name, so that every supervisor is measured by the same thing. */

import { readdirSync, readFileSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Stage } from "./stage.ts";

export interface Programs {
  /** Its arguments without the name, which comes last. */
  command: string[];
  folder: string;
}

/** A shell that marks and becomes `sleep`: nothing but what a supervisor does itself takes time. */
export function markingSleeper(stage: Stage, name: string): Programs {
  const folder = stage.subfolder(name);
  const script = join(stage.folder, `${name}.sh`);
  writeFileSync(script, `#!/bin/sh\necho $$ >"$1/.$2" && mv "$1/.$2" "$1/$2"\nexec sleep 86400\n`, { mode: 0o755 });
  return { command: [script, folder], folder };
}

/** Python, whose own start takes longer than all else. */
export function markingPython(stage: Stage, name: string): Programs {
  const folder = stage.subfolder(name);
  const script = join(stage.folder, `${name}.py`);
  const lines = [
    "import json, os, sys, time",
    "draft = os.path.join(sys.argv[1], '.' + sys.argv[2])",
    "open(draft, 'w').write(str(os.getpid()))",
    "os.rename(draft, os.path.join(sys.argv[1], sys.argv[2]))",
    "time.sleep(86400)",
  ];
  writeFileSync(script, `${lines.join("\n")}\n`);
  return { command: [Bun.which("python3") ?? "python3", script, folder], folder };
}

/** Asked to end it takes its second, then says 7. Its own sleep ends with it, so that nobody is left behind. */
export function slowEnder(stage: Stage, name: string): Programs {
  const folder = stage.subfolder(name);
  const script = join(stage.folder, `${name}.sh`);
  const lines = [`trap 'sleep 1; exit ${SLOW_ENDERS_CODE}' TERM`, 'echo $$ >"$1/.$2" && mv "$1/.$2" "$1/$2"', "sleep 86400 & wait"];
  writeFileSync(script, `#!/bin/sh\n${lines.join("\n")}\n`, { mode: 0o755 });
  return { command: [script, folder], folder };
}

export const SLOW_ENDERS_CODE = 7;

/** How many have marked. */
export function marked({ folder }: Programs): number {
  return readdirSync(folder).filter((file) => !file.startsWith(".")).length;
}

export function markOf({ folder }: Programs, name: string): number {
  return Number(readFileSync(join(folder, name), "utf8"));
}

/** Calls back with the names of those that have just marked. */
export function onMark({ folder }: Programs, listener: (name: string) => void): () => void {
  const watcher = watch(folder, (_, file) => {
    if (file !== null && !file.startsWith(".")) listener(file);
  });
  return () => watcher.close();
}
