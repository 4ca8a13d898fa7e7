/** A country and its budget. Codes are ISO 3166-1 alpha-2, upper case; `UK` is read as `GB`. */

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
  const known = asked.get(code);
  if (known !== undefined) return known;
  if (!/^[A-Z]{2}$/.test(code) || code === "UK" || code === "EU" || code === "UN" || code === "ZZ") return undefined;
  names ??= new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });
  if (!asked.has(code)) asked.set(code, names.of(code));
  return asked.get(code);
}

/** The code as we write it, or null when there is no such country. */
export function readCountry(text: string): string | null {
  const code = text.trim().toUpperCase();
  const read = code === "UK" ? "GB" : code;
  return countryName(read) === undefined ? null : read;
}

/** A country nobody configured yet. */
export function defaultCountry(code: string): Country {
  return { code, name: countryName(code) ?? code, limit: DEFAULT_LIMIT, windowSeconds: DEFAULT_WINDOW_SECONDS, version: 0 };
}
