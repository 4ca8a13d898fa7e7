/** Somebody who attaches to a screen through a terminal of their own: sees, types, and loses the terminal. */

import { join } from "node:path";
import { until } from "./until.ts";

export interface Attached {
  /** Waits until the terminal has shown this since the last key. */
  shows(text: string): Promise<void>;
  /** `\x01` is Ctrl-A. */
  type(keys: string): void;
  /** The connection is lost: no detach is typed. */
  drop(): Promise<void>;
}

/** `before`: a folder whose screen is to be taken before the one of the PATH. */
export function attach(screenFolder: string, screenPid: number, before?: string): Attached {
  const client = Bun.spawn(["python3", join(import.meta.dir, "attached.py"), `${screenPid}.`], {
    env: { PATH: before === undefined ? process.env.PATH : `${before}:${process.env.PATH}`, TERM: "xterm", SCREENDIR: screenFolder },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  let shown = "";
  void (async () => {
    for await (const piece of client.stdout) shown += Buffer.from(piece).toString("latin1");
  })();
  return {
    shows: async (text) => void (await until(`the terminal shows ${text}`, () => shown.includes(text))),
    type(keys) {
      shown = "";
      const escaped = [...keys].map((key) => `\\x${key.charCodeAt(0).toString(16).padStart(2, "0")}`).join("");
      client.stdin.write(`${escaped}\n`);
      client.stdin.flush();
    },
    async drop() {
      client.stdin.end();
      await client.exited;
    },
  };
}
