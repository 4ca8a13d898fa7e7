/** What a page of history is made of: a row for each country, operator, pair or program, which leads into the same range of it. */

import type { Directory } from "../pairs/directory.ts";
import { BY, type By, type Where } from "../results/history.ts";
import type { PastNumbers, Summary } from "../results/past.ts";

/** The busiest; more are told by the API. */
export const MOST_ROWS = 100;

/** What is not fixed already. An operator in one country is a pair. */
export function waysOf({ pair, country, operator, program }: Where): By[] {
  const fixed = new Set<By>();
  if (pair || country) fixed.add("country").add("pair");
  if (pair || operator) fixed.add("operator").add("pair");
  if (program) fixed.add("program");
  return BY.filter((by) => !fixed.has(by));
}

interface Row {
  name: string;
  where: Where;
  numbers: PastNumbers;
}

export function byRows(where: Where, by: By, { rows }: Summary, directory: Pick<Directory, "pair" | "country">): Row[] {
  return rows.slice(0, MOST_ROWS).map(({ key, ...numbers }) => ({
    name: nameOf(by, key, directory),
    where: narrowed(where, by, key),
    numbers,
  }));
}

function narrowed(where: Where, by: By, key: string): Where {
  const { country, operator, ...rest } = where;
  if (by === "operator" && country) return { ...rest, pair: `${country}_${key}` };
  if (by === "country" && operator) return { ...rest, pair: `${key}_${operator}` };
  return { ...where, [by]: key };
}

function nameOf(by: By, key: string, directory: Pick<Directory, "pair" | "country">): string {
  if (by === "country") return `${directory.country(key).name} (${key})`;
  const pair = by === "pair" ? directory.pair(key) : undefined;
  return pair ? `${pair.country} ${pair.operatorName}` : key;
}
