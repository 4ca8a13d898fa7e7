/** The rules of docs/pacing.md on who waits and who is next, each by its name, through the whole limiter with its disk and its timers. */

import { afterEach, expect, test } from "bun:test";
import fc from "fast-check";
import { aCountry, aPair, directoryOf } from "../../tests/cast/directory.ts";
import { type MemoryGrants, memoryGrants } from "../../tests/cast/grants.ts";
import { handTimers, turn } from "../../tests/cast/timers.ts";
import { fakeClock } from "../kernel/clock.ts";
import { quiet } from "../kernel/log.ts";
import type { Change } from "../pairs/directory.ts";
import { DEFAULT_QUEUE, LATER_FIELDS, type Program, type QueuePolicy } from "../pairs/program.ts";
import type { PermitAnswer } from "./permit.ts";
import { openPermits, type PermitsOptions } from "./permits.ts";

const open: { close(): void }[] = [];
afterEach(() => {
  for (const permits of open.splice(0)) permits.close();
});

function aGateway(id: string, limit: number | null, windowSeconds = 60): Change {
  return { kind: "gateway", value: { id, name: id, limit, windowSeconds, version: 0 } };
}

function aProgram(name: string, queue: QueuePolicy = DEFAULT_QUEUE): Change {
  return { kind: "program", value: { ...LATER_FIELDS, name, queue, retiredAt: null, version: 0 } as unknown as Program };
}

interface Ground {
  clock: ReturnType<typeof fakeClock>;
  grants: MemoryGrants;
}

async function house(
  changes: Change[],
  more: Partial<PermitsOptions> = {},
  ground: Ground = { clock: fakeClock(), grants: memoryGrants() },
) {
  const { clock, grants } = ground;
  const timers = handTimers(clock);
  const directory = await directoryOf(...changes);
  const permits = await openPermits({ directory, grants, clock, log: quiet, after: timers.after, soon: queueMicrotask, ...more });
  open.push(permits);
  const ask = (pairs: string | string[], waitMs = 0, program = "program1", signal?: AbortSignal) =>
    permits.ask({ pairs: [pairs].flat(), program, session: null, waitMs, signal });
  /** Takes what is free, so that everybody after it must wait. */
  const fill = async (pair: string) => {
    while ((await ask(pair)).granted);
  };
  return { ...ground, timers, directory, permits, ask, fill };
}

/** Who got permits, in the order they were granted. */
function inOrder(grants: MemoryGrants): string[] {
  return [...grants.rows.values()]
    .sort((a, b) => a.grantedUptimeMs - b.grantedUptimeMs || (a.permitId < b.permitId ? -1 : 1))
    .map((row) => row.pair);
}

type House = Awaited<ReturnType<typeof house>>;

/** A program that asks again as soon as it has an answer. */
function keepsAsking({ ask }: House, pair: string, until: () => boolean, waitMs = 60_000): void {
  void ask(pair, waitMs).then((answer) => {
    if (!until() && !(answer.granted === false && answer.reason === "limiter_down")) keepsAsking({ ask } as House, pair, until, waitMs);
  });
}

test("two operators of one country share its ten", async () => {
  const { ask, permits } = await house([aPair("UZ_uzmobile"), aPair("UZ_beeline")]);
  const answers: PermitAnswer[] = [];
  for (let i = 0; i < 20; i++) answers.push(await ask(i % 2 ? "UZ_uzmobile" : "UZ_beeline"));
  expect(answers.filter((answer) => answer.granted)).toHaveLength(10);
  expect(permits.proof("UZ")).toMatchObject({ limit: 10, windowMs: 60_000, used: 10 });
});

test("ten programs hammering with 200 concurrent waits get exactly the limit, window after window", async () => {
  const pairs = Array.from({ length: 10 }, (_, i) => `UZ_o${i}`);
  const own = await house(pairs.map((id) => aPair(id)));
  let over = false;
  for (let i = 0; i < 200; i++) keepsAsking(own, pairs[i % 10]!, () => over);
  await own.timers.advance(62_000 * 20 - 1);
  over = true;
  expect(own.grants.rows.size).toBe(200);
  const times = [...own.grants.rows.values()].map((row) => row.grantedUptimeMs).sort((a, b) => a - b);
  for (let i = 10; i < times.length; i++) expect(times[i]! - times[i - 10]!).toBeGreaterThanOrEqual(62_000);
});

