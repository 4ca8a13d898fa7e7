/** Every 'no': its reason, its sentence, and how many there were of each. A refusal is not an attempt: it takes nothing and is only counted. */

import type { BudgetName } from "./limiter.ts";
import type { PermitAnswer, RefusalReason } from "./permit.ts";

export interface Refusals {
  count(reason: RefusalReason, country: string): void;
  of(country: string): Record<string, number>;
  all(): Record<string, number>;
}

export function openRefusals(): Refusals {
  const all: Record<string, number> = {};
  const byCountry = new Map<string, Record<string, number>>();
  return {
    count(reason, country) {
      all[reason] = (all[reason] ?? 0) + 1;
      // Only countries we know: a caller's invention must not grow a map.
      if (reason === "unknown_pair") return;
      let counts = byCountry.get(country);
      if (!counts) {
        counts = {};
        byCountry.set(country, counts);
      }
      counts[reason] = (counts[reason] ?? 0) + 1;
    },
    of: (country) => ({ ...byCountry.get(country) }),
    all: () => ({ ...all }),
  };
}

const ORDER: readonly RefusalReason[] = ["unknown_pair", "inactive", "paused", "held"];

/** Of several reasons the one that came furthest in the order of the questions says most. */
export function furthest(one: RefusalReason, other: RefusalReason): RefusalReason {
  return ORDER.indexOf(other) > ORDER.indexOf(one) ? other : one;
}

export function refusal(reason: RefusalReason, retryAfterMs: number | null, message: string, budget?: BudgetName): PermitAnswer {
  return { granted: false, reason, retryAfterMs: retryAfterMs === null ? null : Math.ceil(retryAfterMs), message, budget };
}

/** By budget: what is used up. */
const FULL: Record<BudgetName, (pairs: readonly string[], country: string) => string> = {
  country: (_, country) => `No slot of ${country} is free now.`,
  pair: (pairs) => `The own limit of ${pairs.join(", ")} is used up.`,
  gateway: (pairs) => `The limit of the gateway of ${pairs.join(", ")} is used up.`,
  house: () => "The limit of all countries together is used up.",
};

const MESSAGES: Record<RefusalReason, (pairs: readonly string[], country: string, budget?: BudgetName) => string> = {
  rate: (pairs, country, budget = "country") => `${FULL[budget](pairs, country)} Ask again after retry_after_ms, or with a longer wait_ms.`,
  queue_full: (_, country) => `Too many already wait for a slot of ${country}. Ask again after retry_after_ms.`,
  paused: (pairs) => `${pairs.join(", ")} is paused by the activation policy.`,
  held: (pairs) => `${pairs.join(", ")} is held by an admin; GET /api/holds says why and until when.`,
  inactive: (pairs) => `${pairs.join(", ")} is switched off, has weight 0 or is retired.`,
  unknown_pair: (pairs) => `${pairs.join(", ")} is not a pair Signalbox knows. Create it first.`,
  expired: () => "It waited longer than its program lets a message wait, so it got no permit: drop the message.",
  limiter_down: () => "The permit could not be stored, so it was not given out. Ask again shortly.",
};

export function messageOfRefusal(reason: RefusalReason, pairs: readonly string[], country: string, budget?: BudgetName): string {
  return MESSAGES[reason](pairs, country, budget);
}
