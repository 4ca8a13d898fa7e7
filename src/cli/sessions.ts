/** A session as GET /api/sessions gives it: the fields the command line reads. */

import { LAMPS, type LampState } from "../fleet/states.ts";

export interface SessionAnswer {
  id: string;
  name: string;
  program: string;
  pairs: string[];
  state: LampState;
  why: string;
  run: string | null;
  pid: number | null;
  screen_pid: number | null;
  started_at: string | null;
  restarts: number;
  desired: { state: "up" | "down" };
  total: { sent: number; delivered: number; undelivered: number; failed: number };
  rate: { kind: "rate"; value: number; lower: number; upper: number; n: number } | { kind: "insufficient"; n: number; needed: number };
}

/** The word people read for its state: "retrying". */
export function lampWord({ state }: SessionAnswer): string {
  return LAMPS[state]?.word ?? state;
}
