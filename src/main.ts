#!/usr/bin/env bun
/** argv -> a verb of cli/ -> an exit code. Nothing heavy is imported here: `serve` loads the house itself. */

import { parse } from "./cli/arguments.ts";
import { openClient } from "./cli/client.ts";
import { EXIT, type Exit, exitOf, Failed } from "./cli/exit.ts";
import { overview, page } from "./cli/help.ts";
import { serve } from "./cli/serve.ts";
import { processTerminal } from "./cli/terminal.ts";
import { type Config, environment, loadConfig, type Origins } from "./config.ts";
import { AppError, messageOf } from "./kernel/errors.ts";

/** Where the machine's own Signalbox listens, for operators whose own default lies elsewhere. */
const MACHINE_SOCKET = "/run/signalbox/control.sock";

const terminal = processTerminal();

async function main(argv: readonly string[]): Promise<Exit> {
  const words = argv[0] === "--version" ? ["version"] : argv;
  // The other verbs are a third of what a start would read.
  const verbs = words[0] === serve.name ? [serve] : (await import("./cli/verbs.ts")).verbs;
  if (words.length === 0 || words[0] === "--help" || words[0] === "-h") {
    for (const line of overview(verbs)) terminal.say(line);
    return words.length === 0 ? EXIT.usage : EXIT.ok;
  }
  const parsed = parse(words, verbs);
  if (parsed.help) {
    for (const line of page(parsed.verb)) terminal.say(line);
    return EXIT.ok;
  }
  let settings: { config: Config; origins: Origins } | null = null;
  const load = () => {
    try {
      settings ??= loadConfig({ flags: parsed.settings, environment: environment(), file: parsed.file });
    } catch (error) {
      throw new Failed(EXIT.config, messageOf(error));
    }
    return settings;
  };
  return await parsed.verb.run({
    operands: parsed.operands,
    flags: parsed.flags,
    json: parsed.json,
    terminal,
    environment: environment(),
    settings: load,
    client() {
      const { config, origins } = load();
      const own = config.controlSocket;
      return openClient(origins.controlSocket === "default" && origins.dataDir === "default" ? [...new Set([own, MACHINE_SOCKET])] : [own]);
    },
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  terminal.note(`signalbox: ${messageOf(error)}`);
  if (error instanceof Failed) process.exitCode = error.code;
  else if (error instanceof AppError) process.exitCode = exitOf(error.code);
  else {
    if (error instanceof Error && error.stack) terminal.note(error.stack);
    process.exitCode = EXIT.failure;
  }
}
// What a verb left open (a socket, a Worker) must not keep a finished one alive; `serve` returns only once it is over.
process.exit();
