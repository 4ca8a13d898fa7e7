/** What the rest of the house knows of a session's sending: enough to tell a program that waits for its turn from one that has fallen silent. */

import type { Clock } from "../kernel/clock.ts";

export interface Traffic {
  /** Wall ms of the newest permit it asked for or result it told, since we listen; null: none. */
  lastAt(session: string): number | null;
  /** Whether the program has ever told of a message, at any time. */
  reports(program: string): boolean;
  /** Slots that are free for the pair now; 0 when it may not send at all. */
  freeSlots(pair: string): number;
}

/** Nobody listens, so nobody is silent. */
export const noTraffic: Traffic = { lastAt: () => null, reports: () => false, freeSlots: () => 0 };

export interface Heard {
  hear(session: string | null): void;
  lastAt(session: string): number | null;
}

/** Remembers when each session was heard last. Only of sessions that exist, so that it cannot grow. */
export function openHeard(clock: Clock, sessionId: (idOrName: string) => string | undefined): Heard {
  const last = new Map<string, number>();
  return {
    hear(session) {
      const id = session === null ? undefined : sessionId(session);
      if (id !== undefined) last.set(id, clock.now());
    },
    lastAt: (session) => last.get(session) ?? null,
  };
}
