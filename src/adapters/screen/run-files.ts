/** The two files of a run that are JSON, checked: an older or a newer Signalbox may have written them. */

import { z } from "zod";

/** `order`: what a run was started as, written before its terminal opens. */
export const orderFile = z.object({
  run: z.string(),
  session: z.string(),
  name: z.string(),
  program: z.string(),
  pairs: z.array(z.object({ id: z.string(), country: z.string(), operator: z.string() })),
  definition: z.string(),
  /** An older Signalbox wrote none. */
  code: z.object({ commit: z.string().nullable(), newest: z.object({ file: z.string(), at: z.number() }).nullable() }).nullish(),
  by: z.string(),
  reason: z.string().nullable(),
  at: z.number(),
  bootId: z.string(),
  /** The process that was adopted as this run; there is none in what an older Signalbox wrote. */
  adopted: z
    .object({
      pid: z.number(),
      startTicks: z.number(),
      startedAt: z.number(),
      group: z.number(),
      session: z.number(),
      screenPid: z.number(),
      screenStartTicks: z.number(),
      screen: z.string(),
    })
    .nullable()
    .default(null),
  /** The waiting screen that it was given to. */
  spare: z.string().nullable().default(null),
});
export type OrderFile = z.infer<typeof orderFile>;

/** `stop`: the note left beside a run that is being ended. */
export const stopFile = z.object({
  kind: z.enum(["stop", "restart", "cure"]),
  by: z.string(),
  reason: z.string().nullable(),
  at: z.number(),
  killAt: z.number(),
});

/** JSON that fits, or null. */
export function parseJson<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
