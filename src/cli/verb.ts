/** What a verb of the command line is: its place in the help, what it takes, and what it does. */

import type { Config, Origins } from "../config.ts";
import type { Client } from "./client.ts";
import type { Exit } from "./exit.ts";
import type { Terminal } from "./terminal.ts";

export interface Flag {
  type: "boolean" | "string";
  short?: string;
  /** How the help calls its value: `<role>`. */
  value?: string;
  about: string;
}

export interface Verb {
  /** One or two words: `ps`, `user add`. */
  name: string;
  /** Operands as the help shows them: `<session>...`. */
  operands: string;
  summary: string;
  /** More than the summary: paragraphs for the verb's own page. */
  about?: string;
  flags?: Record<string, Flag>;
  /** Lines of the help's last part. */
  examples?: readonly string[];
  /** Left out of the overview: for scripts/, not for people. */
  hidden?: boolean;
  run(call: Call): Promise<Exit>;
}

/** One use of a verb. */
export interface Call {
  operands: readonly string[];
  flags: Readonly<Record<string, string | boolean | undefined>>;
  json: boolean;
  terminal: Terminal;
  environment: Record<string, string | undefined>;
  /** Read when asked for: `version` works with a broken configuration. Throws `Failed` 78. */
  settings(): { config: Config; origins: Origins };
  client(): Client;
}
