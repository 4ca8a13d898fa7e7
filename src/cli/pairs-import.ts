/** `signalbox pairs import`: a file of pairs, told line by line before anything is stored. */

import type { FieldError } from "../kernel/errors.ts";
import { exactly } from "./arguments.ts";
import { EXIT, Failed, usage } from "./exit.ts";
import { confirm } from "./many.ts";
import { table } from "./terminal.ts";
import type { Call, Verb } from "./verb.ts";

interface Line {
  line: number;
  pair: string | null;
  verdict: "create" | "change" | "unchanged" | "error";
  changes: { field: string; from: unknown; to: unknown }[];
  errors: FieldError[];
  warnings: FieldError[];
}
interface Answer {
  batch: string | null;
  applied: boolean;
  hash: string;
  counts: Record<Line["verdict"], number>;
  lines: Line[];
}

export const pairsImport: Verb = {
  name: "pairs import",
  operands: "<file>",
  summary: "Import pairs from CSV or JSON",
  about: [
    'The file names its columns in the first line, or is JSON as "pairs export --format json" writes it; - reads from a pipe.',
    "Each line is told before anything is stored: new, changed and in which fields, unchanged, or what is wrong with it.",
    "One bad line refuses the whole file, unless --good-lines asks for the others.",
  ].join("\n"),
  flags: {
    "dry-run": { type: "boolean", about: "tell what would be done, and do nothing; ends with 1 when a line is bad" },
    "good-lines": { type: "boolean", about: "take the good lines though others are bad" },
    yes: {
      type: "string",
      value: "<count>",
      about: "for scripts: how many pairs are expected to be new or changed, instead of being asked",
    },
  },
  examples: ["signalbox pairs import pairs.csv --dry-run", "signalbox pairs export | ssh other signalbox pairs import - --yes 120"],
  async run(call) {
    exactly(pairsImport, call.operands, 1);
    const body = bodyOf(await read(call.operands[0]!));
    const dry = await call.client().call<Answer>("POST", "/api/pairs/import?dry_run=true", body);
    const { counts } = dry;
    if (!call.json) tell(call, dry);
    const bad = counts.error > 0 && !call.flags["good-lines"];
    if (call.flags["dry-run"] || bad) {
      if (call.json) call.terminal.say(JSON.stringify(dry));
      if (bad && !call.flags["dry-run"]) throw new Failed(EXIT.usage, "Nothing was imported: mend the bad lines, or add --good-lines");
      return bad ? EXIT.failure : EXIT.ok;
    }
    const n = counts.create + counts.change;
    if (n > 0) await confirm(pairsImport, call, n);
    const done = await call.client().call<Answer>("POST", `/api/pairs/import?good_lines=true&expected=${dry.hash}`, body);
    if (!call.json && done.batch) call.terminal.note(`to put it back: signalbox pairs undo ${done.batch}`);
    if (call.json) call.terminal.say(JSON.stringify(done));
    else call.terminal.say(n === 0 ? "Nothing to do: every line is as it is saved." : `Imported ${n === 1 ? "1 pair" : `${n} pairs`}.`);
    return EXIT.ok;
  },
};

async function read(path: string): Promise<string> {
  if (path === "-") return Bun.stdin.text();
  const file = Bun.file(path);
  if (!(await file.exists())) throw usage(`there is no file ${path}`);
  return file.text();
}

/** The socket carries JSON: the text of a CSV travels inside it. */
function bodyOf(text: string): unknown {
  const bare = text.replace(/^\uFEFF/, "");
  if (!/^\s*[[{]/.test(bare)) return { csv: text };
  try {
    return JSON.parse(bare);
  } catch (error) {
    throw usage(`the file is not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const WORDS = { create: "new", change: "changed", unchanged: "unchanged", error: "ERROR" };

function tell({ terminal }: Call, { counts, lines }: Answer): void {
  const told = lines.filter(({ verdict, warnings }) => verdict !== "unchanged" || warnings.length > 0);
  const rows = told.map((line) => [String(line.line), WORDS[line.verdict], line.pair ?? "-", why(line)]);
  if (rows.length > 0) for (const line of table(["LINE", "VERDICT", "PAIR", "WHAT"], rows)) terminal.note(line);
  terminal.note(`${counts.create} new, ${counts.change} changed, ${counts.unchanged} unchanged, ${counts.error} bad`);
}

function why({ changes, errors, warnings }: Line): string {
  return [
    ...changes.map(({ field, from, to }) => `${field} ${worded(from)} -> ${worded(to)}`),
    ...errors.map(({ field, message }) => `${field} ${message}`.trim()),
    ...warnings.map(({ message }) => `warning: ${message}`),
  ].join("; ");
}

function worded(value: unknown): string {
  if (value === null) return "none";
  return Array.isArray(value) ? value.join(" ") || "none" : String(value);
}
