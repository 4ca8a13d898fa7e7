import { afterEach, expect, test } from "bun:test";
import { aCountry, aPair, directoryOf } from "../../tests/cast/directory.ts";
import { memoryDocuments } from "../../tests/cast/doubles.ts";
import { memoryGrants } from "../../tests/cast/grants.ts";
import { refusal } from "../../tests/cast/refusal.ts";
import { handTimers, turn } from "../../tests/cast/timers.ts";
import { fakeClock } from "../kernel/clock.ts";
import { quiet } from "../kernel/log.ts";
import { openHolds } from "./holds.ts";
import { openPermits } from "./permits.ts";

const open: { stop(): void }[] = [];
afterEach(() => {
  for (const part of open.splice(0)) part.stop();
});

const anna = { name: "anna", from: "127.0.0.1" };
const HOUR = 3_600_000;

async function house(documents = memoryDocuments(), clock: ReturnType<typeof fakeClock> = fakeClock()) {
  const timers = handTimers(clock);
  const directory = await directoryOf(aCountry("UZ", 1), aCountry("IN", 1), aPair("UZ_uzmobile", { priority: true }), aPair("IN_airtel"));
  const holds = await openHolds({ documents, directory, clock, log: quiet, after: timers.after });
  const permits = await openPermits({
    ...{ directory, grants: memoryGrants(), clock, log: quiet, after: timers.after, soon: queueMicrotask },
    muted: (pair) => (holds.of(pair) ? "held" : null),
  });
  holds.changed.subscribe(permits.recheck);
  open.push(holds, { stop: permits.close });
  const ask = (pair: string, waitMs = 0) => permits.ask({ pairs: [pair], program: "program1", session: null, waitMs });
  const hold = (what: string, forMs = HOUR) => holds.place({ what, reason: "wrong template", forMs }, anna);
  return { documents, clock, timers, holds, permits, ask, hold };
}

const covered: { what: string; held: string[]; free: string[] }[] = [
  { what: "all", held: ["UZ_uzmobile", "IN_airtel"], free: [] },
  { what: "UZ", held: ["UZ_uzmobile"], free: ["IN_airtel"] },
  { what: "IN_airtel", held: ["IN_airtel"], free: ["UZ_uzmobile"] },
];
for (const { what, held, free } of covered) {
  test(`a hold of ${what} refuses ${held.join(" and ")}, high priority too, and nothing else`, async () => {
    const { ask, hold } = await house();
    await hold(what);
    for (const pair of held) expect(await ask(pair, 60_000)).toMatchObject({ granted: false, reason: "held" });
    for (const pair of free) expect((await ask(pair)).granted).toBe(true);
  });
}

test("those who wait are answered held, and those who come after its end are served", async () => {
  const { ask, hold, timers } = await house();
  await ask("UZ_uzmobile");
  const waits = ask("UZ_uzmobile", 60_000);
  await hold("UZ", 10 * 60_000);
  expect(await waits).toMatchObject({ granted: false, reason: "held" });
  await timers.advance(10 * 60_000 - 1);
  expect(await ask("UZ_uzmobile")).toMatchObject({ reason: "held" });
  await timers.advance(1);
  expect((await ask("UZ_uzmobile")).granted).toBe(true);
});

test("a hold of a country ends by itself, is taken from the disk, and the audit tells of all of it", async () => {
  const { documents, holds, hold, timers } = await house();
  await hold("UZ");
  await timers.advance(HOUR);
  expect(holds.list()).toEqual([]);
  expect(await documents.load(["hold"])).toEqual([]);
  const acts = await documents.acts({ limit: 10 });
  expect(acts.map(({ verb, subject, actor, reason }) => `${verb} ${subject} ${actor} ${reason}`)).toEqual([
    "hold.end country:UZ signalbox its time was over",
    "hold.place country:UZ anna wrong template",
  ]);
});

