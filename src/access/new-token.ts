/** A lasting token as an admin asks for it, checked. */

import { z } from "zod";
import { programName } from "../pairs/input.ts";
import { SCOPES } from "./role.ts";

export const newToken = z
  .strictObject({
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "must be letters, digits and . _ -, like billing"),
    scopes: z
      .array(z.enum(SCOPES, `must be one of ${SCOPES.join(", ")}`))
      .min(1, "must name at least one")
      .transform((scopes) => [...new Set(scopes)]),
    program: programName.nullable().default(null),
    expires_at: z.iso.datetime({ offset: true }).nullable().default(null),
  })
  .refine(({ scopes, program }) => program !== null || scopes.every((scope) => scope === "metrics"), {
    path: ["program"],
    message: "is required for permits and results: they count for a program",
  });
export type NewToken = z.infer<typeof newToken>;
