/** What measuring by output needs of the house, and what it tells. */

import type { Clock } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { Loop } from "../../kernel/loop.ts";
import type { Taken } from "../ingest.ts";
import type { Engine } from "./engine.ts";
import type { PairPlace } from "./line.ts";
import type { Positions } from "./positions.ts";
import type { Printed } from "./printed.ts";
import type { Rulebook } from "./rulebook.ts";

export interface MeteredSession {
  id: string;
  program: string;
  pairs: readonly PairPlace[];
}

export interface MeteringOptions {
  rulebook: Rulebook;
  printed: Printed;
  positions: Positions;
  /** Of sessions that are not retired. */
  sessions(): readonly MeteredSession[];
  /** Wall ms at which a run began. */
  startedAt(run: string): number;
  /** Whether a run has ended and all it printed is in its file. */
  isOver(session: string, run: string): boolean;
  accept(program: string, session: string, items: readonly unknown[]): Promise<Taken>;
  /** A line without what moves a terminal's cursor. */
  plain(line: string): string;
  phoneHash(number: string): string;
  onCredit(program: string, gateway: string | null, credit: number, at: number): void;
  /** A time without an offset, as the programs of this machine write it, in wall ms. */
  localTime(text: string): number;
  clock: Clock;
  log: Log;
}

/** Of a program, since Signalbox started. */
export interface Metered {
  lines: number;
  /** By place of the pattern. */
  matched: number[];
  accepted: number;
  duplicate: number;
  rejected: number;
  /** What a rejected result was told last. */
  lastRejection: string | null;
  /** Cut away before they were read. */
  skippedBytes: number;
  /** Lines of which only the first part was looked at. */
  cutLines: number;
  lastMatchAt: number | null;
  /** By place: why a pattern is switched off until it is edited. */
  off: ReadonlyMap<number, string>;
  /** It has posted results too: what it tells twice under two ids is counted twice. */
  alsoPosts: boolean;
}

export interface Metering {
  of(program: string): Metered | undefined;
  /** A program posted results itself. */
  heard(program: string): void;
  /** Something about these sessions changed: a start, an end. */
  touch(sessions: readonly string[]): void;
  /** Sessions or programs are others now. */
  reconfigure(): void;
  loop: Loop;
  /** Takes what is there up to now, and stops. */
  stop(): Promise<void>;
}

export function nothingYet(engine: Engine): Metered {
  return {
    lines: 0,
    matched: [],
    accepted: 0,
    duplicate: 0,
    rejected: 0,
    lastRejection: null,
    skippedBytes: 0,
    cutLines: 0,
    lastMatchAt: null,
    off: engine.off,
    alsoPosts: false,
  };
}