for (const hours of [-5, 5]) {
  test(`a wall clock that jumps by ${hours} h makes a hold neither longer nor shorter`, async () => {
    const { holds, hold, clock, timers } = await house();
    await hold("UZ");
    clock.jump(hours * HOUR);
    await timers.advance(HOUR - 1);
    expect(holds.list()).toMatchObject([{ what: "UZ", until: clock.now() + 1 }]);
    await timers.advance(1);
    expect(holds.list()).toEqual([]);
  });
}

test("a hold outlives a restart, and what ended meanwhile is gone", async () => {
  const { documents, clock, hold, holds } = await house();
  await hold("UZ");
  await hold("IN", 60_000);
  holds.stop();
  clock.advance(60_000);
  const again = await house(documents, clock);
  expect(again.holds.list()).toMatchObject([{ what: "UZ", reason: "wrong template", by: "anna" }]);
  expect(again.holds.of("UZ_uzmobile")).not.toBeNull();
  await again.timers.advance(5_000);
  expect(await documents.load(["hold"])).toHaveLength(1);
});

for (const hours of [-5, 5]) {
  test(`a wall clock that jumps by ${hours} h while Signalbox restarts changes nothing either`, async () => {
    const { documents, clock, hold, holds } = await house();
    await hold("UZ");
    holds.stop();
    clock.advance(60_000);
    clock.jump(hours * HOUR);
    const again = await house(documents, clock);
    await again.timers.advance(HOUR - 60_001);
    expect(again.holds.list()).toHaveLength(1);
    await again.timers.advance(1);
    expect(again.holds.list()).toEqual([]);
  });
}

test("after a reboot a hold ends by the wall clock, and is never longer than it was made", async () => {
  const { documents, clock, hold } = await house();
  await hold("UZ");
  const soon = fakeClock(clock.now() + HOUR - 1_000, "boot-2");
  const again = await house(documents, soon);
  expect(again.holds.list()).toHaveLength(1);
  const wrong = fakeClock(clock.now() - 100 * HOUR, "boot-3");
  const late = await house(documents, wrong);
  await late.timers.advance(HOUR);
  expect(late.holds.list()).toEqual([]);
});

test("held again, a hold gets the new reason and end and stays one", async () => {
  const { holds, hold, clock } = await house();
  const first = await hold("UZ");
  clock.advance(1_000);
  await holds.place({ what: "UZ", reason: "still wrong", forMs: 2 * HOUR }, anna);
  expect(holds.list()).toMatchObject([{ id: first.id, reason: "still wrong", until: clock.now() + 2 * HOUR }]);
});

test("let go before its time, permits are given out again", async () => {
  const { holds, hold, ask } = await house();
  const { id } = await hold("all");
  await holds.lift(id, anna);
  expect((await ask("UZ_uzmobile")).granted).toBe(true);
  expect(await refusal(holds.lift(id, anna))).toMatchObject({ code: "not_found" });
});

const refused: { why: string; what: string; reason: string; forMs: number; code: string }[] = [
  { why: "no reason", what: "UZ", reason: " ", forMs: HOUR, code: "invalid" },
  { why: "no end", what: "UZ", reason: "x", forMs: 0, code: "invalid" },
  { why: "more than a day", what: "UZ", reason: "x", forMs: 25 * HOUR, code: "invalid" },
  { why: "a country without pairs", what: "FR", reason: "x", forMs: HOUR, code: "not_found" },
  { why: "a pair nobody created", what: "UZ_ucell", reason: "x", forMs: HOUR, code: "not_found" },
];
for (const { why, code, ...input } of refused) {
  test(`refuses a hold with ${why}`, async () => {
    const { holds } = await house();
    expect(await refusal(holds.place(input, anna))).toMatchObject({ code });
    expect(holds.list()).toEqual([]);
  });
}

test("a hold that the store did not take is not in force", async () => {
  const documents = memoryDocuments();
  const { holds, hold } = await house(documents);
  documents.commit = async () => {
    throw new Error("disk full");
  };
  expect(await refusal(hold("UZ"))).toBeInstanceOf(Error);
  expect(holds.of("UZ_uzmobile")).toBeNull();
  await turn();
});
