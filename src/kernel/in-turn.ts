/** One at a time: what is looked at and what is then stored belong together, and nobody comes between. */

export type InTurn = <T>(act: () => Promise<T>) => Promise<T>;

/** Each act begins when those before it are over, however they ended. */
export function openTurn(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const mine = last.then(act);
    last = mine.catch(() => {});
    return mine;
  };
}
