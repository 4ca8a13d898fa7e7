import { expect, test } from "bun:test";
import { openAsked } from "./asked.ts";
import type { PermitAnswer } from "./permit.ts";

const granted: PermitAnswer = {
  ...{ granted: true, permitId: "p_1", pair: "UZ_uzmobile", leaseMs: 1, remaining: 0, grantedUptimeMs: 1, bootId: "b" },
};
const refused: PermitAnswer = { granted: false, reason: "rate", retryAfterMs: 1, message: "" };

test("counts what a session was granted and refused, and what it waits for, by id whatever name it gave", async () => {
  const asked = openAsked(5, (name) => (name === "program1_UZ" || name === "s_1" ? "s_1" : undefined));
  const waits = Promise.withResolvers<PermitAnswer>();
  asked.hear("program1_UZ", Promise.resolve(granted));
  asked.hear("s_1", Promise.resolve(refused));
  asked.hear("s_1", Promise.resolve({ ...refused, reason: "paused" }));
  asked.hear("s_1", waits.promise);
  await Promise.resolve();
  expect(asked.of("s_1")).toEqual({ granted: 1, refused: { rate: 1, paused: 1 }, waiting: 1, lastUptimeMs: 1 });
  waits.reject(new Error("the store is away"));
  await waits.promise.catch(() => {});
  expect(asked.of("s_1").waiting).toBe(0);
  expect(asked.since).toBe(5);
});

test("nobody's session, and none at all, count for nobody", () => {
  const asked = openAsked(0, () => undefined);
  asked.hear(null, Promise.resolve(granted));
  asked.hear("invented", Promise.resolve(granted));
  expect(asked.of("invented")).toEqual({ granted: 0, refused: {}, waiting: 0, lastUptimeMs: null });
});
