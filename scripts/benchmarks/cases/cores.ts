/** The limiter and the journal without HTTP, so that what HTTP adds can be told apart. */

import { timerLagP99 } from "../calibration.ts";
import { type Case, ratio, value } from "../case.ts";
import { ms } from "../figures.ts";
import { journalAppends, sqliteAlone } from "../ingest-core.ts";
import { measureDecisions, measureSlotUse } from "../permits-core.ts";

const RESULTS = 100_000;

export const cores: Case = {
  name: "cores",
  summary: "the limiter and the journal in process, without HTTP",
  async run(stage) {
    stage.say("decisions of the limiter");
    const decisions = await measureDecisions();
    stage.say("1,000 waiting permits over 100 countries");
    const slots = await measureSlotUse();
    const lag = await timerLagP99();
    stage.say("the journal");
    const ours = await journalAppends(RESULTS, 100);
    const alone = sqliteAlone(RESULTS, 100);
    const ring = { name: "ring buffer", value: decisions.ring };
    return [
      ratio("limiter, the decision", "/s", decisions.window, ring, { atLeast: 0.2 }),
      ratio("limiter, through the port", "/s", decisions.port, ring, { atLeast: 0.05 }),
      value(
        "slot free to used, p99",
        "ms",
        slots.p99Ms,
        { atMost: 20 },
        `p50 ${ms(slots.p50Ms)}, ${slots.slots} slots; timer lag p99 ${ms(lag)}`,
      ),
      value("CPU while they wait, of one core", "%", slots.cores * 100, { atMost: 2 }),
      ratio("journal, batch 100", "/s", ours.perSecond, { name: "bun:sqlite alone", value: alone.perSecond }, null),
    ];
  },
};
