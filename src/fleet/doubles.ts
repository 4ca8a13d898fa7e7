/** A session that runs while a stranger runs the same is a duplicate, however well it does: its traffic is doubled. Pure. */

import type { Verdict } from "./judge.ts";
import type { SessionState } from "./states.ts";

const RUNS: ReadonlySet<SessionState> = new Set(["running", "silent", "frozen"]);

/** What is needed stays; what is shown is the worse. */
export function withDouble(verdict: Verdict, double: string | null): Verdict {
  return double !== null && RUNS.has(verdict.state) ? { ...verdict, state: "duplicate", why: double } : verdict;
}
