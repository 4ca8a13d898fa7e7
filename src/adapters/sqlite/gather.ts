/**
 * Calls that come together cross as one, in their order: crossing and a command a call cost more than what they carry. A second crossing
 * may be under way, so that the writer writes the one while we make the other; more would be smaller and cost more. A failure that may be
 * one caller's own is found by crossing again, alone.
 */

import { AppError } from "../../kernel/errors.ts";

export interface GatherOptions<I, O> {
  /** One answer for each, in order. */
  cross(inputs: readonly I[]): Promise<O[]>;
  /** What an input adds to a crossing, and how much one takes unless a single input is more. */
  weight(input: I): number;
  most: number;
  /** Crossings at once; 1 where what a crossing costs us outweighs what its writing costs the writer. */
  underWay?: 1 | 2;
  /** When what has come crosses, unless enough has: at the end of the turn, or `run => run()` where a turn's calls come as one already. */
  soon?: (run: () => void) => void;
}

/** So many are worth a crossing before the turn ends. */
const ENOUGH = 16;

/** Then others have their turn: what 64 callers do with their answers would hold up an unrelated request for 3 ms. */
const TOLD_AT_ONCE = 8;

interface Waiter<I, O> {
  input: I;
  resolve(output: O): void;
  reject(error: unknown): void;
}

export interface Gathered<I, O> {
  call(input: I): Promise<O>;
  /** Resolves when every crossing that is under way now is over, also one that crosses again alone. */
  underWay(): Promise<unknown>;
}

export function gather<I, O>({ cross, weight, most, underWay = 2, soon = setImmediate }: GatherOptions<I, O>): Gathered<I, O> {
  const waiting: Waiter<I, O>[] = [];
  const crossings = new Set<Promise<void>>();
  let lanes = 0;
  let due = false;

  function begin(): void {
    due = false;
    if (waiting.length === 0 || lanes >= underWay) return;
    lanes++;
    void crossAll();
  }

  async function crossAll(): Promise<void> {
    while (waiting.length > 0) {
      const crossing = crossOnce(waiting.splice(0, fitting()));
      crossings.add(crossing);
      await crossing;
      crossings.delete(crossing);
    }
    lanes--;
  }

  function fitting(): number {
    let sum = 0;
    let count = 0;
    while (count < waiting.length) {
      sum += weight(waiting[count]!.input);
      if (sum > most && count > 0) break;
      count++;
    }
    return count;
  }

  async function crossOnce(waiters: readonly Waiter<I, O>[]): Promise<void> {
    try {
      const outputs = await cross(waiters.map((waiter) => waiter.input));
      for (const [index, waiter] of waiters.entries()) {
        waiter.resolve(outputs[index]!);
        if (index % TOLD_AT_ONCE === TOLD_AT_ONCE - 1) await new Promise((next) => setImmediate(next));
      }
    } catch (error) {
      // Away is away for all; anything else may be one caller's doing, and nothing of this crossing was stored.
      const everybodys = error instanceof AppError && error.code === "unavailable";
      if (everybodys || waiters.length === 1) for (const waiter of waiters) waiter.reject(error);
      else for (const waiter of waiters) await crossOnce([waiter]);
    }
  }

  return {
    call: (input) =>
      new Promise((resolve, reject) => {
        waiting.push({ input, resolve, reject });
        if (waiting.length >= ENOUGH) begin();
        else if (!due && lanes < underWay) {
          due = true;
          // What the rest of this turn brings comes along.
          soon(begin);
        }
      }),
    underWay: () => Promise.all(crossings),
  };
}
