import { expect, test } from "bun:test";
import fc from "fast-check";
import { fakeClock } from "../../kernel/clock.ts";
import { quiet } from "../../kernel/log.ts";
import { openTopic } from "../../kernel/topic.ts";
import type { Taken } from "../ingest.ts";
import type { MessageSaid } from "./line.ts";
import type { Metering } from "./metered.ts";
import { openMetering } from "./metering.ts";
import type { PatternSet } from "./pattern.ts";
import type { Position } from "./positions.ts";

const UZ = { id: "UZ_uzmobile", country: "UZ", operator: "uzmobile", operatorName: "UzMobile" };

/** A machine that can be cut off anywhere: what programs printed and what is stored outlive Signalbox. */
function openMachine() {
  const clock = fakeClock();
  const output = new Map<string, string>();
  const journal = new Map<string, MessageSaid>();
  let stored: Position[] = [];
  let fails: "never" | "before" | "between" = "never";
  const set: PatternSet = {
    program: "printer",
    patterns: [
      { regex: "sent(?: id=(?<message_id>\\w+))?", state: "submitted" },
      { regex: "(?:(?<message_id>\\w+) )?done", state: "delivered" },
    ],
    ids: "program",
    since: 0,
    version: 1,
    updatedAt: 0,
    updatedBy: "anna",
  };
  const open = (): Promise<Metering> =>
    openMetering({
      rulebook: { of: () => set, version: () => 1, programs: () => ["printer"], set: async () => set, changed: openTopic() },
      printed: {
        runs: () => [...output.keys()].sort(),
        span: (_session, run) => ({ begin: 0, end: bytesOf(run).length }),
        read: (_session, run, from, most) => ({
          begin: 0,
          end: bytesOf(run).length,
          from,
          bytes: bytesOf(run).subarray(from, from + most),
        }),
        watch: () => null,
      },
      positions: {
        load: async () => structuredClone(stored),
        save: async (positions) => {
          if (fails === "between") throw new Error("cut off");
          stored = structuredClone([...positions]);
        },
        drop: async () => {},
      },
      sessions: () => [{ id: "s_1", program: "printer", pairs: [UZ] }],
      startedAt: () => clock.now(),
      isOver: (_session, run) => run !== [...output.keys()].sort().at(-1),
      async accept(_program, _session, items): Promise<Taken> {
        if (fails === "before") throw new Error("cut off");
        const taken: Taken = { accepted: 0, duplicate: 0, rejected: [] };
        for (const item of items as MessageSaid[]) {
          const key = `${item.message_id} ${item.state}`;
          if (journal.has(key)) taken.duplicate++;
          else taken.accepted++;
          journal.set(key, item);
        }
        return taken;
      },
      plain: (line) => line,
      phoneHash: (number) => number,
      onCredit: () => {},
      localTime: () => Number.NaN,
      clock,
      log: quiet,
    });
  const bytesOf = (run: string) => new TextEncoder().encode(output.get(run) ?? "");
  return {
    open,
    print: (run: string, text: string) => void output.set(run, (output.get(run) ?? "") + text),
    fail: (how: typeof fails) => {
      fails = how;
    },
    tick: () => clock.advance(60_000),
    states: () => [...journal.values()].map(({ state }) => state).sort(),
  };
}

const line = fc.constantFrom("sent", "sent id=a1", "a1 done", "done", "noise", "sent id=b2", "b2 done", "se", "nt\n", "\n");
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("print" as const), line, newline: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("look" as const), fails: fc.constantFrom("never", "before", "between") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("next run" as const) }) },
);

test("wherever it is cut off, what was printed is counted as by one who read it all at once", async () => {
  let counted = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const torn = openMachine();
      const whole = openMachine();
      let run = 1;
      let metering = await torn.open();
      const look = () => metering.loop.runOnce().catch(() => {});
      for (const one of steps) {
        torn.tick();
        if (one.kind === "print") {
          for (const machine of [torn, whole]) machine.print(`r_${run}`, one.line + (one.newline ? "\n" : ""));
        } else if (one.kind === "look") {
          torn.fail(one.fails as "never");
          await look();
          torn.fail("never");
        } else if (one.kind === "restart") {
          metering = await torn.open();
        } else {
          run++;
          for (const machine of [torn, whole]) machine.print(`r_${run}`, "");
        }
      }
      // The last run ends, so that a line without its newline is one.
      for (const machine of [torn, whole]) machine.print(`r_${run + 1}`, "");
      for (let turn = 0; turn < run + 3; turn++) {
        torn.tick();
        await look();
      }
      const reader = await whole.open();
      for (let turn = 0; turn < run + 3; turn++) {
        whole.tick();
        await reader.loop.runOnce();
      }
      counted += whole.states().length;
      expect(torn.states()).toEqual(whole.states());
    }),
    { numRuns: 500 },
  );
  expect(counted).toBeGreaterThan(300);
});
