/** Live numbers as a page shows them. */

import type { LiveNumbersProps } from "../../views/numbers/live.tsx";
import type { Numbers } from "../results/numbers.ts";
import { pareto } from "../results/pareto.ts";
import type { PageServices } from "./page.tsx";

/** null: nothing was ever told. */
export function liveNumbers(
  numbers: Numbers,
  { errorClasses, clock }: Pick<PageServices, "errorClasses" | "clock">,
): LiveNumbersProps | null {
  return numbers.total.attempts === 0 ? null : { numbers, groups: pareto(numbers.errors, errorClasses), now: clock.now() };
}