test("over 1,000 grants pairs that keep waiting share by weight within 5%", async () => {
  const weights = { UZ_a: 100, UZ_b: 300, UZ_c: 600 };
  const own = await house(Object.entries(weights).map(([id, weight]) => aPair(id, { weight })));
  let over = false;
  for (const id of Object.keys(weights)) for (let i = 0; i < 10; i++) keepsAsking(own, id, () => over);
  await own.timers.advance(62_000 * 101);
  over = true;
  const got = inOrder(own.grants).slice(10, 1_010);
  for (const [id, weight] of Object.entries(weights))
    expect(Math.abs(got.filter((pair) => pair === id).length - weight)).toBeLessThanOrEqual(weight * 0.05);
});

test("programs with one session each share by weight within 5%, though none waits while it sends", async () => {
  const weights = { UZ_a: 1, UZ_b: 3 };
  const own = await house([aCountry("UZ", 2, 1), ...Object.entries(weights).map(([id, weight]) => aPair(id, { weight }))], {
    leaseMs: 300,
  });
  let over = false;
  // Slots that come free in one instant go to those who wait then: here none do.
  await own.ask("UZ_a");
  own.clock.advance(430);
  for (const id of Object.keys(weights)) {
    const send = async (): Promise<void> => {
      const answer = await own.ask(id, 60_000);
      if (over || !answer.granted) return;
      own.timers.after(id === "UZ_a" ? 37 : 91, () => void send());
    };
    void send();
  }
  await own.timers.advance(700_000);
  over = true;
  const got = inOrder(own.grants).slice(0, 1_000);
  expect(got).toHaveLength(1_000);
  expect(Math.abs(got.filter((pair) => pair === "UZ_b").length - 750)).toBeLessThanOrEqual(37);
});

test("while high priority waits three of any ten slots are its own, also against a pair ten times its weight", async () => {
  const own = await house([aPair("UZ_otp", { weight: 10, priority: true }), aPair("UZ_ads", { weight: 1000 })]);
  await own.fill("UZ_ads");
  let over = false;
  for (let i = 0; i < 20; i++) for (const pair of ["UZ_ads", "UZ_otp"]) keepsAsking(own, pair, () => over);
  await own.timers.advance(62_000 * 20);
  over = true;
  const got = inOrder(own.grants).slice(10);
  for (let from = 0; from + 10 <= got.length; from++)
    expect(got.slice(from, from + 10).filter((pair) => pair === "UZ_otp").length).toBeGreaterThanOrEqual(3);
  expect(got.filter((pair) => pair === "UZ_ads").length).toBeGreaterThan(130);
});

test("the floor is a setting", async () => {
  const own = await house([aPair("UZ_otp", { weight: 1, priority: true }), aPair("UZ_ads", { weight: 1000 })], { floorPct: 50 });
  await own.fill("UZ_ads");
  let over = false;
  for (let i = 0; i < 20; i++) for (const pair of ["UZ_ads", "UZ_otp"]) keepsAsking(own, pair, () => over);
  await own.timers.advance(62_000 * 10);
  over = true;
  const got = inOrder(own.grants).slice(10, 110);
  expect(got.filter((pair) => pair === "UZ_otp")).toHaveLength(50);
});

test("no slot idles while somebody waits who may use it: a pair alone gets all ten, floor and weights or not", async () => {
  const own = await house([aPair("UZ_otp", { priority: true }), aPair("UZ_ads", { weight: 1 })]);
  const waits = Array.from({ length: 10 }, () => own.ask("UZ_ads", 1_000));
  expect((await Promise.all(waits)).every((answer) => answer.granted)).toBe(true);
});

test("a newcomer never overtakes its fair turn: one that comes as the slot comes free waits behind those of its pair", async () => {
  const { ask, fill, clock, timers, grants } = await house([aCountry("UZ", 1), aPair("UZ_a"), aPair("UZ_b")]);
  await fill("UZ_a");
  await timers.advance(30_000);
  void ask("UZ_b", 60_000, "first");
  void ask("UZ_b", 60_000, "second");
  clock.advance(32_000);
  void ask("UZ_b", 60_000, "newcomer");
  void ask("UZ_b", 0, "hasty");
  await timers.advance(0);
  expect([...grants.rows.values()].map((row) => row.program)).toEqual(["program1", "first"]);
});

