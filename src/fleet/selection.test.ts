import { describe, expect, test } from "bun:test";
import { newPair } from "../pairs/input.ts";
import { createPair, type Pair } from "../pairs/pair.ts";
import type { Session } from "../pairs/session.ts";
import type { SessionStatus } from "./fleet.ts";
import { operationOf, undoOf } from "./operation.ts";
import { type Candidate, type Order, previewOf, select } from "./selection.ts";
import { type SelectionFilter, selectionFilter } from "./selection-filter.ts";

function pairOf(id: string, more: Partial<Pair> = {}): Pair {
  return { ...createPair(newPair.parse({ country: id.slice(0, 2), operator: id.slice(3) }), 0), ...more };
}

const vip = pairOf("UZ_vip", { priority: true });
const uzmobile = pairOf("UZ_uzmobile", { tags: ["otp"] });
const airtel = pairOf("IN_airtel");

function candidate(name: string, pair: Pair, status: Partial<SessionStatus> = {}, desired: Partial<Session["desired"]> = {}): Candidate {
  const wish = { state: "up" as const, by: "anna", reason: null, at: 0, until: null, ...desired };
  const program = name.split("_")[0]!;
  return {
    session: { id: `s_${name}`, node: "here", name, program, pairs: [pair.id], desired: wish, retiredAt: null, version: 1, createdAt: 0 },
    pairs: [pair],
    status: { state: "running", restartPending: false, ...status } as SessionStatus,
  };
}

const all = [
  candidate("one_UZ_uzmobile", uzmobile),
  candidate("one_IN_airtel", airtel, { state: "crashed" }),
  candidate("one_UZ_vip", vip, { restartPending: true }),
  candidate("two_IN_airtel", airtel, { state: "stopped" }, { state: "down", by: "boris" }),
];
const names = (found: readonly { session: { name: string } }[]) => found.map(({ session }) => session.name);

describe("a filter", () => {
  const rows: [SelectionFilter, string[]][] = [
    [{ all: true }, ["one_UZ_uzmobile", "one_IN_airtel", "one_UZ_vip", "two_IN_airtel"]],
    [{ country: "UZ" }, ["one_UZ_uzmobile", "one_UZ_vip"]],
    [{ operator: "airtel" }, ["one_IN_airtel", "two_IN_airtel"]],
    [{ pair: "UZ_vip" }, ["one_UZ_vip"]],
    [{ tag: "otp" }, ["one_UZ_uzmobile"]],
    [{ state: "crashed" }, ["one_IN_airtel"]],
    [{ state: ["crashed", "stopped"] }, ["one_IN_airtel", "two_IN_airtel"]],
    [{ priority: true }, ["one_UZ_vip"]],
    [{ restart_pending: true }, ["one_UZ_vip"]],
    [{ sessions: ["one_UZ_vip", "nobody"] }, ["one_UZ_vip"]],
    [{ q: "in crashed" }, ["one_IN_airtel"]],
    [{ q: "airtel", state: "stopped" }, ["two_IN_airtel"]],
    [{ country: "UZ", tag: "night" }, []],
  ];
  for (const [filter, found] of rows) test(JSON.stringify(filter), () => expect(names(select(filter, all))).toEqual(found));

  test("without a condition is refused, because a forgotten one must not mean everything", () => {
    expect(selectionFilter.safeParse({}).success).toBe(false);
    expect(selectionFilter.safeParse({ countri: "UZ" }).success).toBe(false);
    expect(selectionFilter.safeParse({ all: true }).success).toBe(true);
  });
});

describe("a preview", () => {
  const shown = (action: Order["action"], until: number | null = null) => {
    const { touched, refused, unchanged } = previewOf({ action, filter: { all: true }, until }, all);
    return [names(touched), refused.map((left) => left.why), unchanged.map((left) => left.why)];
  };
  test("of a stop refuses high priority and leaves alone what is down", () => {
    expect(shown("stop")).toEqual([
      ["one_UZ_uzmobile", "one_IN_airtel"],
      ["UZ_vip is high priority and cannot be stopped"],
      ["it is wanted down already"],
    ]);
  });
  test("of a stop with another end touches what is down for ever", () => {
    expect(shown("stop", 99)[0]).toContain("two_IN_airtel");
  });
  test("of a start takes what is down and what rests", () => {
    expect(shown("start")).toEqual([["one_IN_airtel", "two_IN_airtel"], [], ["it is wanted up already", "it is wanted up already"]]);
  });
  test("of a restart takes high priority too, and refuses what is stopped", () => {
    expect(shown("restart")).toEqual([
      ["one_UZ_uzmobile", "one_IN_airtel", "one_UZ_vip"],
      ["it is stopped by boris; start it instead"],
      [],
    ]);
  });
  test("has another hash for other sessions and for another action", () => {
    const hash = (action: Order["action"], filter: SelectionFilter) => previewOf({ action, filter, until: null }, all).hash;
    expect(hash("stop", { country: "UZ" })).toBe(hash("stop", { tag: "otp" }));
    expect(hash("stop", { country: "UZ" })).not.toBe(hash("stop", { country: "IN" }));
    expect(hash("stop", { tag: "otp" })).not.toBe(hash("restart", { tag: "otp" }));
  });
});

describe("an operation", () => {
  const origin = { id: "o_1", by: "anna", from: "self", now: 1_000, uptimeMs: 5, bootId: "b" };
  const orderOf = (change: Partial<Order>): Order => ({
    ...{ action: "restart", filter: { all: true }, reason: null, until: null, rolling: null, settleMs: 0 },
    ...change,
  });
  const made = (change: Partial<Order>) => {
    const order = orderOf(change);
    return operationOf(previewOf(order, all), order, origin);
  };
  const places = (change: Partial<Order>) => made(change).steps.map(({ name, lane, batch }) => `${name} ${lane} ${batch}`);

  test("rolls country by country, high priority last", () => {
    expect(places({ rolling: "country" }).slice(0, 3)).toEqual([
      "one_IN_airtel rolling 0",
      "one_UZ_uzmobile rolling 1",
      "one_UZ_vip rolling 2",
    ]);
  });
  test("that does not roll has a lane for each country and one for high priority", () => {
    expect(places({}).slice(0, 3)).toEqual(["one_IN_airtel IN 0", "one_UZ_uzmobile UZ 0", "one_UZ_vip priority 2"]);
  });
  test("holds what was refused, with the reason", () => {
    expect(made({ action: "stop" }).steps.at(-1)).toMatchObject({ name: "one_UZ_vip", state: "refused" });
  });

  test("is undone where nobody changed anything since", () => {
    const stopped = made({ action: "stop" });
    const done = {
      ...stopped,
      steps: stopped.steps.map((step) => ({ ...step, state: step.state === "refused" ? step.state : ("done" as const) })),
    };
    const [first, second] = done.steps;
    const back = undoOf(
      done,
      (id) => ({
        state: id === first!.session ? "down" : "up",
        by: id === first!.session ? "anna" : "boris",
        reason: null,
        at: 1_001,
        until: null,
      }),
      { ...origin, id: "o_2", by: "boris" },
    );
    expect(back.steps.map(({ name, state, why, wish }) => [name, state, why, wish?.state])).toEqual([
      [first!.name, "waiting", null, "up"],
      [second!.name, "left", "it was changed since, by boris", "up"],
    ]);
    expect(back).toMatchObject({ action: "undo", undoes: "o_1", by: "boris" });
  });
});
