/**
 * The standard fields of a limited resource (draft-ietf-httpapi-ratelimit-headers-11, structured fields of RFC 9651): the policies a permit was
 * asked under, the country's and those it lies in besides, and what is left of the tightest.
 */

import type { Country } from "../pairs/country.ts";
import type { BudgetUse } from "../permits/limiter.ts";

/** `"country";q=10;w=60, "gateway";q=100;w=60`: so many in a window of so many seconds. */
export function policiesOf({ limit, windowSeconds }: Pick<Country, "limit" | "windowSeconds">, nested: readonly BudgetUse[]): string {
  let text = `"country";q=${limit};w=${windowSeconds}`;
  for (const { name, limit, windowMs } of nested) text += `, "${name}";q=${limit};w=${Math.ceil(windowMs / 1000)}`;
  return text;
}

/** `"country";r=3`, or with the whole seconds until a slot is free: `"country";r=0;t=12`. */
export function leftOf(remaining: number, freeInMs: number | null = null, name = "country"): string {
  const left = `"${name}";r=${Math.max(0, remaining)}`;
  return freeInMs === null || freeInMs === Number.POSITIVE_INFINITY ? left : `${left};t=${Math.max(1, Math.ceil(freeInMs / 1000))}`;
}

/** Of the one with the least left, the country's when they are alike; of several that are full, the one that is so longest. */
export function tightestOf(remaining: number, freeInMs: number | null, nested: readonly BudgetUse[]): string {
  let least = { name: "country", left: Math.max(0, remaining), freeInMs };
  for (const { name, limit, used, nextFreeMs } of nested) {
    const left = Math.max(0, limit - used);
    if (left > least.left || (left === least.left && nextFreeMs <= (least.freeInMs ?? 0))) continue;
    least = { name, left, freeInMs: nextFreeMs > 0 ? nextFreeMs : null };
  }
  return leftOf(least.left, least.freeInMs, least.name);
}
