/**
 * Port: how far the output of each session was counted. Written after the results of what lies before it: a line that is read twice gives
 * duplicates, and none is left out.
 */

import type { Open } from "./line.ts";

export interface Position {
  session: string;
  run: string;
  /** Byte of the run's whole output at which the next line begins. */
  place: number;
  /** Inside a line that is longer than all that is looked at: its rest is passed over. */
  inLongLine: boolean;
  open: readonly Open[];
  /** Wall ms of the look. */
  at: number;
}

export interface Positions {
  load(): Promise<Position[]>;
  /** All or none. */
  save(positions: readonly Position[]): Promise<void>;
  drop(sessions: readonly string[]): Promise<void>;
}
