/** The import for people: a file or its text, what it would do line by line, and only then the doing. */

import type { Context } from "hono";
import { ImportLine, ImportPage } from "../../views/pairs/import.tsx";
import type { ImportProps } from "../../views/pairs/props.ts";
import { texts } from "../../views/texts.ts";
import { AppError, invalid } from "../kernel/errors.ts";
import type { ImportPlan } from "../pairs/import.ts";
import { actor } from "./caller.ts";
import { drawn } from "./drawn.ts";
import { type Fields, one, readFields } from "./form.ts";
import { type PageServices, type PageStatus, page, seeOther } from "./page.tsx";
import { IMPORT_MAX_BYTES, planOf, rowsOfText } from "./pair-exchange.ts";
import type { Env, Route } from "./route.ts";

const words = texts.pair.import;

export function importPageRoutes(services: PageServices): Route[] {
  return [
    {
      method: "GET",
      path: "/pairs/import",
      least: "operator",
      summary: "Asks for a file of pairs",
      page: true,
      handle: (context) => show(context, services, {}),
    },
    {
      method: "POST",
      path: "/pairs/imports",
      least: "operator",
      summary: "Shows what an import would do, and does what was shown",
      page: true,
      handle: (context) => take(context, services),
    },
  ];
}

type Given = Partial<Omit<ImportProps, "plan">> & { plan?: ImportPlan };

async function show(context: Context<Env>, services: PageServices, given: Given, status: PageStatus = 200) {
  const plan = given.plan ? await shownPlan(given.plan) : null;
  const props: ImportProps = { form: { values: {}, errors: {} }, text: "", refused: null, notice: null, ...given, plan };
  return page(context, services, { title: words.title, nav: "pairs", status, body: <ImportPage {...props} /> });
}

async function shownPlan({ lines, counts, hash }: ImportPlan): Promise<ImportProps["plan"]> {
  const told = lines.filter(({ verdict }) => verdict !== "unchanged");
  const unchanged = lines.flatMap(({ verdict, pair }) => (verdict === "unchanged" && pair !== null ? [pair] : []));
  return { counts, hash, told: told.length > 0 ? await drawn(told, (line) => <ImportLine line={line} />) : null, unchanged };
}

async function take(context: Context<Env>, services: PageServices): Promise<Response> {
  const fields = await readUpload(context);
  const wrong = (message: string) => show(context, services, { form: { values: {}, errors: { text: message } } }, 422);
  if (fields === null) return wrong(words.tooLarge);
  const text = String(fields.text ?? "");
  if (text.trim() === "") return wrong(words.empty);
  let plan: ImportPlan;
  try {
    plan = await planOf(services, await rowsOfText(text));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const refused = { sentence: error.message, errors: error.details.errors ?? [] };
    return show(context, services, { text, form: { values: { text }, errors: {} }, refused }, 422);
  }
  const expected = one(fields, "expected");
  if (expected === "") return show(context, services, { text, plan });
  return apply(context, services, { fields, text, plan, expected });
}

async function apply(
  context: Context<Env>,
  services: PageServices,
  { fields, text, plan, expected }: { fields: Fields; text: string; plan: ImportPlan; expected: string },
): Promise<Response> {
  const again = (more: Given, status: PageStatus) => show(context, services, { text, plan, ...more }, status);
  const n = plan.edits.length;
  const values = { good_lines: one(fields, "good_lines") };
  if (expected !== plan.hash) return again({ notice: words.changed }, 409);
  if (plan.counts.error > 0 && values.good_lines !== "on")
    return again({ form: { values, errors: { good_lines: words.bad(plan.counts.error) } } }, 422);
  if (n > 1 && one(fields, "typed") !== String(n)) return again({ form: { values, errors: { typed: words.typedWrong(n) } } }, 422);
  try {
    const batch = await services.batches.store(plan.edits, actor(context), { kind: "import" });
    return seeOther(context, batch ? `/pairs/batches/${batch.id}` : "/pairs");
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "conflict") throw error;
    return again({ plan: await planOf(services, await rowsOfText(text)), notice: words.changed }, 409);
  }
}

/** A form with a file, or a plain one; null when it is too large. */
async function readUpload(context: Context<Env>): Promise<Fields | null> {
  const type = context.req.header("content-type") ?? "";
  if (!type.startsWith("multipart/form-data")) return readFields(context);
  // A form's browser always says how long it is; the room is for the other fields and what stands between them.
  const length = Number(context.req.header("content-length") ?? Number.NaN);
  if (!(length <= IMPORT_MAX_BYTES + 16_384)) return null;
  const form = await context.req.raw.formData().catch(() => {
    throw invalid("The form could not be read: choose the file again");
  });
  const fields: Fields = {};
  for (const [name, value] of form) if (typeof value === "string") fields[name] = value;
  const file = form.get("file");
  if (file instanceof File && file.size > 0) fields.text = await file.text();
  return fields;
}
