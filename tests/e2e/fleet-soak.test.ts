/** The soak of the fleet in seconds: chance does to it what half an hour of it does in scripts/soak --fleet, and the same promises hold. */

import { expect, test } from "bun:test";
import { fleetSoak } from "../soak/fleet-soak.ts";
import { table } from "../soak/promises.ts";

test("killed, stopped, edited, frozen, restarted by chance: every session is what was asked for, and the history explains the way", async () => {
  const said: string[] = [];
  const promises = await fleetSoak({ ms: 15_000, seed: 7, scale: 0, everyMs: 200, say: (line) => void said.push(line) });
  const broken = promises.filter(({ faults }) => faults.length > 0);
  // The lines of the way there say what was going on when one breaks.
  expect(broken.length === 0 ? [] : [...table(broken), ...said]).toEqual([]);
  expect(promises.length).toBeGreaterThan(10);
}, 240_000);
