/**
 * Port: what programs have printed, byte by byte, with places that stay what they are: a byte keeps its number in the run's whole output
 * also when older ones are cut away.
 */

export interface Span {
  /** First byte that is kept, and the one behind the last. */
  begin: number;
  end: number;
}

/** What is kept, and a part of it. */
export interface Stretch extends Span {
  /** Number of its first byte. */
  from: number;
  bytes: Uint8Array;
}

export interface Printed {
  /** Runs of a session whose output is kept, oldest first. */
  runs(session: string): string[];
  span(session: string, run: string): Span;
  /** At most `most` bytes from `from` on, or from where the kept part begins when that is later. */
  read(session: string, run: string, from: number, most: number): Stretch;
  /** Calls back when something was printed. null: it cannot be watched (yet), look from time to time. */
  watch(session: string, onChange: () => void): (() => void) | null;
}
