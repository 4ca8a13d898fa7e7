/** Where log lines go: stderr, as they are or as words for a terminal. A log that nobody can read any more (pipe closed) is no reason to end. */

import { writeSync } from "node:fs";

export function logWriter(format: "json" | "text"): (line: string) => void {
  return (line) => {
    try {
      writeSync(2, format === "json" ? line : words(line));
    } catch {
      // Nobody reads: EPIPE, EAGAIN of a full pipe. Work goes on.
    }
  };
}

/** `12:00:01 info  fleet: started {"session":"program1_UZ_uzmobile"}`, in UTC as in the journal. */
export function words(line: string): string {
  const { at, level, message, stack, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return `${String(at).slice(11, 19)} ${String(level).padEnd(5)} ${message}${rest.join("")}${stack ? `\n${stack}` : ""}\n`;
}
