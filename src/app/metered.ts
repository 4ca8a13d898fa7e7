/** What ties measured output to the fleet. */

import type { OpenFleet } from "../fleet/open-fleet.ts";
import type { Terminals } from "../fleet/terminals.ts";
import type { Directory } from "../pairs/directory.ts";
import type { Metering, MeteringOptions } from "../results/patterns/metered.ts";
import type { Results } from "../results/results.ts";

/** Whose output is measured, and what is known of their runs. */
export function meteredBy(
  directory: Directory,
  fleet: OpenFleet,
  terminals: Pick<Terminals, "isOpen">,
): Pick<MeteringOptions, "sessions" | "startedAt" | "isOver" | "localTime"> {
  return {
    sessions: () =>
      directory.sessions().map(({ id, program, pairs }) => ({ id, program, pairs: pairs.flatMap((pair) => directory.pair(pair) ?? []) })),
    // A run's id begins with its birth.
    startedAt: (run) => Number.parseInt(run.slice(2, 11), 36) || 0,
    isOver(session, run) {
      const status = fleet.status(session);
      if (!status?.run) return false;
      return status.run !== run || (status.exit !== null && !terminals.isOpen(run));
    },
    localTime: (text) => new Date(text).getTime(),
  };
}

/** Who posts and is measured by its output as well may be counted twice: its page says so. */
export function heardPosting(metering: Metering, ingest: Results["ingest"]): Results["ingest"] {
  return {
    ...ingest,
    accept(program, session, items) {
      metering.heard(program);
      return ingest.accept(program, session, items);
    },
  };
}