test("within one pair first come, first served, whatever program asks", async () => {
  const { ask, fill, timers } = await house([aCountry("UZ", 3), aPair("UZ_a")]);
  await fill("UZ_a");
  await timers.advance(10_000);
  const order: string[] = [];
  for (const name of ["one", "two", "three"]) void ask("UZ_a", 60_000, name).then((answer) => answer.granted && order.push(name));
  await timers.advance(52_000);
  expect(order).toEqual(["one", "two", "three"]);
});

test("a waiter over several pairs takes the turn of each, is served once, and leaves no place behind", async () => {
  const own = await house([aCountry("UZ", 1), aPair("UZ_a", { weight: 1 }), aPair("UZ_b", { weight: 1000 }), aPair("UZ_c")]);
  await own.fill("UZ_a");
  const several = own.ask(["UZ_a", "UZ_b"], 60_000);
  const other = own.ask("UZ_c", 60_000);
  expect(own.permits.proof("UZ").waiting).toBe(2);
  await own.timers.advance(60_000);
  expect((await several).granted).toBe(false);
  expect((await other).granted).toBe(false);
  const again = [own.ask(["UZ_a", "UZ_b"], 60_000), own.ask("UZ_c", 60_000)];
  await own.timers.advance(2_000);
  // UZ_a had the last slot, so of its two pairs it goes by the turn of UZ_b.
  expect(await again[0]).toMatchObject({ granted: true, pair: "UZ_b" });
  expect(own.permits.proof("UZ").waiting).toBe(1);
});

test("a caller that goes away frees its place for the next, in its turn", async () => {
  const { ask, fill, timers, permits } = await house([aCountry("UZ", 1), aPair("UZ_a")], { bounds: { house: 10, country: 2 } });
  await fill("UZ_a");
  await timers.advance(10_000);
  const leave = new AbortController();
  void ask("UZ_a", 60_000, "gone", leave.signal);
  const second = ask("UZ_a", 60_000, "second");
  expect(await ask("UZ_a", 60_000)).toMatchObject({ reason: "queue_full" });
  leave.abort();
  expect(permits.proof("UZ").waiting).toBe(1);
  const third = ask("UZ_a", 60_000, "third");
  await timers.advance(52_000);
  expect([(await second).granted, await Promise.race([third, "waits"])]).toEqual([true, "waits"]);
});

test("a full queue refuses at once and says so, with the time of the next slot, and keeps no trace", async () => {
  const { ask, fill, permits, timers } = await house([aCountry("UZ", 1), aPair("UZ_a")], { bounds: { house: 3, country: 3 } });
  await fill("UZ_a");
  for (let i = 0; i < 3; i++) void ask("UZ_a", 1_000);
  expect(await ask("UZ_a", 60_000)).toMatchObject({ granted: false, reason: "queue_full", retryAfterMs: 62_000 });
  await timers.advance(1_000);
  expect(permits.proof("UZ").waiting).toBe(0);
  expect(timers.pending()).toBe(0);
});

const drained: { order: QueuePolicy["order"]; got: string[] }[] = [
  { order: "oldest", got: ["1", "2"] },
  { order: "newest", got: ["4", "3"] },
];
for (const { order, got } of drained) {
  test(`after an outage a program that drains ${order} first gives its slots to the ${order} of its messages`, async () => {
    const { ask, fill, timers } = await house([aCountry("UZ", 2), aPair("UZ_a"), aProgram("otp", { order, ttlMs: null })]);
    await fill("UZ_a");
    await timers.advance(20_000);
    const served: string[] = [];
    for (const name of ["1", "2", "3", "4"]) {
      void ask("UZ_a", 60_000, "otp").then((answer) => answer.granted && served.push(name));
      await timers.advance(1_000);
    }
    await timers.advance(40_000);
    expect(served).toEqual(got);
  });
}

