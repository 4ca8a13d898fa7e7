/** What every store of positions grants: the last one of each session, all or none of a save, across a new opening. */

import { expect, test } from "bun:test";
import type { Position, Positions } from "../../src/results/patterns/positions.ts";

export function positionsContract(open: () => Positions | Promise<Positions>): void {
  const at = (session: string, place: number, more: Partial<Position> = {}): Position => ({
    session,
    run: "r_1",
    place,
    inLongLine: false,
    open: [],
    at: 1_000 + place,
    ...more,
  });
  const byName = (found: Position[]) => found.sort((a, b) => a.session.localeCompare(b.session));

  test("the last position of each session is kept, with what is open there", async () => {
    const positions = await open();
    const waiting = [{ id: "r_1.2s", state: "submitted" as const, pair: "UZ_uzmobile", phone: null }];
    await positions.save([at("s_1", 10), at("s_2", 20, { inLongLine: true })]);
    await positions.save([at("s_1", 2 ** 40, { run: "r_2", open: waiting })]);
    await positions.save([]);
    expect(byName(await positions.load())).toEqual([
      at("s_1", 2 ** 40, { run: "r_2", open: waiting }),
      at("s_2", 20, { inLongLine: true }),
    ]);
  });

  test("what is dropped is gone, and what is not known is dropped without a word", async () => {
    const positions = await open();
    await positions.save([at("s_1", 1), at("s_2", 2)]);
    await positions.drop(["s_1", "s_9"]);
    expect((await positions.load()).map(({ session }) => session)).toEqual(["s_2"]);
  });
}
