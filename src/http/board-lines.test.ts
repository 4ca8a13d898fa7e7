import { beforeEach, expect, test } from "bun:test";
import fc from "fast-check";
import { emptyWorld, type World } from "../../tests/cast/board.ts";
import { boris, sleeper } from "../../tests/cast/people.ts";
import type { BoardProps } from "../../views/board/props.ts";
import { fakeClock } from "../kernel/clock.ts";
import { newPair } from "../pairs/input.ts";
import { type BoardLines, openBoardLines } from "./board-lines.ts";
import { boardModel } from "./board-model.ts";

const PAIRS = ["UZ_ucell", "UZ_uzmobile", "IN_airtel", "UA_3mob"] as const;
const clock = fakeClock();
let world: World;
let kept: BoardLines;

async function open(): Promise<void> {
  world = await emptyWorld(clock);
  await world.roster.addProgram(sleeper("program1"), boris);
  for (const [country, operator] of PAIRS.map((id) => id.split("_")))
    await world.roster.addPair(newPair.parse({ country, operator, operator_name: operator! }), boris, ["program1"]);
  kept = openBoardLines({ ...world, clock });
}
beforeEach(open);

const seen = () => boardModel(world, clock.now(), "country", "", kept.of);
const lineOf = (code: string, board: BoardProps = seen()) => board.lines.find((line) => line.code === code)!;

test("a line is the very same as long as nothing it shows can have changed", () => {
  kept.watch();
  const before = seen();
  world.counters.sent("UZ_ucell");
  expect(lineOf("IN")).toBe(lineOf("IN", before));
  expect(lineOf("UZ")).not.toBe(lineOf("UZ", before));
});

test("nothing is kept while nobody watches, nor after the last one who did", () => {
  expect(lineOf("IN")).not.toBe(lineOf("IN"));
  const leave = [kept.watch(), kept.watch()];
  for (const one of leave) {
    expect(lineOf("IN")).toBe(lineOf("IN"));
    one();
  }
  expect(lineOf("IN")).not.toBe(lineOf("IN"));
});

test("a number that was worked out a moment too early is looked at again a second later", () => {
  kept.watch();
  lineOf("UZ");
  world.counters.sent("UZ_ucell");
  const early = lineOf("UZ");
  expect(lineOf("UZ")).toBe(early);
  clock.advance(1_000);
  expect(lineOf("UZ")).not.toBe(early);
});

test("a send that leaves the window by time alone is gone from the line at once", () => {
  kept.watch();
  world.permits.grant("UZ", "UZ_ucell");
  for (const used of [1, 1, 1]) {
    expect(lineOf("UZ").budget.used).toBe(used);
    clock.advance(19_000);
  }
  expect(lineOf("UZ").budget.used).toBe(1);
  clock.advance(3_000);
  expect(lineOf("UZ").budget.used).toBe(0);
});

const acts = {
  sent: (pair: string) => void world.counters.sent(pair),
  /** Of which word comes only with the next second. */
  told: (pair: string) => world.counters.set(pair, 60, 40 + (clock.now() % 60)),
  permit: (pair: string) => void world.permits.grant(pair.slice(0, 2), pair),
  crash: (pair: string) => world.fleet.see(world.directory.sessionsOfPair(pair)[0]!.id, { state: "crashed" }),
  run: (pair: string) => world.fleet.see(world.directory.sessionsOfPair(pair)[0]!.id, { state: "running" }),
  hold: async (pair: string) => void (await world.holds.place({ what: pair, reason: "x", forMs: 60_000 }, boris)),
  edit: async (pair: string) => {
    const { version, ...old } = world.directory.pair(pair)!;
    await world.directory.commit([{ kind: "pair", value: { ...old, version, operatorName: `${old.operatorName}'` } }], []);
  },
  second: () => clock.advance(1_000),
  almostAMinute: () => clock.advance(58_000),
};

test("whatever happens, in whatever order, the board is what it would be if nothing were kept", async () => {
  const step = fc.tuple(fc.constantFrom(...(Object.keys(acts) as (keyof typeof acts)[])), fc.constantFrom(...PAIRS));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      await open();
      kept.watch();
      for (const [act, pair] of steps) {
        await acts[act](pair);
        expect(steady(seen())).toEqual(steady(boardModel(world, clock.now(), "country")));
      }
      // What fades by time alone is right a little later.
      clock.advance(5_000);
      expect(timeless(seen())).toEqual(timeless(boardModel(world, clock.now(), "country")));
    }),
    { numRuns: 40 },
  );
}, 60_000);

/** Times are those of the look that made the line. */
function timeless(board: BoardProps): unknown {
  return board.lines.map(({ budget: { at, ...budget }, ...line }) => ({ ...line, budget }));
}

function steady(board: BoardProps): unknown {
  return board.lines.map(({ budget: { at, ...budget }, volume, pairs, ...line }) => ({
    ...line,
    budget,
    pairs: pairs.map(({ sentLastMinute, ...pair }) => pair),
  }));
}
