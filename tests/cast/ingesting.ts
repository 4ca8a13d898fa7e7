/** A process of its own that takes results in as fast as it can and says each acknowledged number on a line: to be killed. argv: store, first number. */

import { openStore } from "../../src/adapters/sqlite/store.ts";
import { fakeClock } from "../../src/kernel/clock.ts";
import { ownMetering } from "./metering.ts";

const [path, first] = [process.argv[2]!, Number(process.argv[3])];
const store = await openStore({ path, onDeath: () => process.exit(1) });
const clock = fakeClock();
const metering = await ownMetering(store, clock);
let next = first;

async function send(): Promise<void> {
  for (;;) {
    const numbers = Array.from({ length: 1 + (next % 7) }, () => next++);
    const items = numbers.flatMap((n) => [
      { country: "UZ", operator: "uzmobile", message_id: `m${n}`, state: "submitted" },
      { country: "UZ", operator: "uzmobile", message_id: `m${n}`, state: "delivered" },
    ]);
    const { accepted } = await metering.ingest.accept("program1", "s_1", items);
    if (accepted !== items.length) throw new Error(`accepted ${accepted} of ${items.length}`);
    process.stdout.write(`${numbers.join("\n")}\n`);
  }
}

async function roll(): Promise<void> {
  for (;;) {
    await metering.loops.find((loop) => loop.name === "results.roll")!.runOnce();
    // With nothing new it is done at once, and would leave the others no turn.
    await new Promise(setImmediate);
  }
}

await Promise.all([send(), send(), send(), roll()]);
