/** Permits nobody has reported on yet: by id, and oldest first by program and pair. Bounded per program and pair; the oldest is forgotten. */

import type { Grant } from "./permit.ts";

export interface Unreported {
  add(grant: Grant): void;
  get(permitId: string): Grant | undefined;
  remove(grant: Grant): void;
  /** The oldest of this session's; one asked for without a session serves any session, a result without a session takes any permit. */
  oldest(program: string, pair: string, session: string | null): Grant | undefined;
}

const MAX_PER_PAIR = 1_000;

export function openUnreported(): Unreported {
  const byId = new Map<string, Grant>();
  const byPair = new Map<string, Set<Grant>>();

  function remove(grant: Grant): void {
    byId.delete(grant.permitId);
    const key = keyOf(grant.program, grant.pair);
    const siblings = byPair.get(key);
    siblings?.delete(grant);
    if (siblings?.size === 0) byPair.delete(key);
  }

  return {
    add(grant) {
      byId.set(grant.permitId, grant);
      const key = keyOf(grant.program, grant.pair);
      const siblings = byPair.get(key);
      if (!siblings) {
        byPair.set(key, new Set([grant]));
        return;
      }
      siblings.add(grant);
      if (siblings.size <= MAX_PER_PAIR) return;
      for (const eldest of siblings) {
        remove(eldest);
        break;
      }
    },
    get: (permitId) => byId.get(permitId),
    remove,
    oldest(program, pair, session) {
      const siblings = byPair.get(keyOf(program, pair));
      if (!siblings) return undefined;
      let shared: Grant | undefined;
      for (const grant of siblings) {
        if (session === null || grant.session === session) return grant;
        if (grant.session === null) shared ??= grant;
      }
      return shared;
    },
  };
}

function keyOf(program: string, pair: string): string {
  return `${program}\n${pair}`;
}
