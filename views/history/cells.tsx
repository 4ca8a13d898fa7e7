/** What the tables of history have in common. */

import type { Latency } from "../../src/results/numbers.ts";
import { seconds } from "../format.ts";

/** Over a column of numbers. */
export function Head({ text }: { text: string }) {
  return (
    <th scope="col" class="number">
      {text}
    </th>
  );
}

/** p50 / p90 / p99. */
export function latencyWords({ p50Ms, p90Ms, p99Ms }: Latency): string {
  return `${seconds(p50Ms)} / ${seconds(p90Ms)} / ${seconds(p99Ms)}`;
}
