/** Long work in steps that let others in: a permit that waits for the event loop waits for one step, never for the whole. */

export type Breathe = () => Promise<void>;

/** Everybody who waits for the event loop has a turn. */
export const breathe: Breathe = () => new Promise((resolve) => setImmediate(resolve));

/** What a step may hold: with the heaviest work here, the drawing of a row, a few milliseconds. */
export const A_STEP = 50;

/** As `items.map(make)`, with a breath after each step. */
export async function inSteps<T, R>(
  items: readonly T[],
  make: (item: T, index: number) => R,
  { size = A_STEP, breath = breathe }: { size?: number; breath?: Breathe } = {},
): Promise<R[]> {
  const made: R[] = [];
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % size === 0) await breath();
    made.push(make(item, index));
  }
  return made;
}
