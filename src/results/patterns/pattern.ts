/** What an admin may say of a program's output: ordered patterns, each with what a line that it matches says of a message. */

import type { MessageState } from "../message.ts";

/** `ignore`: the line is done with and counts nothing; its `credit` is taken all the same. */
export type PatternState = MessageState | "ignore";

export const PATTERN_STATES: readonly PatternState[] = [
  "submitted",
  "delivered",
  "undelivered",
  "rejected",
  "expired",
  "failed",
  "attempt",
  "buffered",
  "blocked",
  "unknown",
  "ignore",
];

export interface Pattern {
  regex: string;
  state: PatternState;
}

/** How far a message id that a program prints can be trusted: `run` when it counts anew with each start. */
export type IdScope = "program" | "run";

export interface PatternSet {
  program: string;
  /** In order: of those that match a line, the first one counts. */
  patterns: readonly Pattern[];
  ids: IdScope;
  /** When there were none before: what was printed earlier is not counted. */
  since: number;
  version: number;
  updatedAt: number;
  updatedBy: string;
}

export const MOST_PATTERNS = 30;
export const MOST_REGEX = 500;
/** Of a line; the rest is cut. */
export const LINE_CHARACTERS = 4_096;

/** Groups by name; any other is refused, because it would be a typo. */
export const GROUPS = ["message_id", "phone", "code", "country", "operator", "n", "gateway", "credit"] as const;
export type Group = (typeof GROUPS)[number];
export type Groups = Partial<Record<Group, string>>;

export interface Preset {
  id: string;
  title: string;
  patterns: readonly Pattern[];
}

const PHONE = String.raw`(?<phone>\+?\d{8,15})`;
const ID = String.raw`(?<message_id>[\w.-]+)`;

export const PRESETS: readonly Preset[] = [
  {
    id: "phrases",
    title: "sent successfully / submitted successfully / error 30003",
    patterns: [
      { state: "submitted", regex: String.raw`(?:${PHONE}\b.*)?\bsent successfully(?:.*\bid=${ID})?` },
      { state: "delivered", regex: String.raw`(?:${ID} delivered, )?\bsubmitted successfully` },
      { state: "undelivered", regex: String.raw`${ID} failed, error (?<code>\w+)` },
      { state: "buffered", regex: `${ID} pending$` },
      { state: "failed", regex: String.raw`(?:${PHONE} )?\berror (?<code>\d+)` },
    ],
  },
];
