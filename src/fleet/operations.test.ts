import { expect, test } from "bun:test";
import { aPair, aSession, directoryOf } from "../../tests/cast/directory.ts";
import { fleetDouble } from "../../tests/cast/doubles.ts";
import { anna, boris } from "../../tests/cast/people.ts";
import { refusal } from "../../tests/cast/refusal.ts";
import { fakeClock } from "../kernel/clock.ts";
import { unavailable } from "../kernel/errors.ts";
import { quiet } from "../kernel/log.ts";
import { openDesiredDoor } from "../pairs/desired.ts";
import type { Operation, OperationRows } from "./operation.ts";
import { type Operations, openOperations } from "./operations.ts";
import type { Order } from "./selection.ts";

function memoryRows(): OperationRows {
  const kept = new Map<string, Operation>();
  return {
    save: async (operation) => void kept.set(operation.id, structuredClone(operation)),
    recent: async (limit) => [...kept.values()].reverse().slice(0, limit),
  };
}

async function stage() {
  const clock = fakeClock();
  const sessions = ["UZ_uzmobile", "UZ_beeline", "IN_airtel"].map((pair) => [
    aPair(pair),
    aSession(`s_${pair}`, `one_${pair}`, "one", [pair]),
  ]);
  const directory = await directoryOf(...sessions.flat());
  const fleet = fleetDouble(directory, clock);
  for (const { id } of directory.sessions()) fleet.see(id, { state: "running", run: `r_${id}` });
  const options = { directory, desired: openDesiredDoor(directory, clock), fleet, rows: memoryRows(), clock, log: quiet };
  return { ...options, open: (change = {}) => openOperations({ ...options, ...change }) };
}

const round = (operations: Operations) => operations.loops()[0]!.runOnce();
const order = (change: Partial<Order>): Order => ({
  ...{ action: "restart", filter: { all: true }, reason: null, until: null, rolling: "session", settleMs: 0 },
  ...change,
});

test("an operation goes on with the next Signalbox, and asks nobody twice who has answered", async () => {
  const { open, fleet } = await stage();
  const first = await open();
  const { id } = await first.begin(order({}), 3, anna);
  await round(first);
  expect(fleet.asked).toEqual(["restart s_IN_airtel"]);
  const second = await open();
  for (let i = 0; i < 8; i++) await round(second);
  expect(second.get(id).state).toBe("done");
  expect(fleet.asked).toEqual(["restart s_IN_airtel", "restart s_UZ_beeline", "restart s_UZ_uzmobile"]);
});

test("after a reboot, or when nobody waited for it any more, it is interrupted", async () => {
  for (const [change, why] of [
    [{ bootId: "boot-2" }, "the machine went down meanwhile"],
    [{ uptimeMs: () => 10_000_000 }, "Signalbox was away for more than an hour"],
  ] as const) {
    const { open, clock, fleet } = await stage();
    const { id } = await (await open()).begin(order({}), 3, anna);
    const later = await open({ clock: { ...clock, ...change } });
    await round(later);
    expect(later.get(id)).toMatchObject({ state: "interrupted", why, endedAt: clock.now() });
    expect(fleet.asked).toEqual([]);
  }
});

test("a store that is away delays a step and loses none", async () => {
  const { open, desired, directory } = await stage();
  let away = true;
  const flaky = {
    ...desired,
    set: (...wish: Parameters<typeof desired.set>) => (away ? Promise.reject(unavailable("the store is away")) : desired.set(...wish)),
  };
  const operations = await open({ desired: flaky });
  const { id } = await operations.begin(order({ action: "stop", rolling: null }), 3, anna);
  await round(operations);
  expect(operations.get(id).steps.map(({ state }) => state)).toEqual(["waiting", "waiting", "waiting"]);
  away = false;
  await round(operations);
  await round(operations);
  expect(operations.get(id).state).toBe("done");
  expect(directory.sessions().every((session) => session.desired.state === "down")).toBe(true);
});

test("paused it asks nobody, resumed it goes on; a lever of what is over is refused", async () => {
  const { open, fleet } = await stage();
  const operations = await open();
  const { id } = await operations.begin(order({}), 3, anna);
  expect((await operations.pause(id, boris)).why).toBe("paused by boris");
  await round(operations);
  expect(fleet.asked).toEqual([]);
  await operations.resume(id, boris);
  for (let i = 0; i < 8; i++) await round(operations);
  expect(operations.get(id).state).toBe("done");
  expect(await refusal(operations.cancel(id, boris))).toMatchObject({ code: "conflict" });
  expect(await refusal(operations.undo(id, boris))).toMatchObject({ details: { reason: "not_undoable" } });
});

test("an end that has passed already is refused", async () => {
  const { open, clock } = await stage();
  const operations = await open();
  expect(await refusal(operations.begin(order({ action: "stop", rolling: null, until: clock.now() }), 3, anna))).toMatchObject({
    code: "invalid",
  });
});
