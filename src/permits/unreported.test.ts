import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Grant } from "./permit.ts";
import { permitIdOf } from "./permit-id.ts";
import { openUnreported } from "./unreported.ts";

const PAIRS = ["UZ_uzmobile", "IN_airtel"];
const SESSIONS = [null, "s_1", "s_2"];

function grantOf(number: number, pair = PAIRS[0]!, session: string | null = null): Grant {
  return {
    ...{ permitId: permitIdOf(number), country: pair.slice(0, 2), pair, gateway: null, program: "program1", session, bootId: "boot-1" },
    ...{ grantedUptimeMs: number, leaseMs: 2_000, grantedAt: number, reportedUptimeMs: null, abandoned: false },
  };
}

test("whatever comes and goes in whatever order, it knows what a plain list knows", () => {
  const step = fc.record({
    what: fc.constantFrom("add", "add", "add", "swapped", "report", "report oldest"),
    pair: fc.constantFrom(...PAIRS),
    session: fc.constantFrom(...SESSIONS),
    which: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const unreported = openUnreported();
      let list: Grant[] = [];
      let number = 1_000;
      const remove = (grant: Grant) => {
        unreported.remove(grant);
        list = list.filter((other) => other !== grant);
      };
      const add = (grant: Grant) => {
        unreported.add(grant);
        list.push(grant);
        list.sort((a, b) => a.grantedUptimeMs - b.grantedUptimeMs);
      };
      for (const { what, pair, session, which } of steps) {
        const own = list.filter((grant) => grant.pair === pair);
        const fits = own.find((grant) => session === null || grant.session === session) ?? own.find((grant) => grant.session === null);
        expect(unreported.oldest("program1", pair, session)).toBe(fits);
        if (what === "add") add(grantOf(number++, pair, session));
        else if (what === "swapped") {
          add(grantOf(number + 1, pair, session));
          add(grantOf(number, pair, session));
          number += 2;
        } else if (what === "report" && list.length > 0) remove(list[which % list.length]!);
        else if (fits) remove(fits);
      }
      for (let n = 1_000; n < number; n++) {
        const known = list.find((grant) => grant.grantedUptimeMs === n);
        for (const pair of PAIRS) expect(unreported.get(permitIdOf(n), "program1", pair)).toBe(known?.pair === pair ? known : undefined);
      }
    }),
  );
});

test("one that is never reported stays the oldest, however many come and go after it", () => {
  const unreported = openUnreported();
  unreported.add(grantOf(1));
  for (let number = 2; number < 5_000; number++) {
    unreported.add(grantOf(number));
    unreported.remove(grantOf(number));
  }
  expect(unreported.oldest("program1", PAIRS[0]!, null)?.permitId).toBe(permitIdOf(1));
});

test("of more than a thousand of one program and pair the oldest are forgotten", () => {
  const unreported = openUnreported();
  for (let number = 1; number <= 1_500; number++) unreported.add(grantOf(number));
  expect(unreported.oldest("program1", PAIRS[0]!, null)?.permitId).toBe(permitIdOf(501));
  expect(unreported.get(permitIdOf(500), "program1", PAIRS[0]!)).toBeUndefined();
  expect(unreported.get(permitIdOf(1_500), "program1", PAIRS[0]!)?.grantedUptimeMs).toBe(1_500);
});

test("a permit of another program or pair, and what is no id, is not here", () => {
  const unreported = openUnreported();
  unreported.add(grantOf(7));
  expect(unreported.get(permitIdOf(7), "program2", PAIRS[0]!)).toBeUndefined();
  expect(unreported.get(permitIdOf(7), "program1", PAIRS[1]!)).toBeUndefined();
  expect(unreported.get("seven", "program1", PAIRS[0]!)).toBeUndefined();
});
