/** A country and its budget. Codes are ISO 3166-1 alpha-2, upper case; `UK` is read as `GB`. */

import { z } from "zod";

export interface Country {
  code: string;
  name: string;
  /** At most this many SMS in any window. */
  limit: number;
  windowSeconds: number;
  version: number;
}

export const DEFAULT_LIMIT = 10;
export const DEFAULT_WINDOW_SECONDS = 60;

// Opened when first asked: it takes a tenth of a start.
let names: Intl.DisplayNames | null = null;

/** What Intl said of a code: every permit and every result names one. At most 676. */
const asked = new Map<string, string | undefined>();

/** The English name, or undefined when ISO 3166-1 has no such country. `XK` (Kosovo, user-assigned) is known. */
export function countryName(code: string): string | undefined {
  if (!/^[A-Z]{2}$/.test(code) || code === "UK" || code === "EU" || code === "UN" || code === "ZZ") return undefined;
  names ??= new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });
  if (!asked.has(code)) asked.set(code, names.of(code));
  return asked.get(code);
}

export const countryCode = z
  .string()
  .trim()
  .toUpperCase()
  .transform((code) => (code === "UK" ? "GB" : code))
  .refine((code) => countryName(code) !== undefined, { message: "is not an ISO 3166-1 alpha-2 country code, like UZ" });

export const countryChange = z
  .strictObject({
    limit: z.number().int().min(0).max(100_000),
    window_seconds: z.number().int().min(1).max(86_400),
  })
  .partial();

/** A country nobody configured yet. */
export function defaultCountry(code: string): Country {
  return { code, name: countryName(code) ?? code, limit: DEFAULT_LIMIT, windowSeconds: DEFAULT_WINDOW_SECONDS, version: 0 };
}
