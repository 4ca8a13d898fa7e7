/**
 * Port: what programs have printed, byte by byte, with places that stay what they are: a byte keeps its number in the run's whole output
 * also when older ones are cut away.
 */

export interface Span {
  /** First byte that is kept, and the one behind the last. */
  begin: number;
  end: number;
}

export interface Printed {
  /** Runs of a session whose output is kept, oldest first. */
  runs(session: string): string[];
  span(session: string, run: string): Span;
  /** At most `bytes` from `from` on; fewer where the kept part ends. */
  read(session: string, run: string, from: number, bytes: number): Uint8Array;
  /** Calls back when something was printed. null: it cannot be watched (yet), look from time to time. */
  watch(session: string, onChange: () => void): (() => void) | null;
}
