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
  /** Names it had: its program may go on reporting under one until it is restarted, and old links lead here. */
  formerNames?: string[];
  program: string;
  pairs: string[];
  desired: Desired;
  /** The ended run after which somebody said that no retry shall follow; void as soon as there is a newer one. */
  surrender?: { run: string; by: string; at: number } | null;
  retiredAt: number | null;
  /** In what an older Signalbox stored there is none. */
  retiredBy?: string;
  version: number;
  createdAt: number;
}

/** Longest name that screen can address by a prefix of its own. */
const LONGEST_NAME = 60;

/** Program and first pair. What does not fit is cut, and `-` and a sign of the whole name stand for it: two long names stay two. */
export function defaultSessionName(program: string, firstPair: string): string {
  const whole = `${program}_${firstPair}`;
  if (whole.length <= LONGEST_NAME) return whole;
  const sign = Bun.hash.xxHash64(whole).toString(36).padStart(13, "0").slice(-8);
  return `${whole.slice(0, LONGEST_NAME - sign.length - 1)}-${sign}`;
}
