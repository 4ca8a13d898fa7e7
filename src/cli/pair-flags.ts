/** What flags of pairs and countries mean. Throws a usage error. */

import { usage } from "./exit.ts";
import type { Call } from "./verb.ts";

/** A number; undefined when the flag is not given. */
export function numberOr(flags: Call["flags"], name: string): number | undefined {
  const text = flags[name];
  if (typeof text !== "string") return undefined;
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw usage(`--${name} takes a number`);
  return value;
}

/** A number, or null for `none`. */
export function numberOrNone(flags: Call["flags"], name: string): number | null | undefined {
  return flags[name] === "none" ? null : numberOr(flags, name);
}

/** `a,b` or `a b`. */
export function wordsOf(text: string | boolean | undefined): string[] | undefined {
  return typeof text === "string" ? text.split(/[\s,|]+/).filter(Boolean) : undefined;
}

export function yesOrNo(flags: Call["flags"], name: string): boolean | undefined {
  const text = flags[name];
  if (text === undefined) return undefined;
  if (text === "yes" || text === "no") return text === "yes";
  throw usage(`--${name} takes yes or no`);
}
