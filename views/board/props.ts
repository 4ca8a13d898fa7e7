/** What the board's views are given. Built by src/http/board-model.ts. */

import type { LampState, Tone } from "../../src/fleet/states.ts";
import type { Latency, Rate } from "../../src/results/numbers.ts";

export interface LampProps {
  /** Name of the session: also the way to its page. */
  session: string;
  state: LampState;
  word: string;
  tone: Tone;
}

export interface PairProps {
  id: string;
  country: string;
  operatorName: string;
  priority: boolean;
  active: boolean;
  lamps: LampProps[];
  rate: Rate;
  /** Of the rate against the pair's threshold. */
  tone: Tone;
  sentLastMinute: number;
  p90Ms: number | null;
}

export interface BudgetProps {
  used: number;
  limit: number;
  windowMs: number;
  waiting: number;
  /** More was sent than the limit allows, and the window still holds it. */
  broken: boolean;
  /** Wall ms when the next slot is free; null while one is. */
  freeAt: number | null;
  /** Wall ms of the grants in the window. */
  grantsAt: number[];
  /** Wall ms this was read at: the strip's right edge. */
  at: number;
}

export interface LineProps {
  code: string;
  name: string;
  budget: BudgetProps;
  pairs: PairProps[];
  /** What the lines are sorted by. */
  trouble: number;
  volume: number;
  rate: number;
}

export interface TallyProps {
  state: LampState;
  word: string;
  tone: Tone;
  n: number;
}

export interface FiguresProps {
  sentLastMinute: number;
  /** Permits of a minute, over all countries with a pair. */
  possible: number;
  rate: Rate;
  rateTone: Tone;
  failed: number;
  /** By class, most frequent first, share of all errors counted. */
  errors: { name: string; share: number }[];
  latency: Latency | null;
  problems: LampProps[];
}

export type Sort = "trouble" | "country" | "volume" | "rate";

export interface BoardProps {
  now: number;
  tally: TallyProps[];
  figures: FiguresProps;
  always: PairProps[];
  lines: LineProps[];
  totals: { pairs: number; countries: number; sessions: number; programs: number };
  sort: Sort;
  query: string;
}
