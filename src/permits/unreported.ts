/** Permits nobody has reported on yet: by id, and oldest first by program and pair. Bounded per program and pair; the oldest is forgotten. */

import type { Grant } from "./permit.ts";
import { permitNumberOf } from "./permit-id.ts";

export interface Unreported {
  add(grant: Grant): void;
  /** Of this program and pair; another's is looked for on disk like any that is not here. */
  get(permitId: string, program: string, pair: string): Grant | undefined;
  remove(grant: Grant): void;
  /** The oldest of this session's; one asked for without a session serves any session, a result without a session takes any permit. */
  oldest(program: string, pair: string, session: string | null): Grant | undefined;
}

const MAX_PER_PAIR = 1_000;
const FIRST_CAPACITY = 16;

/** In the order of their numbers, which is that of their grants. */
interface Line {
  add(number: number, grant: Grant): void;
  get(number: number): Grant | undefined;
  remove(number: number): void;
  live(): number;
  /** The first that fits. */
  find(fits: (grant: Grant) => boolean): Grant | undefined;
}

export function openUnreported(): Unreported {
  /** By program, then by pair: names that are known need no key made of them. */
  const byProgram = new Map<string, Map<string, Line>>();

  function lineOf(program: string, pair: string): Line {
    return byProgram.getOrInsertComputed(program, () => new Map<string, Line>()).getOrInsertComputed(pair, openLine);
  }

  return {
    add(grant) {
      const number = permitNumberOf(grant.permitId);
      if (number !== null) lineOf(grant.program, grant.pair).add(number, grant);
    },
    get(permitId, program, pair) {
      const line = byProgram.get(program)?.get(pair);
      const number = line ? permitNumberOf(permitId) : null;
      return number === null ? undefined : line!.get(number);
    },
    remove({ permitId, program, pair }) {
      const pairs = byProgram.get(program);
      const line = pairs?.get(pair);
      const number = line ? permitNumberOf(permitId) : null;
      if (number === null) return;
      line!.remove(number);
      if (line!.live() === 0) pairs!.delete(pair);
    },
    oldest(program, pair, session) {
      let shared: Grant | undefined;
      const own = byProgram
        .get(program)
        ?.get(pair)
        ?.find((grant) => {
          if (grant.session === null) shared ??= grant;
          return session === null || grant.session === session;
        });
      return own ?? shared;
    },
  };
}

/** A ring: what comes and goes in order touches its two ends and makes nothing. Whoever leaves from the middle leaves a hole until there is no place left. */
function openLine(): Line {
  let capacity = FIRST_CAPACITY;
  let numbers = new Float64Array(capacity);
  let grants: (Grant | null)[] = new Array(capacity).fill(null);
  /** The place of the oldest. */
  let head = 0;
  /** From the oldest to the newest, holes included. */
  let length = 0;
  let live = 0;

  const placeOf = (index: number) => (head + index) & (capacity - 1);

  function add(number: number, grant: Grant): void {
    if (length === capacity) tidy();
    let index = length++;
    // Nearly always the newest; answers of two writings may come the other way round.
    for (; index > 0 && numbers[placeOf(index - 1)]! > number; index--)
      put(index, numbers[placeOf(index - 1)]!, grants[placeOf(index - 1)]!);
    put(index, number, grant);
    live++;
    if (live > MAX_PER_PAIR) drop(0);
  }

  function put(index: number, number: number, grant: Grant | null): void {
    const place = placeOf(index);
    numbers[place] = number;
    grants[place] = grant;
  }

  /** Takes the holes out, and doubles what is more than half full without them. */
  function tidy(): void {
    const kept: [number, Grant][] = [];
    for (let index = 0; index < length; index++) {
      const grant = grants[placeOf(index)];
      if (grant) kept.push([numbers[placeOf(index)]!, grant]);
    }
    if (kept.length > capacity / 2) capacity *= 2;
    numbers = new Float64Array(capacity);
    grants = new Array(capacity).fill(null);
    head = 0;
    length = kept.length;
    for (const [index, [number, grant]] of kept.entries()) put(index, number, grant);
  }

  function indexOf(number: number): number {
    let low = 0;
    let high = length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (numbers[placeOf(middle)]! < number) low = middle + 1;
      else high = middle;
    }
    return low < length && numbers[placeOf(low)] === number && grants[placeOf(low)] ? low : -1;
  }

  function drop(index: number): void {
    grants[placeOf(index)] = null;
    live--;
    // The oldest is never a hole.
    while (length > 0 && !grants[head]) {
      head = placeOf(1);
      length--;
    }
  }

  return {
    add,
    get(number) {
      const index = indexOf(number);
      return index < 0 ? undefined : grants[placeOf(index)]!;
    },
    remove(number) {
      const index = indexOf(number);
      if (index >= 0) drop(index);
    },
    live: () => live,
    find(fits) {
      for (let index = 0; index < length; index++) {
        const grant = grants[placeOf(index)];
        if (grant && fits(grant)) return grant;
      }
      return undefined;
    },
  };
}
