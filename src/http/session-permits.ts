/** What a session has of permits, as the API gives it: its slots in the windows as they are now, and what it asked for since the start. */

import { z } from "zod";
import { type Clock, iso } from "../kernel/clock.ts";
import type { Directory } from "../pairs/directory.ts";
import type { Session } from "../pairs/session.ts";
import type { Asked } from "../permits/asked.ts";
import type { Holder, Permits } from "../permits/permit.ts";

export interface SessionPermitSources {
  directory: Pick<Directory, "pair">;
  permits: Pick<Permits, "proof">;
  asked: Pick<Asked, "of" | "since">;
  clock: Clock;
}

export const sessionPermits = z.object({
  in_window: z.number().describe("Granted to it and still counted in the windows of its countries"),
  last_at: z.string().nullable().describe("Of its newest permit; null: none in a window that still counts, and none since `since`"),
  waiting: z.number().describe("Asked for and not answered yet"),
  granted: z.number().describe("Since `since`"),
  refused: z.record(z.string(), z.number()).describe("By reason, since `since`"),
  since: z.string().describe("When this Signalbox began to count"),
});

/** Each country's window is read once, however many sessions are asked for. */
export function permitsBySession({ directory, permits, asked, clock }: SessionPermitSources) {
  const countries = new Map<string, Map<string, Holder[]>>();
  const since = iso(asked.since);

  function holdersIn(country: string): Map<string, Holder[]> {
    let known = countries.get(country);
    if (!known) {
      known = Map.groupBy(
        permits.proof(country).grants.filter(({ session }) => session !== null),
        ({ session }) => session!,
      );
      countries.set(country, known);
    }
    return known;
  }

  return ({ id, pairs }: Pick<Session, "id" | "pairs">): z.infer<typeof sessionPermits> => {
    const own = new Set(pairs.flatMap((pair) => directory.pair(pair)?.country ?? []));
    const held = [...own].flatMap((country) => holdersIn(country).get(id) ?? []);
    const { granted, refused, waiting, lastUptimeMs } = asked.of(id);
    const sinceMs = lastUptimeMs === null ? [] : [clock.uptimeMs() - lastUptimeMs];
    const agoMs = Math.min(...held.map(({ ageMs }) => ageMs), ...sinceMs);
    return {
      in_window: held.length,
      last_at: Number.isFinite(agoMs) ? iso(Math.round(clock.now() - agoMs)) : null,
      waiting,
      granted,
      refused,
      since,
    };
  };
}
