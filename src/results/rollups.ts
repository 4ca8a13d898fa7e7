/**
 * Port: the sums folded from the journal, and how far they contain it. Written whole or not at all, together with the mark, so that a start
 * needs only them and the journal after the mark. Lives where the journal lives.
 */

/** A source: one program sending in one session for one pair. */
export interface SourceKey {
  program: string;
  session: string | null;
  pair: string;
  country: string;
}

/** What is kept of a source beside its blocks. */
export interface SavedSource extends SourceKey {
  /** All-time sums, in the order of tally.ts. */
  totals: number[];
  lastSendAt: number | null;
  lastReceiptAt: number | null;
  /** Messages sent by second of the last minute, and errors by minute and code of the last 15. */
  seconds: [number, number][];
  errors: [number, string, number][];
  latencies: Float64Array;
}

export interface SavedBlock extends SourceKey {
  block: number;
  body: Int32Array;
}

/**
 * Additions to one minute (of submit time) of a pair and program: the sums of tally.ts, then latencies counted and their sum in ms; latencies
 * by class (histogram.ts) and errors by code. They add to every tier, and to the sums of the program and of the fleet (history.ts).
 */
export interface TrendAddition {
  minute: number;
  pair: string;
  program: string;
  sums: number[];
  latencies: [number, number][];
  errors: [string, number][];
}

/** A code of a program that is counted by its name; see additions.ts. */
export interface KnownCode {
  program: string;
  code: string;
}

export interface Roll {
  /** The mark it continues from, and the one it sets. */
  from: number;
  through: number;
  sources: SavedSource[];
  blocks: SavedBlock[];
  trends: TrendAddition[];
  /** New ones. */
  codes: KnownCode[];
  /** Blocks before this one go. */
  keepFrom: number;
}

export interface Saved {
  mark: number;
  sources: SavedSource[];
  blocks: SavedBlock[];
  codes: KnownCode[];
}

export interface Rollups {
  /** Everything, with blocks from `firstBlock` on. */
  load(firstBlock: number): Promise<Saved>;
  /** Throws `conflict` when the mark is not `from` (it was rolled already), and then changed nothing. */
  roll(roll: Roll): Promise<void>;
  mark(): Promise<number>;
}
