/**
 * Pairs as rows of a sheet: the text of a CSV file to rows and back. What goes out comes in again as it was, also past a spreadsheet:
 * a cell that a spreadsheet would run as a formula is led by an apostrophe, and one such apostrophe is taken off again.
 */

import { invalid } from "../kernel/errors.ts";
import { inSteps } from "../kernel/steps.ts";
import { readCountry } from "./country.ts";
import type { Pair } from "./pair.ts";

/** In the order of the export. */
export const COLUMNS = [
  "country",
  "operator",
  "operator_name",
  "mccmnc",
  "weight",
  "threshold",
  "limit",
  "window_seconds",
  "gateway",
  "active",
  "priority",
  "tags",
] as const;
export type Column = (typeof COLUMNS)[number];

/** One pair as a file says it: not checked yet. */
export interface Row {
  /** Of the file, from 1; of JSON the place in the list. */
  line: number;
  value: unknown;
  /** What is wrong with the row as such. */
  broken: string | null;
}

export const MOST_ROWS = 5_000;

export async function readCsv(text: string): Promise<Row[]> {
  const { parse } = await import("csv-parse/sync");
  const rows: Row[] = [];
  const records = parse(text, {
    bom: true,
    columns: false,
    delimiter: delimiterOf(text),
    info: true,
    on_skip(error) {
      rows.push({ line: Number(error?.lines ?? 1), value: null, broken: sentenceOf(error?.code) });
      return undefined;
    },
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    trim: true,
  }) as unknown as { record: string[]; info: { lines: number } }[];
  const [head, ...body] = records;
  if (!head) throw invalid("The file is empty: its first line must name the columns", [{ field: "line 1", message: "is missing" }]);
  const columns = readHead(head.record);
  for (const { record, info } of body) {
    const cells = record.map(unguarded);
    // A quoted cell may hold line breaks; people look for the line where the row begins.
    const line = info.lines - record.join("").split("\n").length + 1;
    if (cells.every((cell) => cell === "")) continue;
    if (cells.length !== columns.length)
      rows.push({ line, value: null, broken: `has ${cells.length} cells, the first line has ${columns.length}` });
    else rows.push({ line, value: valueOfRow(columns, cells), broken: null });
  }
  return capped(rows.sort((a, b) => a.line - b.line));
}

/** A list of pairs, or `{"pairs": [...]}` as the export and the API give it. */
export function readJsonRows(value: unknown): Row[] {
  const list = Array.isArray(value) ? value : typeof value === "object" && value !== null && "pairs" in value ? value.pairs : null;
  if (!Array.isArray(list))
    throw invalid('The JSON must be a list of pairs, or {"pairs": [...]}', [{ field: "pairs", message: "must be a list" }]);
  return capped(list.map((item: unknown, index) => ({ line: index + 1, value: withoutAnswerFields(item), broken: null })));
}

export async function writeCsv(pairs: readonly Pair[], bom = false): Promise<string> {
  const { stringify } = await import("csv-stringify/sync");
  const lines = await inSteps(pairs, (pair) => stringify([cellsOf(pair).map(guarded)]));
  return stringify([[...COLUMNS]], { bom }) + lines.join("");
}

/** As an import takes it. */
export function jsonOf(pair: Pair): Record<Column, unknown> {
  return {
    country: pair.country,
    operator: pair.operator,
    operator_name: pair.operatorName,
    mccmnc: pair.mccmnc,
    weight: pair.weight,
    threshold: pair.threshold,
    limit: pair.limit,
    window_seconds: pair.windowSeconds,
    gateway: pair.gateway,
    active: pair.active,
    priority: pair.priority,
    tags: pair.tags,
  };
}

function cellsOf(pair: Pair): string[] {
  return Object.values(jsonOf(pair)).map((value) =>
    value === null ? "" : Array.isArray(value) ? value.join("|") : typeof value === "boolean" ? (value ? "yes" : "no") : String(value),
  );
}

// What spreadsheets take for a formula: OWASP, "CSV Injection". The wide forms are read as the narrow ones.
const FORMULA = "[=+\\-@\\t\\r＝＋－＠]";
const NEEDS_GUARD = new RegExp(`^'*${FORMULA}`);
const IS_GUARDED = new RegExp(`^'+${FORMULA}`);

/** A text that begins with apostrophes before such a sign gets one more, so that taking one off is always right. */
export const guarded = (cell: string) => (NEEDS_GUARD.test(cell) ? `'${cell}` : cell);
export const unguarded = (cell: string) => (IS_GUARDED.test(cell) ? cell.slice(1) : cell);

