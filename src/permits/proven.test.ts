/** What the limiter grants while limits and windows are changed under it, it restarts, and the wall clock jumps: the ledger never calls it broken. */

import { expect, test } from "bun:test";
import fc from "fast-check";
import { aCountry, aPair, directoryOf } from "../../tests/cast/directory.ts";
import { memoryGrants } from "../../tests/cast/grants.ts";
import { memoryLedger } from "../../tests/cast/ledger.ts";
import { handTimers, turn } from "../../tests/cast/timers.ts";
import { fakeClock } from "../kernel/clock.ts";
import { quiet } from "../kernel/log.ts";
import { openPermits } from "./permits.ts";
import { openReplay } from "./replay.ts";

const step = fc.record({
  kind: fc.constantFrom("ask", "ask", "ask", "time", "time", "report", "limit", "restart", "jump", "send"),
  a: fc.nat(10_000),
  b: fc.nat(10_000),
});

test("never broken by permits, whatever is changed under them; and more than one limit was in force", async () => {
  const seen = { grants: 0, limits: 0, restarts: 0, over: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 80, maxLength: 120 }), async (steps) => {
      const clock = fakeClock();
      const timers = handTimers(clock);
      const grants = memoryGrants();
      const directory = await directoryOf(aCountry("UZ", 4, 2), aPair("UZ_a"), aPair("UZ_b"));
      const open = () => openPermits({ directory, grants, clock, log: quiet, leaseMs: 300, after: timers.after, soon: queueMicrotask });
      let permits = await open();
      let seq = 0;
      const held: { permitId: string; pair: string }[] = [];
      const result = (pair: string, permitId: string | null) =>
        permits.settle([{ seq: ++seq, pair, program: "p", session: null, permitId, n: 1, at: null, arrivedUptimeMs: clock.uptimeMs() }]);
      for (const { kind, a, b } of steps) {
        if (kind === "time") await timers.advance([a % 100, a % 700, a % 2_500][b % 3]!);
        else if (kind === "jump") clock.jump((a - 5_000) * 3_600);
        else if (kind === "send") result("UZ_a", b % 2 ? "p_1" : null);
        else if (kind === "report" && held.length > 0) {
          const { pair, permitId } = held.splice(a % held.length, 1)[0]!;
          result(pair, permitId);
        } else if (kind === "limit") {
          const value = { ...directory.country("UZ"), limit: a % 7, windowSeconds: 1 + (b % 3) };
          await directory.commit([{ kind: "country", value }], []);
        } else if (kind === "restart") {
          await permits.flushed();
          permits.close();
          timers.clear();
          permits = await open();
          seen.restarts++;
        } else if (kind === "ask") {
          const answer = permits.ask({ pairs: [a % 2 ? "UZ_a" : "UZ_b"], program: "p", session: null, waitMs: b % 3 ? 0 : b % 3_000 });
          void answer.then((given) => given.granted && held.push(given));
        }
        await turn();
      }
      await permits.flushed();
      permits.close();
      const [permitsOnly, all] = [openReplay(), openReplay()];
      for await (const page of memoryLedger(grants, [clock.bootId]).pages({}))
        for (const entry of page) {
          all.add(entry);
          if (entry.kind !== "uncontrolled") permitsOnly.add(entry);
        }
      const verdict = permitsOnly.verdicts()[0];
      expect(verdict?.worst ?? null).toBeNull();
      seen.grants += verdict?.grants ?? 0;
      seen.limits += grants.limits.length;
      seen.over += Number((all.verdicts()[0]?.over ?? 0) > 0);
    }),
    { numRuns: 300, seed: 20_261_120 },
  );
  // A world in which little happens proves little.
  expect([seen.grants > 2_000, seen.limits > 1_000, seen.restarts > 1_000, seen.over > 20]).toEqual([true, true, true, true]);
}, 60_000);
