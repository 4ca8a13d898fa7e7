/** Long lists of a page, drawn in steps: a thousand rows at once would hold up everybody else. */

import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import { inSteps } from "../kernel/steps.ts";

export async function drawn<T>(items: readonly T[], draw: (item: T) => Child): Promise<Child> {
  return raw((await inSteps(items, (item) => String(draw(item)))).join(""));
}