test("newest first is a program's own matter: another program of the pair keeps its place", async () => {
  const { ask, fill, timers } = await house([aCountry("UZ", 2), aPair("UZ_a"), aProgram("otp", { order: "newest", ttlMs: null })]);
  await fill("UZ_a");
  await timers.advance(20_000);
  const served: string[] = [];
  for (const [name, program] of [
    ["otp 1", "otp"],
    ["other", "ads"],
    ["otp 2", "otp"],
  ] as const)
    void ask("UZ_a", 60_000, program).then((answer) => answer.granted && served.push(name));
  await timers.advance(42_000);
  expect(served).toEqual(["otp 2", "other"]);
});

test("newest first starves no other program of the pair, however many new messages come", async () => {
  const { ask, fill, timers, grants } = await house(
    [aCountry("UZ", 1, 1), aPair("UZ_a"), aProgram("otp", { order: "newest", ttlMs: null })],
    {
      leaseMs: 100,
    },
  );
  await fill("UZ_a");
  for (let i = 0; i < 20; i++) {
    for (const program of ["otp", "otp", "ads"]) void ask("UZ_a", 60_000, program);
    await timers.advance(1_100);
  }
  const got = [...grants.rows.values()].map((row) => row.program);
  expect(got.filter((program) => program === "ads").length).toBeGreaterThanOrEqual(6);
});

test("a message older than its program's ttl gets no permit: it is answered expired, however long it would wait", async () => {
  const { ask, fill, timers, permits } = await house([
    aCountry("UZ", 1),
    aPair("UZ_a"),
    aProgram("otp", { order: "oldest", ttlMs: 5_000 }),
  ]);
  await fill("UZ_a");
  await timers.advance(56_500);
  const stale = ask("UZ_a", 60_000, "otp");
  const patient = ask("UZ_a", 4_000, "otp");
  await timers.advance(4_000);
  expect(await patient).toMatchObject({ granted: false, reason: "rate" });
  await timers.advance(1_000);
  expect(await stale).toMatchObject({ granted: false, reason: "expired", retryAfterMs: null });
  await timers.advance(10_000);
  expect(permits.totals().refused).toMatchObject({ expired: 1 });
});

const nested: { budget: string; changes: Change[]; more?: Partial<PermitsOptions>; full: string; free: string | null }[] = [
  { budget: "country", changes: [aCountry("UZ", 1), aPair("UZ_a"), aPair("IN_a")], full: "UZ_a", free: "IN_a" },
  { budget: "pair", changes: [aPair("UZ_a", { limit: 1 }), aPair("UZ_b")], full: "UZ_a", free: "UZ_b" },
  {
    budget: "gateway",
    changes: [aGateway("smpp1", 1), aPair("UZ_a", { gateway: "smpp1" }), aPair("IN_a", { gateway: "smpp2" })],
    full: "UZ_a",
    free: "IN_a",
  },
  { budget: "house", changes: [aPair("UZ_a"), aPair("IN_a")], more: { house: { limit: 1, windowMs: 60_000 } }, full: "UZ_a", free: null },
];
for (const { budget, changes, more, full, free } of nested) {
  test(`the limit of the ${budget} is exact, and a refusal says that it was that one`, async () => {
    const { ask, clock } = await house(changes, more);
    expect((await ask(full)).granted).toBe(true);
    expect(await ask(full)).toMatchObject({ granted: false, reason: "rate", budget, retryAfterMs: 62_000 });
    if (free !== null) expect((await ask(free)).granted).toBe(true);
    clock.advance(61_999);
    expect(await ask(full)).toMatchObject({ granted: false, budget });
    clock.advance(1);
    expect((await ask(full)).granted).toBe(true);
  });
}

