import { expect, test } from "bun:test";
import { AppError } from "../../kernel/errors.ts";
import { gather } from "./gather.ts";

function recorded(fails: (inputs: readonly number[]) => Error | null = () => null) {
  const crossings: number[][] = [];
  const { call, underWay } = gather<number, number>({
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
  return { call, crossings, underWay };
}

test("what comes in one turn crosses as one, and everybody gets the own answer", async () => {
  const { call, crossings } = recorded();
  expect(await Promise.all([call(1), call(2), call(3)])).toEqual([10, 20, 30]);
  expect(crossings).toEqual([[1, 2, 3]]);
});

test("two may be under way; what comes meanwhile waits for the next, in its order", async () => {
  const gates: PromiseWithResolvers<void>[] = [];
  const crossings: number[][] = [];
  const { call } = gather<number, number>({
    async cross(inputs) {
      crossings.push([...inputs]);
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
      return [...inputs];
    },
    weight: () => 1,
    most: 10,
  });
  const turn = () => new Promise((next) => setImmediate(next));
  const all = [call(1)];
  await turn();
  all.push(call(2));
  await turn();
  all.push(call(3), call(4));
  await turn();
  expect(crossings).toEqual([[1], [2]]);
  gates[0]!.resolve();
  await all[0];
  await turn();
  expect(crossings).toEqual([[1], [2], [3, 4]]);
  for (const gate of gates) gate.resolve();
  expect(await Promise.all(all)).toEqual([1, 2, 3, 4]);
});

test("under way is also what crosses again alone", async () => {
  const { call, underWay } = recorded((inputs) => (inputs.includes(2) && inputs.length > 1 ? new Error("not together") : null));
  const answers: number[] = [];
  for (const input of [1, 2, 3]) void call(input).then((answer) => answers.push(answer));
  await new Promise((next) => setImmediate(next));
  await underWay();
  expect(answers).toEqual([10, 20, 30]);
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
