/** Pairs as files: export as CSV or JSON, and the import that says line by line what it would do before it does it. */

import type { Context } from "hono";
import { z } from "zod";
import type { Clock } from "../kernel/clock.ts";
import { AppError, conflict, invalid } from "../kernel/errors.ts";
import { breathe } from "../kernel/steps.ts";
import { matches } from "../kernel/words.ts";
import type { Batch } from "../pairs/batch.ts";
import type { Batches } from "../pairs/batches.ts";
import type { Directory } from "../pairs/directory.ts";
import { type ImportPlan, type Line, planImport } from "../pairs/import.ts";
import { openCatalogue } from "../pairs/open-catalogue.ts";
import type { Pair } from "../pairs/pair.ts";
import { wordsOfPair } from "../pairs/selection.ts";
import { jsonOf, type Row, readCsv, readJsonRows, writeCsv } from "../pairs/sheet.ts";
import { fieldErrors, parseJson, readBody, readText } from "./body.ts";
import { actor } from "./caller.ts";
import { query } from "./given.ts";
import type { Env, Route } from "./route.ts";

export interface ExchangeServices {
  directory: Directory;
  batches: Batches;
  clock: Clock;
}

/** Ten times what 1,000 pairs with long names take. */
export const IMPORT_MAX_BYTES = 2 * 1024 * 1024;

const flag = z.enum(["true", "false", "1", "0", ""]).transform((text) => text === "true" || text === "1" || text === "");

const importQuery = z
  .strictObject({
    dry_run: flag.describe("Tell what would be done, and do nothing"),
    good_lines: flag.describe("Take the good lines though others are bad; without it one bad line refuses all"),
    expected: z.string().max(40).describe("The hash of a dry run: what is done must be what was shown"),
  })
  .partial();
const exportQuery = z.strictObject({ format: z.enum(["csv", "json"]).default("csv"), q: z.string().max(100).default("") });

const exchanged = z.object({
  country: z.string(),
  operator: z.string(),
  operator_name: z.string(),
  mccmnc: z.array(z.string()),
  weight: z.number(),
  threshold: z.number().nullable(),
  limit: z.number().nullable(),
  window_seconds: z.number().nullable(),
  gateway: z.string().nullable(),
  active: z.boolean(),
  priority: z.boolean(),
  tags: z.array(z.string()),
});
const importBody = z
  .union([z.object({ csv: z.string() }), z.object({ pairs: z.array(exchanged.partial()) }), z.array(exchanged.partial())])
  .describe("CSV as text/csv or in `csv`, or a list of pairs");

const said = z.object({ field: z.string(), message: z.string() });
const lineAnswer = z.object({
  line: z.number().describe("Of the file; of JSON the place in the list"),
  pair: z.string().nullable(),
  verdict: z.enum(["create", "change", "unchanged", "error"]),
  changes: z.array(z.object({ field: z.string(), from: z.unknown(), to: z.unknown() })),
  errors: z.array(said),
  warnings: z.array(said).describe("What looks wrong and is taken all the same"),
});
const importAnswer = z.object({
  applied: z.boolean(),
  batch: z.string().nullable().describe("What was done, to be looked at and undone: /api/pairs/batches/{id}; null: nothing"),
  hash: z.string(),
  counts: z.object({ create: z.number(), change: z.number(), unchanged: z.number(), error: z.number() }),
  lines: z.array(lineAnswer),
});

export function pairExchangeRoutes(services: ExchangeServices): Route[] {
  return [
    {
      method: "POST",
      path: "/api/pairs/import",
      least: "operator",
      summary: "Import pairs from CSV or JSON, all or nothing; `dry_run` tells line by line what it would do",
      query: importQuery,
      body: importBody,
      answer: importAnswer,
      async handle(context) {
        const asked = query(context, importQuery);
        const plan = await planOf(services, await readRows(context));
        if (asked.dry_run) return context.json(importShape(plan, false, null));
        const batch = await applyPlan(services, plan, context, { goodLines: asked.good_lines, expected: asked.expected });
        return context.json(importShape(plan, true, batch));
      },
    },
    {
      method: "GET",
      path: "/api/pairs/export",
      least: "operator",
      summary: "All pairs as CSV or JSON (`format`), or those the words `q` match; imported again it changes nothing",
      query: exportQuery,
      answer: z.object({ pairs: z.array(exchanged) }),
      handle: (context) => exportPairs(context, services.directory, query(context, exportQuery)),
    },
  ];
}

