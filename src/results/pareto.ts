/** Errors by class, the most frequent first, each with its codes. Pure. */

import type { ErrorClasses } from "./error-classes.ts";
import { type Blame, UNCLASSIFIED } from "./errors.ts";

export interface ParetoClass {
  name: string;
  words: string | null;
  blame: Blame | null;
  n: number;
  /** Of all errors, 0-1, and with those before it. */
  share: number;
  upTo: number;
  codes: { code: string; n: number }[];
}

export function pareto(errors: readonly { code: string; n: number }[], classes: Pick<ErrorClasses, "classify">): ParetoClass[] {
  const groups = new Map<string, ParetoClass>();
  let all = 0;
  for (const { code, n } of errors) {
    const known = classes.classify(code);
    const name = known?.name ?? UNCLASSIFIED;
    let group = groups.get(name);
    if (!group) {
      group = { name, words: known?.words ?? null, blame: known?.blame ?? null, n: 0, share: 0, upTo: 0, codes: [] };
      groups.set(name, group);
    }
    group.n += n;
    group.codes.push({ code, n });
    all += n;
  }
  const sorted = [...groups.values()].sort((a, b) => b.n - a.n || a.name.localeCompare(b.name));
  let sum = 0;
  for (const group of sorted) {
    sum += group.n;
    group.share = group.n / all;
    group.upTo = sum / all;
    group.codes.sort((a, b) => b.n - a.n || a.code.localeCompare(b.code));
  }
  return sorted;
}