test("never more than any limit, whatever lies inside what; none is refused while all have room; and they say how full they are", async () => {
  const pairs: [id: string, gateway: string | null, own: number | null][] = [
    ["UZ_a", "g", null],
    ["UZ_b", "h", 2],
    ["IN_a", "g", 1],
    ["IN_b", null, null],
  ];
  const steps = fc.array(fc.record({ pair: fc.nat(3), afterMs: fc.integer({ min: 0, max: 900 }) }), { minLength: 10, maxLength: 80 });
  const limits = fc.record({
    UZ: fc.integer({ min: 1, max: 5 }),
    g: fc.integer({ min: 1, max: 4 }),
    house: fc.integer({ min: 1, max: 6 }),
  });
  await fc.assert(
    fc.asyncProperty(limits, steps, async (limit, script) => {
      const countries = [aCountry("UZ", limit.UZ, 3), aCountry("IN", 3, 2)];
      const through = [aGateway("g", limit.g, 4), aGateway("h", null)];
      const made = pairs.map(([id, gateway, own]) => aPair(id, { gateway, limit: own, windowSeconds: own === null ? null : 3 }));
      const own = await house([...countries, ...through, ...made], { house: { limit: limit.house, windowMs: 5_000 } });
      const { grants, clock, permits } = own;
      // A plain count: nobody reports, so each slot counts its lease and a window.
      const used = (windowMs: number, fits: (grant: { pair: string; country: string; gateway: string | null }) => boolean) =>
        [...grants.rows.values()].filter((grant) => fits(grant) && grant.grantedUptimeMs + 2_000 + windowMs > clock.uptimeMs()).length;
      for (const { pair, afterMs } of script) {
        clock.advance(afterMs);
        const [id, gateway, ownLimit] = pairs[pair]!;
        const country = id.slice(0, 2);
        const full = {
          country: used(country === "UZ" ? 3_000 : 2_000, (grant) => grant.country === country) >= (country === "UZ" ? limit.UZ : 3),
          pair: ownLimit !== null && used(3_000, (grant) => grant.pair === id) >= ownLimit,
          gateway: gateway === "g" && used(4_000, (grant) => grant.gateway === "g") >= limit.g,
          house: used(5_000, () => true) >= limit.house,
        };
        const answer = await own.ask(id);
        expect(answer.granted).toBe(!Object.values(full).some(Boolean));
        if (!answer.granted) expect(full[answer.budget!]).toBe(true);
        const shared = permits.shared();
        expect(shared.gateways).toEqual({
          g: expect.objectContaining({ limit: limit.g, used: used(4_000, ({ gateway }) => gateway === "g") }),
        });
        expect(shared.house?.used).toBe(used(5_000, () => true));
        expect(shared.house!.used).toBeLessThanOrEqual(limit.house);
      }
    }),
    { numRuns: 150, seed: 20_261_129 },
  );
});

test("a gateway's limit spans countries, and its slots go to the countries in turn", async () => {
  const own = await house(
    [
      ...[aGateway("smpp1", 1, 1)],
      ...["AM_a", "UZ_a", "IN_a"].map((id) => aPair(id, { gateway: "smpp1" })),
      ...["AM", "UZ", "IN"].map((code) => aCountry(code, 100)),
    ],
    { leaseMs: 100 },
  );
  let over = false;
  for (const pair of ["UZ_a", "AM_a", "UZ_a", "IN_a", "UZ_a"]) keepsAsking(own, pair, () => over);
  await own.timers.advance(33_000 - 1);
  over = true;
  const got = inOrder(own.grants);
  expect(got).toHaveLength(30);
  for (const pair of ["AM_a", "UZ_a", "IN_a"]) expect(got.filter((one) => one === pair)).toHaveLength(10);
});

test("a gateway that gets a limit counts what its pairs sent before, and one that loses it holds up nobody", async () => {
  const { ask, directory } = await house([aGateway("smpp1", null), aPair("UZ_a", { gateway: "smpp1" })]);
  await ask("UZ_a");
  await directory.commit([{ kind: "gateway", value: { ...directory.gateway("smpp1")!, limit: 1 } }], []);
  expect(await ask("UZ_a")).toMatchObject({ granted: false, budget: "gateway" });
  await directory.commit([{ kind: "gateway", value: { ...directory.gateway("smpp1")!, limit: null } }], []);
  expect((await ask("UZ_a")).granted).toBe(true);
});

test("a result frees the slot of every budget it lay in", async () => {
  const { ask, permits, clock } = await house([aGateway("smpp1", 1), aPair("UZ_a", { gateway: "smpp1", limit: 1 })], {
    house: { limit: 1, windowMs: 60_000 },
  });
  const answer = await ask("UZ_a");
  clock.advance(100);
  permits.settle([
    {
      ...{ seq: 1, pair: "UZ_a", program: "program1", session: null, n: 1, at: null, arrivedUptimeMs: clock.uptimeMs() },
      permitId: answer.granted ? answer.permitId : null,
    },
  ]);
  clock.advance(59_999);
  expect((await ask("UZ_a")).granted).toBe(false);
  clock.advance(1);
  expect((await ask("UZ_a")).granted).toBe(true);
});

