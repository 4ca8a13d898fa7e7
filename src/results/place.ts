/** Which pair a result belongs to, by what the program calls country and operator: slug, display name, or how a person would write it. */

import { readCountry } from "../pairs/country.ts";
import type { Directory } from "../pairs/directory.ts";
import { pairIdOf } from "../pairs/pair.ts";
import { unassignedPair } from "./known.ts";

export interface Place {
  pair: string;
  country: string;
}

/** Why an item is not taken: the field and what would be accepted. */
export interface Refusal {
  field: string;
  message: string;
}

/** Programs name few pairs, but a stranger may name many: then we forget and look up anew. */
const MOST_REMEMBERED = 10_000;

/** Unknown operators of a known country are `UZ_unassigned`: the SMS was sent, so it is counted and shown. Only an unknown country is refused. */
export function openPlaces(
  directory: Pick<Directory, "pair" | "pairs" | "changed">,
): (country: string, operator: string) => Place | Refusal {
  const remembered = new Map<string, Place | Refusal>();
  directory.changed.subscribe((changes) => {
    if (changes.some((change) => change.kind === "pair")) remembered.clear();
  });

  return (country, operator) => {
    const key = `${country}\n${operator}`;
    let place = remembered.get(key);
    if (!place) {
      if (remembered.size >= MOST_REMEMBERED) remembered.clear();
      place = find(country, operator);
      remembered.set(key, place);
    }
    return place;
  };

  function find(rawCountry: string, rawOperator: string): Place | Refusal {
    const country = readCountry(rawCountry);
    if (country === null) return { field: "country", message: "is not an ISO 3166-1 alpha-2 country code, like UZ" };
    const slug = slugOf(rawOperator);
    // A retired pair's late receipts still count under it.
    const pair =
      directory.pair(pairIdOf(country, slug)) ??
      directory.pairs().find((other) => other.country === country && slugOf(other.operatorName) === slug);
    return { country, pair: pair?.id ?? unassignedPair(country) };
  }
}

/** `Vi India Maharashtra & Goa` -> `vi-india-maharashtra-goa`. */
export function slugOf(name: string): string {
  return name
    .toLowerCase()
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
    .replaceAll(/^-|-$/g, "");
}
