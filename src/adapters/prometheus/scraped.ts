/** The families of /metrics in their order, and the text of a scrape. */

import type { ExporterSources, Scraped } from "./exporter.ts";
import { render } from "./family.ts";
import { openFlow } from "./flow.ts";
import { pairFamilies } from "./pairs.ts";
import { partFamilies } from "./parts.ts";
import { permitFamilies } from "./permits.ts";
import { sessionFamilies } from "./sessions.ts";

export function openScraped(sources: ExporterSources, restartsOf: (session: string) => number): Scraped {
  const { directory, fleet, permits, counters, loops, lagMs, now } = sources;
  const flow = openFlow();
  return {
    observe: flow.observe,
    text() {
      // Several families read the same thing: each pair and country is asked once a scrape.
      const rateOf = remembered((pair) => counters.pair(pair).rate);
      const proofOf = remembered((country) => permits.proof(country));
      return render([
        ...flow.families,
        ...pairFamilies(directory, rateOf),
        ...permitFamilies(directory, permits, sources.breaches, { list: sources.holds.list, now: sources.now }, proofOf),
        ...sessionFamilies(directory, fleet, restartsOf, now),
        ...partFamilies(loops, lagMs),
      ]);
    },
  };
}

function remembered<T>(read: (id: string) => T): (id: string) => T {
  const known = new Map<string, T>();
  return (id) => {
    let value = known.get(id);
    if (value === undefined) {
      value = read(id);
      known.set(id, value);
    }
    return value;
  };
}
