import { expect, test } from "bun:test";
import { AppError } from "../../kernel/errors.ts";
import { gather } from "./gather.ts";

function recorded(fails: (inputs: readonly number[]) => Error | null = () => null) {
  const crossings: number[][] = [];
  const call = gather<number, number>({
    async cross(inputs) {
      crossings.push([...inputs]);
      await Promise.resolve();
      const error = fails(inputs);
      if (error) throw error;
      return inputs.map((input) => input * 10);
    },
    weight: (input) => input,
    most: 10,
  });
  return { call, crossings };
}

test("what comes in one turn crosses as one, and everybody gets the own answer", async () => {
  const { call, crossings } = recorded();
  expect(await Promise.all([call(1), call(2), call(3)])).toEqual([10, 20, 30]);
  expect(crossings).toEqual([[1, 2, 3]]);
});

test("what comes while one is under way waits for the next, in its order", async () => {
  const { call, crossings } = recorded();
  const first = call(1);
  await Promise.resolve();
  await Promise.all([first, call(2), call(3)]);
  expect(crossings).toEqual([[1], [2, 3]]);
});

test("no crossing carries more than the most, but one that is more by itself crosses alone", async () => {
  const { call, crossings } = recorded();
  await Promise.all([call(6), call(4), call(1), call(25), call(2)]);
  expect(crossings).toEqual([[6, 4], [1], [25], [2]]);
});

test("one caller's failure is not its neighbours'", async () => {
  const { call } = recorded((inputs) => (inputs.includes(2) ? new Error("two is bad") : null));
  const [one, two, three] = await Promise.allSettled([call(1), call(2), call(3)]);
  expect([one, three]).toMatchObject([{ value: 10 }, { value: 30 }]);
  expect(two).toMatchObject({ status: "rejected", reason: { message: "two is bad" } });
});

test("away is told to all at once, without asking again", async () => {
  const { call, crossings } = recorded(() => new AppError("unavailable", "the disk is full"));
  const answers = await Promise.allSettled([call(1), call(2)]);
  expect(answers.every(({ status }) => status === "rejected")).toBe(true);
  expect(crossings).toEqual([[1, 2]]);
});

test("many answers let others have their turn in between", async () => {
  const { call } = recorded();
  let told = 0;
  const all = Promise.all(Array.from({ length: 10 }, () => call(1).then(() => told++)));
  const seen: number[] = [];
  while (told < 10) {
    await new Promise((next) => setImmediate(next));
    seen.push(told);
  }
  await all;
  expect(seen).toContain(8);
});