/** Spreadsheets of many countries write semicolons. No column's name holds one of these. */
function delimiterOf(text: string): string {
  const head = /^[^\r\n]*/.exec(text.replace(/^\uFEFF?\s*/, ""))?.[0] ?? "";
  const count = (sign: string) => head.split(sign).length;
  return [",", ";", "\t"].reduce((best, sign) => (count(sign) > count(best) ? sign : best));
}

function readHead(cells: readonly string[]): Column[] {
  const columns = cells.map((cell) => cell.trim().toLowerCase());
  const unknown = columns.filter((name) => !COLUMNS.includes(name as Column));
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  const missing = (["country", "operator"] as const).filter((name) => !columns.includes(name));
  const why =
    missing.length > 0
      ? `lacks the column ${missing.join(" and ")}`
      : unknown.length > 0
        ? `names a column that is not known: ${unknown.join(", ")}. Known are ${COLUMNS.join(", ")}`
        : twice !== undefined
          ? `names ${twice} twice`
          : null;
  if (why !== null) throw invalid(`The first line ${why}`, [{ field: "line 1", message: why }]);
  return columns as Column[];
}

function valueOfRow(columns: readonly Column[], cells: readonly string[]): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  columns.forEach((column, index) => {
    const read = READ[column](cells[index]!);
    if (read !== undefined) value[column] = read;
  });
  return value;
}

const text = (cell: string) => (cell === "" ? undefined : cell);
const list = (cell: string) => cell.split(/[|;,\s]+/).filter(Boolean);
/** What cannot be read stays as it was written: the check says what is wrong with it. */
const number = (cell: string) => (/^[+-]?\d+([.,]\d+)?(e[+-]?\d+)?$/i.test(cell) ? Number(cell.replace(",", ".")) : cell);
const numberOrNone = (cell: string) => (cell === "" ? null : number(cell));
const share = (cell: string) => {
  const percent = /^(\d+(?:[.,]\d+)?) ?%$/.exec(cell)?.[1];
  return percent === undefined ? numberOrNone(cell) : Math.round(Number(percent.replace(",", ".")) * 1e6) / 1e8;
};
const YES_NO: Record<string, boolean | undefined> = {
  yes: true,
  true: true,
  "1": true,
  on: true,
  no: false,
  false: false,
  "0": false,
  off: false,
};
const yesNo = (cell: string) => (cell === "" ? undefined : (YES_NO[cell.toLowerCase()] ?? cell));

/** Of each column: what its cell means. An empty cell is none where none is possible, else as if the column were not there. */
const READ: Record<Column, (cell: string) => unknown> = {
  country: (cell) => cell,
  operator: (cell) => cell,
  operator_name: text,
  mccmnc: list,
  weight: (cell) => (cell === "" ? undefined : number(cell)),
  threshold: share,
  limit: numberOrNone,
  window_seconds: numberOrNone,
  gateway: (cell) => (cell === "" ? null : cell),
  active: yesNo,
  priority: yesNo,
  tags: list,
};

/** What `GET /api/pairs` tells besides is nobody's to set, and no reason to refuse its answer. */
const OF_ANSWERS = ["id", "sessions", "version", "created_at", "updated_at", "warnings"];

function withoutAnswerFields(item: unknown): unknown {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return item;
  return Object.fromEntries(Object.entries(item).filter(([name]) => !OF_ANSWERS.includes(name)));
}

function capped(rows: Row[]): Row[] {
  if (rows.length > MOST_ROWS)
    throw invalid(`${rows.length} pairs are more than ${MOST_ROWS}: split the file`, [
      { field: "pairs", message: `must be at most ${MOST_ROWS}` },
    ]);
  return rows;
}

function sentenceOf(code: string | undefined): string {
  if (code === "CSV_QUOTE_NOT_CLOSED") return "has a quotation mark that is never closed";
  if (code === "INVALID_OPENING_QUOTE")
    return "has a quotation mark in the middle of a cell: write it twice, and the cell in quotation marks";
  if (code === "CSV_INVALID_CLOSING_QUOTE") return "has text behind a closing quotation mark";
  return "cannot be read as CSV";
}

/** The id a row would have, to name it by; null when it has none. */
export function idOfRow(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return null;
  const { country, operator } = value as Record<string, unknown>;
  if (typeof country !== "string" || typeof operator !== "string") return null;
  return `${readCountry(country) ?? country}_${operator.trim().toLowerCase()}`;
}
