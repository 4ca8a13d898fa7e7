/** A range of time as few buckets as hold it: whole days, and towards its ends hours, quarters and minutes. Pure. */

import type { Zone } from "../kernel/zone.ts";
import { DAY_MS, type Part, TIER_MS, TIERS, type Tier } from "./history.ts";

/** `finest`: the ends lie on its buckets. Nothing is left out and nothing is in two parts. */
export function cover(from: number, to: number, finest: Tier, zone: Zone): Part[] {
  return within(from, to, TIERS.toReversed().slice(0, TIERS.length - TIERS.indexOf(finest)), zone);
}

function within(from: number, to: number, [tier, ...finer]: readonly Tier[], zone: Zone): Part[] {
  if (from >= to || tier === undefined) return [];
  if (finer.length === 0) return [{ tier, from, to }];
  const first = up(from, tier, zone);
  const last = down(to, tier, zone);
  const least = TIER_MS[finer.at(-1)!];
  // Midnight in India lies between full hours: the rest could not be made of them.
  if (first >= last || first % least !== 0 || last % least !== 0) return within(from, to, finer, zone);
  return [...within(from, first, finer, zone), { tier, from: first, to: last }, ...within(last, to, finer, zone)];
}

function down(at: number, tier: Tier, zone: Zone): number {
  return tier === "1d" ? zone.begin(at, DAY_MS) : Math.floor(at / TIER_MS[tier]) * TIER_MS[tier];
}

function up(at: number, tier: Tier, zone: Zone): number {
  if (tier !== "1d") return Math.ceil(at / TIER_MS[tier]) * TIER_MS[tier];
  const begin = zone.begin(at, DAY_MS);
  return begin === at ? at : zone.next(begin, DAY_MS);
}
