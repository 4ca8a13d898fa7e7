/** What the views of pairs are given. */

import type { Pair } from "../../src/pairs/pair.ts";
import type { PairProps } from "../board/props.ts";

export interface PairRowProps {
  pair: Pair;
  shown: PairProps;
  countryName: string;
}

/** What somebody else saved against what was typed here. */
export interface Difference {
  field: string;
  now: string;
  yours: string;
}
