import { describe, expect, test } from "bun:test";
import { BUILT_IN, fateOf, outageAt, type Profile, profileChange, randomOf } from "./profile.ts";

const fates = (profile: Profile, count: number, seed = 1) =>
  Array.from({ length: count }, (_, n) => fateOf(profile, randomOf(seed, "UZ_uzmobile", n)));

describe("the fate of a message", () => {
  test("is the same for the same seed, pair and number, and another for another seed", () => {
    expect(fates(BUILT_IN, 50)).toEqual(fates(BUILT_IN, 50));
    expect(fates(BUILT_IN, 50)).not.toEqual(fates(BUILT_IN, 50, 2));
  });

  test("follows the success rate", () => {
    for (const success_rate of [0, 0.4, 0.9, 1]) {
      const delivered = fates({ ...BUILT_IN, success_rate }, 5000).filter((fate) => fate.delivered).length / 5000;
      expect(Math.abs(delivered - success_rate)).toBeLessThan(0.025);
    }
  });

  test("spreads the delays around their median and 90th percentile", () => {
    const delays = fates(BUILT_IN, 5000).map((fate) => fate.receiptMs);
    delays.sort((a, b) => a - b);
    expect(Math.abs(delays[2500]! / BUILT_IN.receipt.median_ms - 1)).toBeLessThan(0.1);
    expect(Math.abs(delays[4500]! / BUILT_IN.receipt.p90_ms - 1)).toBeLessThan(0.1);
  });

  test("fails with the codes of its pair, by weight, at once or at the receipt", () => {
    const failed = fates({ ...BUILT_IN, success_rate: 0 }, 6000);
    const absent = failed.filter((fate) => fate.error?.code === "30003");
    expect(Math.abs(absent.length / 6000 - 4 / 12)).toBeLessThan(0.03);
    expect(absent.every((fate) => !fate.accepted)).toBe(true);
    expect(failed.filter((fate) => fate.error?.code === "30008").every((fate) => fate.accepted)).toBe(true);
  });

  test("has the receipts its profile asks for, and none without having been taken", () => {
    const share = (receipts: object, has: (outcomes: string[]) => boolean) => {
      const all = fates({ ...BUILT_IN, receipts: { ...BUILT_IN.receipts, ...receipts } }, 4000).filter((fate) => fate.accepted);
      return all.filter((fate) => has(fate.receipts.map((receipt) => receipt.outcome))).length / all.length;
    };
    expect(share({}, (told) => told.length === 1)).toBe(1);
    expect(Math.abs(share({ never: 0.3 }, (told) => told.length === 0) - 0.3)).toBeLessThan(0.03);
    expect(Math.abs(share({ twice: 0.3 }, (told) => told.length === 2 && told[0] === told[1]) - 0.3)).toBeLessThan(0.03);
    expect(Math.abs(share({ contradicted: 0.3 }, (told) => told.length === 2 && told[0] !== told[1]) - 0.3)).toBeLessThan(0.03);
    expect(share({ buffered: 1 }, (told) => told[0] === "buffered")).toBe(1);
    expect(share({ buffered: 1, disordered: 1 }, (told) => told[1] === "buffered")).toBe(1);
    const refused = fates({ ...BUILT_IN, success_rate: 0 }, 500).filter((fate) => !fate.accepted);
    expect(refused.every((fate) => fate.receipts.length === 0)).toBe(true);
  });

  test("moves no other message when one share is changed", () => {
    const twice = fates({ ...BUILT_IN, receipts: { ...BUILT_IN.receipts, twice: 1 } }, 200);
    expect(twice.map((fate) => [fate.delivered, fate.receiptMs])).toEqual(
      fates(BUILT_IN, 200).map((fate) => [fate.delivered, fate.receiptMs]),
    );
  });

  test("takes exactly the median where the 90th percentile is no later", () => {
    expect(fateOf({ ...BUILT_IN, answer: { median_ms: 0, p90_ms: 0 } }, randomOf(1, "UZ_uzmobile", 1)).answerMs).toBe(0);
  });
});

describe("an outage", () => {
  test("comes and goes in its rhythm", () => {
    const profile: Profile = { ...BUILT_IN, outage: { kind: "busy", every_s: 100, for_s: 10 } };
    const busy = Array.from({ length: 1000 }, (_, second) => outageAt(profile, "UZ_uzmobile", second * 1000)).filter(Boolean);
    expect(busy.length).toBe(100);
  });

  test("lasts until told otherwise without a rhythm", () => {
    expect(outageAt({ ...BUILT_IN, outage: { kind: "hang", every_s: 0, for_s: 0 } }, "UZ_uzmobile", 5)).toBe("hang");
    expect(outageAt(BUILT_IN, "UZ_uzmobile", 5)).toBeNull();
  });
});

test("a profile with a success rate over 1 or an unknown field is refused", () => {
  expect(profileChange.safeParse({ success_rate: 1.1 }).success).toBe(false);
  expect(profileChange.safeParse({ sucess_rate: 0.5 }).success).toBe(false);
});
