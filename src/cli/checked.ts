/** What a person typed, checked by the schema that checks the API: the same words refuse the same things. */

import type { z } from "zod";
import { usage } from "./exit.ts";

export function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw usage(parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`).join("; "));
}
