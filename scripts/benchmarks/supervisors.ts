/**
 * Starts the supervisors that Signalbox is measured against, each with the same programs. Asked to end, one may be gone before its programs
 * are, and whose they were is not seen any more: each is ended with all below it, by pid.
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installedPeers } from "./peer.ts";
import { endTree } from "./signalbox.ts";
import { type Stage, until } from "./stage.ts";

export interface Supervised {
  name: string;
  command: readonly string[];
}

export interface Supervisor {
  pid: number;
  /** Resolves when it and its programs are gone. */
  end(): Promise<void>;
}

export interface Supervisord extends Supervisor {
  /** When it was executed, as performance.now(). */
  from: number;
  /** How many it has called RUNNING, from its log: asking it would cost it time. */
  running(): number;
}

/** null: it is not installed. A start counts as done at once, as ours does; every exit is followed by a start. */
export function startSupervisord(stage: Stage, name: string, programs: readonly Supervised[]): Supervisord | null {
  const binary = Bun.which("supervisord");
  if (!binary) return null;
  const folder = stage.subfolder(name);
  const log = join(folder, "supervisord.log");
  writeFileSync(join(folder, "supervisord.conf"), configuration(folder, log, programs));
  const from = performance.now();
  const supervisor = supervise(stage, [binary, "-n", "-c", join(folder, "supervisord.conf")]);
  return {
    ...supervisor,
    from,
    running: () => (existsSync(log) ? readFileSync(log, "utf8").split(" entered RUNNING state").length - 1 : 0),
  };
}

function supervise(stage: Stage, argv: string[], env: Record<string, string> = {}): Supervisor {
  const { pid, exited } = stage.start(argv, { env });
  let ended = false;
  async function end(): Promise<void> {
    // Once: the pid may be somebody else's by then.
    if (!ended) endTree(pid);
    ended = true;
    await exited;
  }
  stage.defer(end);
  return { pid, end };
}

function configuration(folder: string, log: string, programs: readonly Supervised[]): string {
  const head = `[supervisord]\nlogfile=${log}\nlogfile_maxbytes=0\npidfile=${folder}/pid\nchildlogdir=${folder}\nnodaemon=true\n`;
  const sections = programs.map(({ name, command }) =>
    [
      `[program:${name}]`,
      `command=${command.join(" ")}`,
      `directory=/`,
      "autostart=true",
      "autorestart=true",
      "startsecs=0",
      "redirect_stderr=true",
      `stdout_logfile=${folder}/${name}.log`,
    ].join("\n"),
  );
  return [head, ...sections].join("\n\n");
}

/** null: node or npm is not installed. Resolves when it has taken the programs. */
export async function startPm2(stage: Stage, programs: readonly Supervised[]): Promise<Supervisor | null> {
  const node = Bun.which("node");
  const peers = await installedPeers(stage);
  if (!node || !peers) return null;
  const home = stage.subfolder(`pm2-${programs[0]!.name}`);
  const env = { PM2_HOME: home, PM2_DISABLE_VERSION_CHECK: "true", NODE_ENV: "production" };
  // Its daemon as its own command line starts it, but as our child, so that it is ended by pid.
  const daemon = supervise(stage, [node, join(peers, "node_modules/pm2/lib/Daemon.js")], env);
  await until("pm2 answers", () => existsSync(join(home, "rpc.sock")), 20_000, 20);
  const apps = programs.map(({ name, command: [script, ...args] }) => ({
    ...{ name, script, args, cwd: "/", interpreter: "none", exec_mode: "fork" },
    ...{ autorestart: true, restart_delay: 0, min_uptime: 0, max_restarts: 100_000 },
    ...{ out_file: join(home, `${name}.log`), error_file: join(home, `${name}.log`) },
  }));
  const file = join(home, "bench.config.cjs");
  writeFileSync(file, `module.exports = ${JSON.stringify({ apps })};\n`);
  await stage.run([node, join(peers, "node_modules/pm2/bin/pm2"), "start", file], { env });
  return daemon;
}
