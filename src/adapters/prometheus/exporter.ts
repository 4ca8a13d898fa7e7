/**
 * Everything /metrics tells: the flow counted here, and what pairs, permits, sessions, loops and the process are at the scrape.
 * prom-client is loaded with the first result or scrape, not at start.
 */

import type { Fleet } from "../../fleet/fleet.ts";
import type { LoopHealth } from "../../kernel/loop.ts";
import type { Directory } from "../../pairs/directory.ts";
import type { Breaches } from "../../permits/breaches.ts";
import type { Holds } from "../../permits/holds.ts";
import type { Permits } from "../../permits/permit.ts";
import type { Delta } from "../../results/journal.ts";
import type { Counters } from "../../results/numbers.ts";

export interface ExporterSources {
  directory: Directory;
  fleet: Fleet;
  permits: Permits;
  breaches: Pick<Breaches, "current" | "totals">;
  holds: Pick<Holds, "list">;
  counters: Counters;
  loops: () => readonly LoopHealth[];
  /** The worst event-loop lag of the last seconds, ms. */
  lagMs: () => number;
  now: () => number;
}

export interface Exporter {
  contentType: string;
  /** To be told every new delta, as the counters are. */
  observe(deltas: readonly Delta[]): void;
  /** The text of one scrape. Steps aside for other requests every few milliseconds. */
  text(): Promise<string>;
}

export function openExporter(sources: ExporterSources): Exporter {
  const restartsOf = countRestarts(sources.fleet);
  let loading: Promise<Scraped> | null = null;
  let scraped: Scraped | null = null;
  /** What came while prom-client was being loaded. */
  let early: Delta[] = [];

  async function load(): Promise<Scraped> {
    const { openScraped } = await import("./scraped.ts");
    scraped = openScraped(sources, restartsOf);
    scraped.observe(early);
    early = [];
    return scraped;
  }

  return {
    contentType: "text/plain; version=0.0.4; charset=utf-8",
    observe(deltas) {
      if (scraped) return scraped.observe(deltas);
      early.push(...deltas);
      loading ??= load();
    },
    async text() {
      loading ??= load();
      return (await loading).text();
    },
  };
}

/** The part of it that needs prom-client. */
export type Scraped = Pick<Exporter, "observe" | "text">;

/** Counts a session's runs after the first that was seen. */
function countRestarts(fleet: Fleet): (session: string) => number {
  const seen = new Map<string, { run: string; restarts: number }>();
  const look = (session: string) => {
    const run = fleet.status(session)?.run;
    if (!run) return;
    const last = seen.get(session);
    if (!last) seen.set(session, { run, restarts: 0 });
    else if (last.run !== run) seen.set(session, { run, restarts: last.restarts + 1 });
  };
  for (const status of fleet.all()) look(status.session);
  fleet.changed.subscribe((sessions) => sessions.forEach(look));
  return (session) => seen.get(session)?.restarts ?? 0;
}
