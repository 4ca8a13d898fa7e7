/** What the proof of a country is drawn from. */

import type { Breach } from "../../src/permits/breach.ts";
import type { SharedUse } from "../../src/permits/limiter.ts";
import type { CountryProof, Waiting } from "../../src/permits/permit.ts";
import type { Verdict } from "../../src/permits/replay.ts";
import type { BudgetProps } from "../board/props.ts";

/** A link and a word for a session by its id; null: nobody we know. */
export type NameOf = (session: string) => string | null;

export interface Nested {
  gateway: string | null;
  use: SharedUse;
}

export interface ProofProps {
  now: number;
  code: string;
  name: string;
  budget: BudgetProps;
  proof: CountryProof;
  /** Limits that span countries and that its pairs must keep to as well; the house's has no id. */
  nested: Nested[];
  waiters: Waiting[];
  /** Null: it is being counted. */
  day: Verdict | null;
  breaches: Breach[];
  nameOf: NameOf;
}
