import { beforeEach, describe, expect, test } from "bun:test";
import { emptyWorld, fullWorld, type World } from "../../tests/cast/board.ts";
import { boris, sleeper } from "../../tests/cast/people.ts";
import { fakeClock } from "../kernel/clock.ts";
import { matches } from "../kernel/words.ts";
import { newPair } from "../pairs/input.ts";
import type { Rate } from "../results/numbers.ts";
import { boardModel, rateTone, troubleOf } from "./board-model.ts";

const clock = fakeClock();
let world: World;

const rate = (value: number, lower: number, upper: number): Rate => ({
  kind: "rate",
  value,
  lower,
  upper,
  n: 60,
  windowMs: 900_000,
  maturityMs: 30_000,
  basis: "receipts",
});

describe("the colour of a rate", () => {
  const cases: [string, Rate, number | null, string][] = [
    ["over the threshold", rate(0.9, 0.8, 0.95), null, "go"],
    ["the point is under, the interval is not", rate(0.65, 0.5, 0.75), null, "caution"],
    ["the whole interval is under", rate(0.5, 0.4, 0.6), null, "stop"],
    ["the pair's own threshold decides", rate(0.9, 0.85, 0.93), 0.95, "stop"],
    ["too small a sample says nothing", { kind: "insufficient", n: 12, needed: 30 }, null, "quiet"],
  ];
  for (const [name, given, threshold, tone] of cases) test(name, () => expect(rateTone(given, threshold)).toBe(tone as never));
});

