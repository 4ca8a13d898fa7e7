/** What the views of pairs are given. */

import type { Child } from "hono/jsx";
import type { ImportPlan } from "../../src/pairs/import.ts";
import type { Pair } from "../../src/pairs/pair.ts";
import type { PairProps } from "../board/props.ts";
import type { Choice, FormState } from "../fields.tsx";

export interface PairRowProps {
  pair: Pair;
  shown: PairProps;
  countryName: string;
}

export const PAIR_SORTS = ["country", "pair", "sent", "rate", "weight", "limit", "active"] as const;
export type PairSort = (typeof PAIR_SORTS)[number];

/** Which part of the list, and how it is sorted. */
export interface PairView {
  query: string;
  sort: PairSort;
  down: boolean;
  /** Of the first row, from 0. */
  from: number;
}

/** What somebody else saved against what was typed here, and what it was when the typing began. */
export interface Difference {
  name: string;
  label: string;
  was: string;
  now: string;
  yours: string;
  /** What is chosen at first: whoever alone changed it, else what is saved. */
  take: "now" | "yours";
}

export interface ConflictProps {
  id: string;
  /** The version that is saved now. */
  version: number;
  differences: Difference[];
  /** All fields of the form as they were typed, and as they are saved now. */
  typed: Record<string, string>;
  saved: Record<string, string>;
  /** It began in a row of the list. */
  inline: boolean;
}

/** A long list, drawn already. */
export interface Drawn {
  n: number;
  items: Child;
}

export interface ManyPairsProps {
  /** As typed. */
  form: FormState;
  choices: { country: Choice[]; tag: Choice[] };
  /** How many the selection holds. */
  selected: number;
  /** null while no change is chosen. */
  preview: {
    hash: string;
    touched: Drawn;
    refused: Drawn;
    unchanged: Drawn;
  } | null;
  notice: string | null;
}

export interface ImportProps {
  form: FormState;
  /** What was read, to be sent back with the confirmation. */
  text: string;
  plan: (Pick<ImportPlan, "counts" | "hash"> & { told: Child | null; unchanged: string[] }) | null;
  /** Why the file as a whole cannot be read. */
  refused: { sentence: string; errors: { field: string; message: string }[] } | null;
  notice: string | null;
}
