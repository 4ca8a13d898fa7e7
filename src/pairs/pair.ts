/** A country-operator pair: what traffic, priority, thresholds and activation hang on. */

import type { NewPair, PairChange } from "./input.ts";

export interface Pair {
  /** `UZ_uzmobile`: country, underscore, operator slug. */
  id: string;
  country: string;
  /** Slug `[a-z0-9-]+`. */
  operator: string;
  /** As people write it: "Vi India Maharashtra & Goa". */
  operatorName: string;
  /** Networks as strings: `405037` is not `40537`. */
  mccmnc: string[];
  /** Share of the country's budget against its siblings, 0-1000; 100 is usual. */
  weight: number;
  /** Success rate below which the pair is degraded, 0-1; null: the default of the settings. */
  threshold: number | null;
  /** Own limit inside the country's, or null. */
  limit: number | null;
  windowSeconds: number | null;
  /** The gateway its messages go through, for that one's limit; null: none is named. */
  gateway: string | null;
  active: boolean;
  /** High priority: no path stops it while this is true. */
  priority: boolean;
  tags: string[];
  /** Set when the pair was retired: its numbers stay, its traffic ends. */
  retiredAt: number | null;
  version: number;
  createdAt: number;
  updatedAt: number;
}

export function pairIdOf(country: string, operator: string): string {
  return `${country}_${operator}`;
}

/** A pair as it starts life: active, weight 100, no limit of its own. */
export function createPair(input: NewPair, now: number): Pair {
  return {
    id: pairIdOf(input.country, input.operator),
    country: input.country,
    operator: input.operator,
    operatorName: input.operator_name ?? input.operator,
    mccmnc: input.mccmnc ?? [],
    weight: input.weight ?? 100,
    threshold: input.threshold ?? null,
    limit: input.limit ?? null,
    windowSeconds: input.window_seconds ?? null,
    gateway: input.gateway ?? null,
    active: input.active ?? true,
    priority: false,
    tags: input.tags ?? [],
    retiredAt: null,
    version: 0,
    createdAt: now,
    updatedAt: now,
  };
}

/** The pair with the named fields changed and nothing else. */
export function changePair(pair: Pair, change: PairChange, now: number): Pair {
  return {
    ...pair,
    operatorName: change.operator_name ?? pair.operatorName,
    mccmnc: change.mccmnc ?? pair.mccmnc,
    weight: change.weight ?? pair.weight,
    threshold: change.threshold === undefined ? pair.threshold : change.threshold,
    limit: change.limit === undefined ? pair.limit : change.limit,
    windowSeconds: change.window_seconds === undefined ? pair.windowSeconds : change.window_seconds,
    gateway: change.gateway === undefined ? pair.gateway : change.gateway,
    active: change.active ?? pair.active,
    tags: change.tags ?? pair.tags,
    updatedAt: now,
  };
}

/** What of a pair may be changed, as it is, in the names of the API. */
export function fieldsOf(pair: Pair): Required<PairChange> {
  return {
    operator_name: pair.operatorName,
    mccmnc: pair.mccmnc,
    weight: pair.weight,
    threshold: pair.threshold,
    limit: pair.limit,
    window_seconds: pair.windowSeconds,
    gateway: pair.gateway,
    active: pair.active,
    tags: pair.tags,
  };
}
