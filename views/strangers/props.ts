/** What the views of strangers are given. Built by src/http/stranger-model.ts. */

import type { LampState, Tone } from "../../src/fleet/states.ts";

export interface StrangerProps {
  address: string;
  lamp: { state: LampState; word: string; glyph: string; tone: Tone };
  why: string;
  name: string;
  screenPid: number;
  pid: number | null;
  startedAt: number | null;
  command: string;
  folder: string | null;
  user: string;
  variables: readonly string[];
  program: string | null;
  pairs: readonly string[];
  /** What the guess was read from, in words. */
  readFrom: string;
  /** Name of the session that runs the same. */
  doubles: string | null;
  /** Why it cannot be adopted. */
  refusal: string | null;
  /** It looks like a program and its pair that have no session yet. */
  matches: boolean;
}