/** `bom`: spreadsheets read other letters than A to Z only after it. */
export async function exportPairs(
  context: Context<Env>,
  directory: Directory,
  { format, q, bom = false }: { format: "csv" | "json"; q: string; bom?: boolean },
): Promise<Response> {
  const pairs = directory.pairs().filter((pair) => q.trim() === "" || matches(q, wordsOfPair(pair, directory)));
  const headers = { "content-disposition": `attachment; filename="pairs.${format}"`, "cache-control": "no-store" };
  if (format === "csv") {
    return context.body(await writeCsv(pairs, bom), 200, { ...headers, "content-type": "text/csv; charset=utf-8; header=present" });
  }
  return context.body(`${JSON.stringify({ pairs: pairs.map(jsonOf) }, null, 2)}\n`, 200, {
    ...headers,
    "content-type": "application/json",
  });
}

/** What an import of these rows would do now. */
export async function planOf(
  { directory, clock }: Pick<ExchangeServices, "directory" | "clock">,
  rows: readonly Row[],
): Promise<ImportPlan> {
  const catalogue = await openCatalogue();
  const warn = (pair: Pair) => catalogue.warnings(pair);
  return planImport(rows, directory, { now: clock.now(), explain: fieldErrors, warn, breathe });
}

/** Throws `conflict` when it is not what was shown, or when all that is wrong is that it would stop high-priority pairs, `invalid` with every bad line when there are some and only the good ones were not asked for. */
export async function applyPlan(
  { batches }: Pick<ExchangeServices, "batches">,
  plan: ImportPlan,
  context: Context<Env>,
  { goodLines = false, expected }: { goodLines?: boolean | undefined; expected?: string | undefined },
): Promise<Batch | null> {
  if (expected !== undefined && expected !== plan.hash)
    throw conflict("What the import would do is not what was shown: a pair was changed meanwhile, or the file. Look again.", "changed");
  if (plan.counts.error > 0 && !goodLines) {
    const errors = plan.lines.flatMap(({ line, errors }) => errors.map(({ field, message }) => ({ field: placeOf(line, field), message })));
    const said = `${plan.counts.error} of ${plan.lines.length} lines are bad: nothing was imported`;
    // Nothing is wrong with the file: what it asks for is refused, as on every other path.
    if (plan.guarded === plan.counts.error) throw new AppError("conflict", said, { reason: "high_priority", errors });
    throw invalid(said, errors);
  }
  return batches.store(plan.edits, actor(context), { kind: "import" });
}

const placeOf = (line: number, field: string) => (field === "" ? `line ${line}` : `line ${line}: ${field}`);

async function readRows(context: Context<Env>): Promise<Row[]> {
  const type = (context.req.header("content-type") ?? "").split(";", 1)[0]!.trim().toLowerCase();
  if (type === "text/csv") return readCsv(await readText(context, IMPORT_MAX_BYTES));
  const value = await readBody(context, z.unknown(), IMPORT_MAX_BYTES);
  if (typeof value === "object" && value !== null && "csv" in value && typeof value.csv === "string") return readCsv(value.csv);
  return readJsonRows(value);
}

/** Of a file or a field of a form, which do not say what they hold. */
export function rowsOfText(text: string): Promise<Row[]> {
  const start = text
    .trimStart()
    .replace(/^\uFEFF/, "")
    .charAt(0);
  return start === "{" || start === "[" ? Promise.resolve(readJsonRows(parseJson(text.replace(/^\uFEFF/, "")))) : readCsv(text);
}

function importShape({ hash, counts, lines }: ImportPlan, applied: boolean, batch: Batch | null): z.infer<typeof importAnswer> {
  return { applied, batch: batch?.id ?? null, hash, counts, lines: lines.map((line: Line) => ({ ...line })) };
}
