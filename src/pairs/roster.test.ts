import { beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { sqliteDocuments } from "../../src/adapters/sqlite/documents.ts";
import { airtel, anna, beeline, boris, sleeper, uzmobile } from "../../tests/cast/people.ts";
import { refusal } from "../../tests/cast/refusal.ts";
import { ownStore } from "../../tests/cast/store.ts";
import { fakeClock } from "../kernel/clock.ts";
import { type DesiredDoor, openDesiredDoor } from "./desired.ts";
import { type Directory, openDirectory } from "./directory.ts";
import type { Documents } from "./documents.ts";
import { openRoster, type Roster } from "./roster.ts";

const store = await ownStore("roster");
const documents: Documents = sqliteDocuments(store);
const clock = fakeClock();
let directory: Directory;
let roster: Roster;
let door: DesiredDoor;

async function reopen(): Promise<void> {
  directory = await openDirectory(documents);
  roster = openRoster(directory, clock, "node1");
  door = openDesiredDoor(directory, clock);
}

beforeEach(async () => {
  const everything = await documents.load(["country", "pair", "program", "session"]);
  await documents.commit(
    everything.map(({ kind, id, version }) => ({ kind, id, expected: version, body: null })),
    [],
  );
  await reopen();
});

describe("adding", () => {
  test("a pair with programs starts a session of each, named after both", async () => {
    await roster.addProgram(sleeper("program1"), anna);
    await roster.addProgram(sleeper("program2"), anna);
    await roster.addPair(uzmobile, anna, ["program1", "program2"]);
    expect(directory.sessions().map((session) => [session.name, session.desired.state])).toEqual([
      ["program1_UZ_uzmobile", "up"],
      ["program2_UZ_uzmobile", "up"],
    ]);
  });

  test("is there after a reopening, with its acts", async () => {
    await roster.addProgram(sleeper(), anna);
    await roster.addPair(uzmobile, anna, ["program1"]);
    await reopen();
    expect(directory.session("program1_UZ_uzmobile")?.pairs).toEqual(["UZ_uzmobile"]);
    expect((await documents.acts({ subject: "pair:UZ_uzmobile", limit: 1 }))[0]).toMatchObject({
      actor: "anna",
      verb: "pair.create",
      from: "10.0.0.7",
    });
  });

  test("the same pair twice, a pair of an unknown program, and a second session of program and pair are refused", async () => {
    await roster.addProgram(sleeper(), anna);
    await roster.addPair(uzmobile, anna, ["program1"]);
    expect(await refusal(roster.addPair(uzmobile, anna))).toMatchObject({ code: "conflict" });
    expect(await refusal(roster.addPair(airtel, anna, ["program9"]))).toMatchObject({ code: "not_found" });
    expect(directory.pair("IN_airtel")).toBeUndefined();
    expect(await refusal(roster.addSession({ program: "program1", pairs: ["UZ_uzmobile"], name: "other" }, anna))).toMatchObject({
      code: "conflict",
    });
  });

  test("a program that names one pair takes no second in a session; one with {pairs} does", async () => {
    await roster.addProgram(sleeper("one", { template: ["run", "{country}"] }), anna);
    await roster.addProgram(sleeper("many", { template: ["run", "{pairs}"] }), anna);
    await roster.addPair(uzmobile, anna);
    await roster.addPair(beeline, anna);
    const pairs = ["UZ_uzmobile", "UZ_beeline"];
    expect(await refusal(roster.addSession({ program: "one", pairs }, anna))).toMatchObject({ code: "invalid" });
    expect((await roster.addSession({ program: "many", pairs }, anna)).name).toBe("many_UZ_uzmobile");
  });
});

describe("changing", () => {
  test("touches only the named fields, and a null really clears", async () => {
    await roster.addPair({ ...uzmobile, limit: 4, weight: 30 }, anna);
    await roster.changePair("UZ_uzmobile", { limit: null }, anna);
    expect(directory.pair("UZ_uzmobile")).toMatchObject({ limit: null, weight: 30, operatorName: "UzMobile" });
  });

  test("with a version somebody else has passed is refused, and nothing is overwritten", async () => {
    const pair = await roster.addPair(uzmobile, anna);
    await roster.changePair("UZ_uzmobile", { weight: 50 }, boris, pair.version);
    expect(await refusal(roster.changePair("UZ_uzmobile", { weight: 70 }, anna, pair.version))).toMatchObject({
      code: "conflict",
      details: { reason: "changed" },
    });
    expect(directory.pair("UZ_uzmobile")?.weight).toBe(50);
  });

  test("a retired pair ends its own sessions, leaves shared ones, and comes back under its id", async () => {
    await roster.addProgram(sleeper("own"), anna);
    await roster.addProgram(sleeper("many", { template: ["run", "{pairs}"] }), anna);
    await roster.addPair(uzmobile, anna, ["own"]);
    await roster.addPair(beeline, anna);
    await roster.addSession({ program: "many", pairs: ["UZ_uzmobile", "UZ_beeline"] }, anna);
    await roster.retirePair("UZ_uzmobile", anna, "contract ended");
    expect(directory.sessions().map((session) => session.name)).toEqual(["many_UZ_uzmobile"]);
    expect(directory.pairs().map((pair) => pair.id)).toEqual(["UZ_beeline"]);
    await roster.addPair(uzmobile, anna, ["own"]);
    expect(directory.sessions().map((session) => session.name)).toEqual(["many_UZ_uzmobile", "own_UZ_uzmobile"]);
  });

  test("asking for what is already asked writes nothing", async () => {
    await roster.addProgram(sleeper(), anna);
    await roster.addPair(uzmobile, anna, ["program1"]);
    const before = directory.session("program1_UZ_uzmobile")?.version;
    await door.set("program1_UZ_uzmobile", { state: "up" }, boris);
    expect(directory.session("program1_UZ_uzmobile")?.version).toBe(before!);
  });
});

describe("high priority", () => {
  const attempts: [string, () => Promise<unknown>][] = [
    ["stop its session", () => door.set("program1_UZ_uzmobile", { state: "down" }, anna)],
    ["switch the pair off", () => roster.changePair("UZ_uzmobile", { active: false }, anna)],
    ["set its weight to 0", () => roster.changePair("UZ_uzmobile", { weight: 0 }, anna)],
    ["set its limit to 0", () => roster.changePair("UZ_uzmobile", { limit: 0 }, anna)],
    ["set its country's limit to 0", () => roster.changeCountry("UZ", { limit: 0 }, anna)],
    ["retire the pair", () => roster.retirePair("UZ_uzmobile", anna)],
    ["delete its session", () => roster.retireSession("program1_UZ_uzmobile", anna)],
    ["delete its program", () => roster.retireProgram("program1", anna)],
  ];

  for (const [deed, attempt] of attempts)
    test(`nobody may ${deed}, and nothing changes`, async () => {
      await roster.addProgram(sleeper(), anna);
      await roster.addPair(uzmobile, anna, ["program1"]);
      await roster.setPriority("UZ_uzmobile", true, anna);
      const before = await documents.load(["country", "pair", "program", "session"]);
      const refused = await refusal(attempt());
      expect(refused).toMatchObject({ code: "conflict", details: { reason: "high_priority" } });
      expect(refused.message).toContain("UZ_uzmobile is high priority");
      expect(await documents.load(["country", "pair", "program", "session"])).toEqual(before);
    });

  for (const [deed, attempt] of attempts)
    test(`without it one may ${deed}`, async () => {
      await roster.addProgram(sleeper(), anna);
      await roster.addPair(uzmobile, anna, ["program1"]);
      await attempt();
    });

  test("given to a pair whose session was stopped asks it up again", async () => {
    await roster.addProgram(sleeper(), anna);
    await roster.addPair(uzmobile, anna, ["program1"]);
    await door.set("program1_UZ_uzmobile", { state: "down", reason: "gateway works" }, boris);
    await roster.setPriority("UZ_uzmobile", true, anna);
    expect(directory.session("program1_UZ_uzmobile")?.desired).toMatchObject({ state: "up", by: "anna" });
  });

  test("given in the same instant in which its country gets limit 0 or its program is deleted: one of the two is refused", async () => {
    await roster.addProgram(sleeper(), anna);
    await roster.addPair(beeline, anna, ["program1"]);
    for (const deed of [() => roster.changeCountry("UZ", { limit: 0 }, boris), () => roster.retireProgram("program1", boris)]) {
      const [given, stopped] = await Promise.allSettled([roster.setPriority("UZ_beeline", true, anna), deed()]);
      expect([given.status, stopped.status]).toEqual(["fulfilled", "rejected"]);
      await roster.setPriority("UZ_beeline", false, anna);
    }
    const both = await Promise.allSettled([roster.changeCountry("UZ", { limit: 0 }, boris), roster.setPriority("UZ_beeline", true, anna)]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });

  test("never leaves a pair with high priority and no way to send, whatever order people act in", async () => {
    const deeds = fc.array(fc.constantFrom("prioritise", "deprioritise", ...attempts.map(([deed]) => deed)), {
      minLength: 3,
      maxLength: 10,
    });
    await fc.assert(
      fc.asyncProperty(deeds, async (order) => {
        const everything = await documents.load(["country", "pair", "program", "session"]);
        await documents.commit(
          everything.map(({ kind, id, version }) => ({ kind, id, expected: version, body: null })),
          [],
        );
        await reopen();
        await roster.addProgram(sleeper(), anna);
        await roster.addPair(uzmobile, anna, ["program1"]);
        for (const deed of order) {
          const run = {
            prioritise: () => roster.setPriority("UZ_uzmobile", true, anna),
            deprioritise: () => roster.setPriority("UZ_uzmobile", false, anna),
          } as Record<string, () => Promise<unknown>>;
          await (run[deed] ?? attempts.find(([name]) => name === deed)![1])().catch(() => {});
          const pair = directory.pair("UZ_uzmobile")!;
          if (!pair.priority) continue;
          expect(pair).toMatchObject({ active: true, retiredAt: null });
          expect(pair.weight > 0 && pair.limit !== 0 && directory.country("UZ").limit > 0).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});
