/**
 * The standard fields of a limited resource (draft-ietf-httpapi-ratelimit-headers-11, structured fields of RFC 9651): the policy a permit was
 * asked under, and what is left of it.
 */

import type { Country } from "../pairs/country.ts";

/** `"country";q=10;w=60`: so many in a window of so many seconds. */
export function policyOf({ limit, windowSeconds }: Pick<Country, "limit" | "windowSeconds">): string {
  return `"country";q=${limit};w=${windowSeconds}`;
}

/** `"country";r=3`, or with the whole seconds until a slot is free: `"country";r=0;t=12`. */
export function leftOf(remaining: number, freeInMs: number | null = null): string {
  const left = `"country";r=${Math.max(0, remaining)}`;
  return freeInMs === null ? left : `${left};t=${Math.max(1, Math.ceil(freeInMs / 1000))}`;
}
