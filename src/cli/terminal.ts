/** Where a verb writes and what it asks a person: output for pipes on stdout, words for people on stderr. */

import { writeSync } from "node:fs";

export interface Terminal {
  /** One line of output. */
  say(line: string): void;
  /** One line beside the output. */
  note(line: string): void;
  /** Asks for a line. */
  ask(question: string): Promise<string>;
  /** Asks for a secret without echo, or takes the first line of a pipe. */
  secret(question: string): Promise<string>;
  /** Whether a person is there to be asked. */
  asks: boolean;
}

export function processTerminal(): Terminal {
  return {
    say: (line) => write(1, `${line}\n`),
    note: (line) => write(2, `${line}\n`),
    ask(question) {
      write(2, question);
      return firstLine();
    },
    secret: (question) => (process.stdin.isTTY ? askWithoutEcho(question) : firstLine()),
    // Looked at when asked: a stdin that is touched is opened, for nothing in most verbs.
    get asks() {
      return process.stdin.isTTY === true;
    },
  };
}

function write(fd: number, text: string): void {
  try {
    writeSync(fd, text);
  } catch (error) {
    // `signalbox ps | head` closes the pipe early: that is no failure.
    if ((error as { code?: string }).code === "EPIPE") process.exit(0);
    throw error;
  }
}

async function askWithoutEcho(question: string): Promise<string> {
  write(2, question);
  const stty = (mode: string) => Bun.spawnSync(["stty", mode], { stdin: "inherit" });
  stty("-echo");
  try {
    return await firstLine();
  } finally {
    stty("echo");
    write(2, "\n");
  }
}

async function firstLine(): Promise<string> {
  for await (const line of console) return line;
  return "";
}

/** Columns as wide as their widest cell, two spaces apart; the last is not padded. Numbers (cells of digits) lean right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const width = head.map((title, i) => Math.max(wide(title), ...rows.map((row) => wide(row[i] ?? ""))));
  const right = head.map((_, i) => rows.length > 0 && rows.every((row) => /^[\d.,%–-]*$/.test(row[i] ?? "")));
  const line = (cells: readonly string[]) =>
    head
      .map((_, i) => {
        const cell = cells[i] ?? "";
        if (i === head.length - 1 && !right[i]) return cell;
        const pad = " ".repeat(width[i]! - wide(cell));
        return right[i] ? pad + cell : cell + pad;
      })
      .join("  ")
      .trimEnd();
  return [line(head), ...rows.map(line)];
}

const wide = (text: string) => Bun.stringWidth(text);

/** `41s`, `12m 5s`, `3h 2m`, `5d 1h`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return `${days}d ${hours % 24}h`;
  if (hours > 0) return `${hours}h ${minutes % 60}m`;
  return minutes > 0 ? `${minutes}m ${seconds % 60}s` : `${seconds}s`;
}