describe("the board", () => {
  beforeEach(async () => {
    world = await emptyWorld(clock);
    await world.roster.addProgram(sleeper("program1"), boris);
    await world.roster.addProgram(sleeper("program2"), boris);
    await world.roster.addPair(newPair.parse({ country: "UZ", operator: "ucell", operator_name: "Ucell" }), boris, [
      "program1",
      "program2",
    ]);
    await world.roster.addPair(newPair.parse({ country: "UZ", operator: "uzmobile", operator_name: "UzMobile" }), boris, ["program1"]);
    await world.roster.addPair(newPair.parse({ country: "IN", operator: "airtel", operator_name: "AirTel Gujarat" }), boris, ["program1"]);
  });

  const see = (name: string, state: "crashed" | "silent" | "running" | "stopped") =>
    world.fleet.see(world.directory.session(name)!.id, { state });
  const board = (...more: [sort?: "trouble" | "country" | "volume" | "rate", query?: string]) => boardModel(world, clock.now(), ...more);

  test("shows one line for each country, one lamp for each session", () => {
    const { lines, totals } = board("country");
    expect(lines.map((line) => [line.code, line.name])).toEqual([
      ["IN", "India"],
      ["UZ", "Uzbekistan"],
    ]);
    expect(lines[1]!.pairs[0]!.lamps.map((lamp) => lamp.session)).toEqual(["program1_UZ_ucell", "program2_UZ_ucell"]);
    expect(totals).toEqual({ pairs: 3, countries: 2, sessions: 4, programs: 2 });
  });

  test("a lamp of a held pair says held while its program runs, is filtered by that word, and what is worse goes before", async () => {
    const hold = await world.holds.place({ what: "UZ", reason: "wrong template", forMs: 3_600_000 }, boris);
    for (const name of ["program1_UZ_ucell", "program2_UZ_ucell", "program1_UZ_uzmobile", "program1_IN_airtel"]) see(name, "running");
    see("program2_UZ_ucell", "crashed");
    const words = () => board("country").lines.flatMap((line) => line.pairs.flatMap((pair) => pair.lamps.map((lamp) => lamp.word)));
    expect(words()).toEqual(["running", "held", "crashed", "held"]);
    expect(board("country").tally.map(({ word, n }) => [word, n])).toContainEqual(["held", 2]);
    expect(board("country", "held").lines.map((line) => line.code)).toEqual(["UZ"]);
    await world.holds.lift(hold.id, boris);
    expect(words()).toEqual(["running", "running", "crashed", "running"]);
  });

  test("a session of two pairs is held for the one that is, runs for the other, and is counted as running", async () => {
    const session = world.directory.session("program1_IN_airtel")!;
    await world.directory.commit([{ kind: "session", value: { ...session, pairs: ["IN_airtel", "UZ_ucell"] } }], []);
    see("program1_IN_airtel", "running");
    await world.holds.place({ what: "UZ_ucell", reason: "x", forMs: 3_600_000 }, boris);
    const lampOf = (pair: string) =>
      board()
        .lines.flatMap(({ pairs }) => pairs)
        .find(({ id }) => id === pair)!
        .lamps.find(({ session }) => session === "program1_IN_airtel")!.word;
    expect([lampOf("IN_airtel"), lampOf("UZ_ucell")]).toEqual(["running", "held"]);
    expect(board().tally).toContainEqual(expect.objectContaining({ word: "running", n: 2 }));
  });

  test("puts trouble on top: a crash before silence, silence before a bad rate", () => {
    expect(board().lines.map((line) => line.code)).toEqual(["IN", "UZ"]);
    world.counters.set("UZ_ucell", 40, 200);
    expect(board().lines.map((line) => line.code)).toEqual(["UZ", "IN"]);
    see("program1_IN_airtel", "crashed");
    expect(board().lines.map((line) => line.code)).toEqual(["IN", "UZ"]);
  });

  test("a session stopped by its wish is no problem; one that crashed is, and is named", () => {
    see("program1_UZ_ucell", "stopped");
    expect(board().figures.problems).toEqual([]);
    see("program2_UZ_ucell", "crashed");
    expect(board().figures.problems.map((lamp) => [lamp.session, lamp.word])).toEqual([["program2_UZ_ucell", "crashed"]]);
  });

  test("the tally counts each session once, and its figures agree with the lamps", async () => {
    world = await fullWorld(clock, 60);
    const { tally, lines, totals, figures } = board();
    expect(tally.reduce((sum, item) => sum + item.n, 0)).toBe(totals.sessions);
    const lamps = new Map(lines.flatMap((line) => line.pairs.flatMap((pair) => pair.lamps)).map((lamp) => [lamp.session, lamp]));
    for (const item of tally) expect([...lamps.values()].filter((lamp) => lamp.word === item.word).length).toBe(item.n);
    expect(figures.problems.length).toBe(6);
    expect(figures.errors.reduce((sum, error) => sum + error.share, 0)).toBeCloseTo(1);
  });

  test("permits possible are those of a minute, whatever a country's window", async () => {
    expect(board().figures.possible).toBe(20);
    await world.roster.changeCountry("IN", { limit: 30, window_seconds: 120 }, boris);
    expect(board().figures.possible).toBe(25);
  });

  test("high priority stands on top and first in its line", async () => {
    await world.roster.setPriority("UZ_uzmobile", true, boris);
    expect(board().always.map((pair) => pair.id)).toEqual(["UZ_uzmobile"]);
    expect(board("country").lines[1]!.pairs.map((pair) => pair.id)).toEqual(["UZ_uzmobile", "UZ_ucell"]);
  });

  test("says when the next slot is free only while none is", async () => {
    for (let i = 0; i < 10; i++) {
      world.permits.grant("UZ", "UZ_ucell");
      clock.advance(1000);
    }
    const uz = () => board("country").lines[1]!.budget;
    expect(uz()).toMatchObject({ used: 10, limit: 10, freeAt: clock.now() + 50_000 });
    clock.advance(50_000);
    expect(uz()).toMatchObject({ used: 9, freeAt: null });
  });

  const filters: [string, string[]][] = [
    ["uz", ["UZ_ucell", "UZ_uzmobile"]],
    ["Uzbekistan ucell", ["UZ_ucell"]],
    ["airtel", ["IN_airtel"]],
    ["program2", ["UZ_ucell"]],
    ["crashed", ["UZ_ucell"]],
    ["in crashed", []],
  ];
  for (const [query, pairs] of filters)
    test(`the filter "${query}" leaves ${pairs.join(", ") || "nothing"}`, () => {
      for (const session of world.directory.sessions()) see(session.name, "running");
      see("program2_UZ_ucell", "crashed");
      const left = board("country", query).lines.flatMap((line) => line.pairs.map((pair) => pair.id));
      expect(left).toEqual(pairs);
    });
});

test("one crash weighs more than any number of retries", () => {
  const pair = (states: ("crashed" | "backoff")[]) => ({
    id: "x",
    country: "UZ",
    operatorName: "x",
    priority: false,
    active: true,
    lamps: states.map((state, i) => ({ session: `s${i}`, state, word: "", tone: "stop" as const })),
    rate: { kind: "insufficient", n: 0, needed: 30 } as const,
    tone: "quiet" as const,
    sentLastMinute: 0,
    p90Ms: null,
  });
  expect(troubleOf([pair(["crashed"])])).toBeGreaterThan(troubleOf([pair(["backoff", "backoff", "backoff"])]));
});

test("an empty query matches everything", () => expect(matches("", "anything")).toBe(true));
