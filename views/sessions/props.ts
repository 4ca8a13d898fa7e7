/** What the views of sessions are given. Built by src/http/session-model.ts. */

import type { ExitSeen, RunRecord } from "../../src/fleet/fleet.ts";
import type { Tone } from "../../src/fleet/states.ts";
import type { AskedCounts } from "../../src/permits/asked.ts";
import type { Rate, Tally } from "../../src/results/numbers.ts";
import type { LampProps } from "../board/props.ts";

/** Whether a lever can be pulled; if not, why. */
export type Lever = { ready: true } | { ready: false; why: string };

export interface SessionProps {
  id: string;
  name: string;
  program: string;
  pairs: { id: string; priority: boolean }[];
  lamp: LampProps;
  /** What the table is sorted by; 0: as it should be. */
  trouble: number;
  /** The state in a sentence. */
  why: string;
  wanted: "up" | "down";
  wantedBy: string;
  wantedReason: string | null;
  wantedAt: number;
  /** When the wish turns into its opposite. */
  wantedUntil: number | null;
  startedAt: number | null;
  pid: number | null;
  screenPid: number | null;
  cpu: number | null;
  memoryBytes: number | null;
  restarts: number;
  /** The name under which its living run was started. */
  runsAs: string | null;
  adopted: boolean;
  restartPending: boolean;
  /** What changed in its program's folder since the run began. */
  codeChanged: string | null;
  exit: ExitSeen | null;
  nextTryAt: number | null;
  killAt: number | null;
  lastLines: string[];
  total: Tally;
  rate: Rate;
  tone: Tone;
  levers: { start: Lever; stop: Lever; restart: Lever; retire: Lever };
  /** Its terminal is frozen: it can be thawed. */
  thaws: boolean;
  /** A retry is set: it can be given up. */
  surrenders: boolean;
  /** Start means "forget the crash loop and try now". */
  retries: boolean;
}

/** What it asked for since Signalbox started. */
export interface PermitProps extends AskedCounts {
  since: number;
}

export interface SessionDetailProps {
  session: SessionProps;
  permits: PermitProps;
  now: number;
  output: string[];
  runs: RunRecord[];
  /** The reader may pull levers. */
  acts: boolean;
}
