/** The two files by which programs and the command line find us, the endpoint and the control socket: put back when somebody takes them away. */

import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Log } from "../kernel/log.ts";
import { HOUSEKEEPING_AFTER_MS, type Loop, openLoop } from "../kernel/loop.ts";

export interface PresenceOptions {
  endpointFile: string;
  url: string;
  controlSocket: string;
  openControl: () => { close(): void };
  log: Log;
  now: () => number;
}

export interface Presence {
  loop: Loop;
  close(): void;
}

const LOOK_EVERY_MS = 5_000;

/** Both are there when it returns; throws when one cannot be. */
export function openPresence({ endpointFile, url, controlSocket, openControl, log, now }: PresenceOptions): Presence {
  let control = openControl();
  writeEndpoint(endpointFile, url);
  const loop = openLoop({ name: "presence", everyMs: LOOK_EVERY_MS, run: look, firstAfterMs: HOUSEKEEPING_AFTER_MS, log, now });

  function look(): void {
    const gone = [endpointFile, controlSocket].filter((path) => !existsSync(path));
    if (gone.length === 0) return;
    for (const path of gone) mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    if (gone.includes(endpointFile)) writeEndpoint(endpointFile, url);
    if (gone.includes(controlSocket)) {
      control.close();
      control = openControl();
    }
    log.warn("files by which we are found were taken away; they are back", { files: gone });
  }

  return {
    loop,
    close() {
      void loop.stop();
      control.close();
    },
  };
}

/** Where programs find us: re-read by the client whenever a connection fails. */
function writeEndpoint(path: string, url: string): void {
  // A wildcard address is no address to connect to.
  const reachable = url.replace("://0.0.0.0:", "://127.0.0.1:").replace("://[::]:", "://[::1]:");
  writeFileSync(`${path}.new`, `${reachable}\n`, { mode: 0o644 });
  renameSync(`${path}.new`, path);
}