test("a restart in the middle keeps the windows of gateway and house, also of a pair that changed its gateway", async () => {
  const limits = { house: { limit: 3, windowMs: 60_000 } };
  const before = await house([aGateway("smpp1", 1), aPair("UZ_a", { gateway: "smpp1" })], limits);
  await before.ask("UZ_a");
  before.permits.close();
  const moved = [
    aGateway("smpp1", 1),
    aGateway("smpp2", 1),
    aPair("UZ_a", { gateway: "smpp2" }),
    aPair("IN_a", { gateway: "smpp1" }),
    aPair("GB_a"),
  ];
  const { ask } = await house(moved, limits, before);
  expect(await ask("IN_a")).toMatchObject({ granted: false, budget: "gateway" });
  expect((await ask("UZ_a")).granted).toBe(true);
  expect((await ask("GB_a")).granted).toBe(true);
  expect(await ask("GB_a")).toMatchObject({ granted: false, budget: "house" });
});

test("a restart in the middle keeps the turns: whoever had more than its share goes on waiting for the others", async () => {
  const cast = [aCountry("UZ", 3), aPair("UZ_modest"), aPair("UZ_greedy")];
  const run = async (restart: boolean) => {
    const before = await house(cast);
    for (const pair of ["UZ_modest", "UZ_greedy", "UZ_greedy"]) {
      await before.ask(pair);
      before.clock.advance(10);
    }
    if (restart) before.permits.close();
    const own = restart ? await house(cast, {}, before) : before;
    let over = false;
    // It came first, and it is not its turn.
    for (const pair of ["UZ_greedy", "UZ_greedy", "UZ_modest", "UZ_modest"]) keepsAsking(own, pair, () => over);
    await own.timers.advance(62_000 * 3);
    over = true;
    return inOrder(own.grants);
  };
  const through = await run(true);
  expect(through[3]).toBe("UZ_modest");
  expect(through).toEqual(await run(false));
});

for (const hours of [-9, 9]) {
  test(`a wall clock that jumps by ${hours} h while they wait changes nothing: not who, not when`, async () => {
    const run = async (jump: number) => {
      const own = await house([aCountry("UZ", 3), aPair("UZ_a", { weight: 50 }), aPair("UZ_b", { priority: true }), aPair("UZ_c")]);
      let over = false;
      for (let i = 0; i < 4; i++) for (const pair of ["UZ_a", "UZ_b", "UZ_c"]) keepsAsking(own, pair, () => over);
      await own.timers.advance(30_000);
      own.clock.jump(jump);
      await own.timers.advance(300_000);
      over = true;
      return [...own.grants.rows.values()].map((row) => `${row.grantedUptimeMs} ${row.pair}`).sort();
    };
    expect(await run(hours * 3_600_000)).toEqual(await run(0));
  });
}

test("a pair with weight 0 gets nothing, and who waits for it is told", async () => {
  const { ask, fill, directory } = await house([aCountry("UZ", 1), aPair("UZ_a"), aPair("UZ_b")]);
  await fill("UZ_a");
  const waits = ask("UZ_b", 60_000);
  await directory.commit([{ kind: "pair", value: { ...directory.pair("UZ_b")!, weight: 0 } }], []);
  expect(await waits).toMatchObject({ granted: false, reason: "inactive" });
  expect(await ask("UZ_b")).toMatchObject({ granted: false, reason: "inactive" });
  await turn();
});

test("a refusal is no attempt: it takes no slot, writes nothing, and is counted by reason", async () => {
  const { ask, fill, permits, grants } = await house([aCountry("UZ", 1), aPair("UZ_a")]);
  await fill("UZ_a");
  for (let i = 0; i < 5; i++) await ask("UZ_a");
  expect([grants.rows.size, permits.proof("UZ").used, permits.totals().refused]).toEqual([1, 1, { rate: 6 }]);
});
