/** Where one case plays: its temp folder and everything it started, all of it gone when the case is over, failed or interrupted. */

import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Started {
  pid: number;
  /** Where its standard output and error went. */
  logPath: string;
  exited: Promise<number>;
  /** TERM, then KILL after the grace; resolves when it is gone. */
  stop(graceMs?: number): Promise<void>;
}

export interface Stage {
  folder: string;
  say(text: string): void;
  /** A folder of the stage. */
  subfolder(name: string): string;
  start(argv: string[], options?: { env?: Record<string, string>; cwd?: string }): Started;
  /** Runs to its end and gives its standard output; throws with its standard error. */
  run(argv: string[], options?: { env?: Record<string, string>; cwd?: string; stdin?: string }): Promise<string>;
  /** Undone in reverse order by `clear`. */
  defer(undo: () => unknown): void;
  /** May be asked for twice: by the end of the case and by Ctrl-C. */
  clear(): Promise<void>;
}

export function openStage(name: string, say: (text: string) => void): Stage {
  const folder = mkdtempSync(join(tmpdir(), `signalbox-bench-${name}-`));
  let undos: (() => unknown)[] = [];
  let count = 0;
  let clearing: Promise<void> | null = null;

  function start(argv: string[], options: { env?: Record<string, string>; cwd?: string } = {}): Started {
    const logPath = join(folder, `${++count}.log`);
    const log = openSync(logPath, "w");
    const child = Bun.spawn(argv, {
      cwd: options.cwd ?? folder,
      env: { ...process.env, ...options.env },
      stdin: "ignore",
      stdout: log,
      stderr: log,
    });
    closeSync(log);
    const started: Started = {
      pid: child.pid,
      logPath,
      exited: child.exited,
      async stop(graceMs = 5000) {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill("SIGTERM");
        const killer = setTimeout(() => child.kill("SIGKILL"), graceMs);
        await child.exited;
        clearTimeout(killer);
      },
    };
    undos.push(() => started.stop());
    return started;
  }

  return {
    folder,
    say,
    subfolder(name) {
      const path = join(folder, name);
      mkdirSync(path, { recursive: true, mode: 0o700 });
      return path;
    },
    start,
    async run(argv, options = {}) {
      const child = Bun.spawn(argv, {
        cwd: options.cwd ?? folder,
        env: { ...process.env, ...options.env },
        stdin: options.stdin === undefined ? "ignore" : Buffer.from(options.stdin),
        stdout: "pipe",
        stderr: "pipe",
      });
      const undo = () => child.kill("SIGKILL");
      undos.push(undo);
      const [out, error, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
      undos = undos.filter((one) => one !== undo);
      if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${code}: ${(error || out).trim().slice(-2000)}`);
      return out;
    },
    defer: (undo) => undos.push(undo),
    clear() {
      clearing ??= clear();
      return clearing;
    },
  };

  async function clear(): Promise<void> {
    for (const undo of undos.splice(0).reverse()) {
      try {
        await undo();
      } catch (error) {
        say(`cleaning up: ${String(error)}`);
      }
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits for something to become true, looking often; fails with a sentence when it never does. */
export async function until<T>(what: string, look: () => T | Promise<T>, withinMs: number, everyMs = 5): Promise<NonNullable<T>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== null && seen !== false) return seen as NonNullable<T>;
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms in vain until ${what}`);
    await Bun.sleep(everyMs);
  }
}

/** Waits until a started program has printed something that matches, and gives the match. */
export async function printed(started: Started, pattern: RegExp, withinMs = 15_000): Promise<RegExpExecArray> {
  let ended: number | null = null;
  started.exited.then((code) => {
    ended = code;
  });
  return until(
    `${pattern} was printed to ${started.logPath}`,
    () => {
      const text = readFileSync(started.logPath, "utf8");
      const match = pattern.exec(text);
      if (!match && ended !== null) throw new Error(`it ended with ${ended}: ${text.trim().slice(-2000)}`);
      return match;
    },
    withinMs,
    1,
  );
}
