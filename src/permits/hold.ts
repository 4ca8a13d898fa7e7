/** An emergency hold: no permit for a country, a pair or everything until it ends. The only lever that also holds high priority. */

export type HoldScope = "all" | "country" | "pair";

export interface Hold {
  id: string;
  scope: HoldScope;
  /** `all`, `UZ` or `UZ_uzmobile`: what an admin types to hold it. */
  what: string;
  reason: string;
  by: string;
  /** Wall ms. */
  at: number;
  /** Wall ms of its end, as the clock reads now. */
  until: number;
}

export const LONGEST_HOLD_MS = 86_400_000;
export const SHORTEST_HOLD_MS = 1_000;
/** What stands for everything. */
export const ALL = "all";

export function scopeOf(what: string): HoldScope {
  return what === ALL ? "all" : what.length === 2 ? "country" : "pair";
}

/** Whether a pair is under it. */
export function covers({ scope, what }: Pick<Hold, "scope" | "what">, pairId: string): boolean {
  return scope === "all" || what === pairId || (scope === "country" && pairId.startsWith(`${what}_`));
}
