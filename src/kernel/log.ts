/** One JSON line per event on stderr, where the journal picks it up. Secrets and phone numbers never get this far: callers pass ids. */

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  /** The same log with fields on every line: `log.with({ part: "fleet" })`. */
  with(fields: Record<string, unknown>): Log;
}

const RANK: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };
// systemd reads a leading <n> as the priority of the line (sd-daemon(3)).
const PRIORITY: Record<LogLevel, string> = { debug: "<7>", info: "<6>", warn: "<4>", error: "<3>" };

export interface LogOptions {
  level: LogLevel;
  now: () => number;
  write: (line: string) => void;
  /** Prefix lines with the syslog priority: on when the journal reads us. */
  journal?: boolean;
}

export function openLog(options: LogOptions, base: Record<string, unknown> = {}): Log {
  const least = RANK[options.level];
  const at =
    (level: LogLevel) =>
    (message: string, fields: Record<string, unknown> = {}) => {
      if (RANK[level] < least) return;
      const line = JSON.stringify({ at: new Date(options.now()).toISOString(), level, message, ...base, ...flatten(fields) });
      options.write(`${options.journal ? PRIORITY[level] : ""}${line}\n`);
    };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (fields) => openLog(options, { ...base, ...fields }),
  };
}

function flatten(fields: Record<string, unknown>): Record<string, unknown> {
  if (!(fields.error instanceof Error)) return fields;
  return { ...fields, error: fields.error.message, stack: fields.error.stack };
}

/** A log that says nothing: for tests whose subject is not the log. */
export const quiet: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => quiet };
