/** Reads what a form sent, and turns what is wrong with it into words beside the fields. */

import type { Context } from "hono";
import { type ZodType, z } from "zod";
import type { FormState } from "../../views/fields.tsx";
import { texts } from "../../views/texts.ts";
import { AppError } from "../kernel/errors.ts";
import { readBody } from "./body.ts";
import { plainIssues } from "./issue.ts";
import type { Env } from "./route.ts";

export type Fields = Record<string, string | string[]>;

/** No form of ours is near this; a programs' environment is the largest. */
const MAX_BYTES = 256 * 1024;

const fieldsSchema = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

export function readFields(context: Context<Env>): Promise<Fields> {
  return readBody(context, fieldsSchema, MAX_BYTES);
}

export function one(fields: Fields, name: string): string {
  const value = fields[name];
  return (typeof value === "string" ? value : (value?.[0] ?? "")).trim();
}

export function many(fields: Fields, name: string): string[] {
  const value = fields[name];
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
}

/** `otp, night  test` -> three words. */
export function words(fields: Fields, name: string): string[] {
  return one(fields, name)
    .split(/[\s,;|]+/)
    .filter(Boolean);
}

export function ticked(fields: Fields, name: string): boolean {
  return one(fields, name) === "on";
}

/** Collects what is wrong while a form is turned into what the feature takes. */
export class FormErrors {
  readonly errors: Record<string, string> = {};

  add(field: string, message: string): void {
    this.errors[field] ??= message;
  }

  /** A number, or undefined when nothing was typed. */
  number(fields: Fields, name: string): number | undefined {
    const typed = one(fields, name).replace(",", ".");
    if (typed === "") return undefined;
    const value = Number(typed);
    if (Number.isFinite(value)) return value;
    this.add(name, texts.form.number);
    return undefined;
  }

  any(): boolean {
    return Object.keys(this.errors).length > 0;
  }
}

/**
 * What the schema makes of the input, or undefined with the reasons in `errors`. `fieldOf` says which field of the form a path of the
 * schema belongs to, where they differ.
 */
export function checked<T>(
  schema: ZodType<T>,
  input: unknown,
  errors: FormErrors,
  fieldOf: (path: string) => string = (path) => path,
): T | undefined {
  const result = schema.safeParse(input);
  if (result.success) return errors.any() ? undefined : result.data;
  for (const { path, message } of plainIssues(result.error.issues)) errors.add(fieldOf(String(path[0] ?? "")), message);
  return undefined;
}

/** The form as it was typed, with what a feature refused beside its fields. Anything but a refusal goes on. */
export function refusedForm(
  fields: Fields,
  error: unknown,
  fieldOf: (path: string) => string = (path) => path,
): { form: FormState; refusal: AppError } {
  if (!(error instanceof AppError)) throw error;
  const errors: Record<string, string> = {};
  for (const item of error.details.errors ?? []) errors[fieldOf(item.field)] = item.message;
  errors[""] = `${error.message}.`.replace(/\.\.$/, ".");
  return { form: { values: fields, errors }, refusal: error };
}
