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

export interface Hearing extends Traffic {
  /** A permit was asked for, or a result told, by a session (id or name) or by nobody we know. */
  hear(session: string | null): void;
}

/** Remembers when each session was heard last. Only of sessions that exist, so that it cannot grow. */
export function openTraffic(
  clock: Clock,
  sessionId: (idOrName: string) => string | undefined,
  more: Pick<Traffic, "reports" | "freeSlots">,
): Hearing {
  const last = new Map<string, number>();
  return {
    ...more,
    hear(session) {
      const id = session === null ? undefined : sessionId(session);
      if (id !== undefined) last.set(id, clock.now());
    },
    lastAt: (session) => last.get(session) ?? null,
  };
}
