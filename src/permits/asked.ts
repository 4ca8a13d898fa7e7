/**
 * What each session asked for and was answered since Signalbox started: for people who look at one session. In memory, so a restart begins
 * anew; what was granted stands in the rows of the grants.
 */

import type { PermitAnswer } from "./permit.ts";

export interface AskedCounts {
  granted: number;
  /** By reason. */
  refused: Record<string, number>;
  /** Asked and not answered yet. */
  waiting: number;
  /** Uptime of its newest grant; null: none yet. */
  lastUptimeMs: number | null;
}

export interface Asked {
  hear(session: string | null, answer: Promise<PermitAnswer>): void;
  /** By id. */
  of(session: string): AskedCounts;
  /** Wall ms from which it counts. */
  since: number;
}

/** `sessionId`: of a label or an id; undefined for what is none of ours, since a caller's invention must not grow a map. */
export function openAsked(since: number, sessionId: (idOrName: string) => string | undefined): Asked {
  const counts = new Map<string, AskedCounts>();

  function countsOf(id: string): AskedCounts {
    let known = counts.get(id);
    if (!known) {
      known = { granted: 0, refused: {}, waiting: 0, lastUptimeMs: null };
      counts.set(id, known);
    }
    return known;
  }

  return {
    since,
    hear(session, answer) {
      const id = session === null ? undefined : sessionId(session);
      if (id === undefined) return;
      const own = countsOf(id);
      own.waiting++;
      answer.then(
        (given) => {
          own.waiting--;
          if (given.granted) {
            own.granted++;
            own.lastUptimeMs = Math.max(own.lastUptimeMs ?? 0, given.grantedUptimeMs);
          } else own.refused[given.reason] = (own.refused[given.reason] ?? 0) + 1;
        },
        () => {
          own.waiting--;
        },
      );
    },
    of(session) {
      const { refused, ...own } = counts.get(session) ?? { granted: 0, refused: {}, waiting: 0, lastUptimeMs: null };
      return { ...own, refused: { ...refused } };
    },
  };
}
