/** One GNU screen session running one program for one or more pairs. Its id never changes; its name is a label. */

import { z } from "zod";
import { pairId } from "./pair.ts";
import { programName } from "./program.ts";

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

// screen refuses `/`, matches by prefix and cannot address names near 80 characters: research/supervisors 3.2
export const sessionName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/, "must be at most 60 letters, digits, _ and -");

export const newSession = z.strictObject({
  program: programName,
  pairs: z.array(pairId).min(1, "must name at least one pair").max(100),
  name: sessionName.optional(),
});
export type NewSession = z.infer<typeof newSession>;

export const desiredChange = z.strictObject({
  state: z.enum(["up", "down"]),
  reason: z.string().trim().max(500).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
});

/** Program and first pair, cut to what screen can address; `-` marks the cut. */
export function defaultSessionName(program: string, firstPair: string): string {
  return `${program}_${firstPair}`.slice(0, 60);
}
