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
/** Of those that are there no more, so many may stand in a line before it is swept. */
const MOST_GONE = 64;

/** In the order of their grants. Whoever is reported stays in the list, no longer known by id, until it is swept: no shift, no grave in a Set. */
interface Line {
  grants: Grant[];
  /** All before it are gone. */
  head: number;
  live: number;
}

export function openUnreported(): Unreported {
  const byId = new Map<string, Grant>();
  /** By program, then by pair: names that are known need no key made of them. */
  const byProgram = new Map<string, Map<string, Line>>();

  function lineOf(program: string, pair: string): Line {
    return byProgram
      .getOrInsertComputed(program, () => new Map<string, Line>())
      .getOrInsertComputed(pair, () => ({ grants: [], head: 0, live: 0 }));
  }

  /** The place of the oldest that is still there. */
  function first(line: Line): number {
    while (line.head < line.grants.length && !byId.has(line.grants[line.head]!.permitId)) line.head++;
    return line.head;
  }

  function sweep(line: Line): void {
    if (line.grants.length - line.live <= MOST_GONE + line.live) return;
    line.grants = line.grants.slice(line.head).filter((grant) => byId.has(grant.permitId));
    line.head = 0;
  }

  return {
    add(grant) {
      byId.set(grant.permitId, grant);
      const line = lineOf(grant.program, grant.pair);
      line.grants.push(grant);
      line.live++;
      if (line.live > MAX_PER_PAIR) {
        byId.delete(line.grants[first(line)]!.permitId);
        line.live--;
      }
      sweep(line);
    },
    get: (permitId) => byId.get(permitId),
    remove(grant) {
      if (!byId.delete(grant.permitId)) return;
      const pairs = byProgram.get(grant.program);
      const line = pairs?.get(grant.pair);
      if (!line) return;
      line.live--;
      if (line.live === 0) pairs!.delete(grant.pair);
      else sweep(line);
    },
    oldest(program, pair, session) {
      const line = byProgram.get(program)?.get(pair);
      if (!line) return undefined;
      let shared: Grant | undefined;
      for (let place = first(line); place < line.grants.length; place++) {
        const grant = line.grants[place]!;
        if (!byId.has(grant.permitId)) continue;
        if (session === null || grant.session === session) return grant;
        if (grant.session === null) shared ??= grant;
      }
      return shared;
    },
  };
}
