/** One GNU screen session running one program for one or more pairs. Its id never changes; its name is a label. */

export interface Desired {
  state: "up" | "down";
  by: string;
  reason: string | null;
  at: number;
  /** When the wish ends and turns into its opposite, or null for ever. */
  until: number | null;
}

export interface Session {
  /** `s_0mg3k2v8z4f7q2x9`: immutable. */
  id: string;
  node: string;
  /** `program1_UZ_uzmobile`, unique per node. Looked up in a map, never split. */
  name: string;
  program: string;
  pairs: string[];
  desired: Desired;
  /** The ended run after which somebody said that no retry shall follow; void as soon as there is a newer one. */
  surrender?: { run: string; by: string; at: number } | null;
  retiredAt: number | null;
  version: number;
  createdAt: number;
}

/** Program and first pair, cut to what screen can address; `-` marks the cut. */
export function defaultSessionName(program: string, firstPair: string): string {
  return `${program}_${firstPair}`.slice(0, 60);
}
