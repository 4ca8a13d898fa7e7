import { beforeEach, expect, test } from "bun:test";
import { type Outgoing, openOutgoing, PATIENCE_MS } from "./outgoing.ts";

let now: number;
let left: string[];
let outgoing: Outgoing;
let timers: { at: number; run: () => void }[];

beforeEach(() => {
  now = 1_000;
  left = [];
  timers = [];
  outgoing = openOutgoing({
    send: (calls) => void left.push(calls.map(({ name }) => name).join(" ")),
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  });
});

const push = (name: string, isPatient = false) => outgoing.push({ id: 1, name, input: null }, isPatient);
const turn = () => new Promise((next) => setImmediate(next));
function pass(ms: number): void {
  now += ms;
  for (const { at, run } of [...timers]) if (at <= now) run();
}

test("what is asked for in one turn leaves as one, at its end", async () => {
  push("a");
  push("b");
  expect(left).toEqual([]);
  await turn();
  expect(left).toEqual(["a b"]);
});

test("a patient call leaves with the next one that is not, in their order", async () => {
  push("report", true);
  await turn();
  pass(PATIENCE_MS - 1);
  expect(left).toEqual([]);
  push("permit");
  await turn();
  expect(left).toEqual(["report permit"]);
  expect(timers).toEqual([]);
});

test("a patient call that gets no company leaves alone, and later ones do not put it off", () => {
  push("report", true);
  pass(PATIENCE_MS - 1);
  push("another", true);
  expect(left).toEqual([]);
  pass(1);
  expect(left).toEqual(["report another"]);
});

test("eight patient ones wait for nobody", async () => {
  for (let n = 1; n <= 7; n++) push(`${n}`, true);
  await turn();
  expect(left).toEqual([]);
  push("8", true);
  await turn();
  expect(left).toEqual(["1 2 3 4 5 6 7 8"]);
});

test("who asks right after an answer does not wait: one caller after the other is as quick as before", async () => {
  push("first", true);
  pass(PATIENCE_MS);
  for (const name of ["second", "third"]) {
    now += 1;
    outgoing.answered();
    now += 2;
    push(name, true);
    await turn();
  }
  expect(left).toEqual(["first", "second", "third"]);
  now += 3;
  push("later", true);
  await turn();
  expect(left).toHaveLength(3);
});

test("at the end what waits leaves at once, and once", async () => {
  push("report", true);
  outgoing.flush();
  pass(PATIENCE_MS);
  await turn();
  expect(left).toEqual(["report"]);
});
