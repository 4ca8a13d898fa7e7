/** Settings that an admin changes while Signalbox runs: how long results are kept. And how much there is of them. */

import { z } from "zod";
import { iso } from "../kernel/clock.ts";
import type { Retention } from "../results/retention.ts";
import type { DataSize, Sizes } from "../results/size.ts";
import { readBody } from "./body.ts";
import { actor } from "./caller.ts";
import { etag, ifMatch } from "./given.ts";
import type { Route } from "./route.ts";

export interface SettingsServices {
  retention: Retention;
  sizes: Sizes;
}

const keptDays = z.strictObject({
  "1m": z.number().describe("Sums by minute"),
  "15m": z.number().describe("Sums by quarter of an hour"),
  "1h": z.number().describe("Sums by hour"),
  "1d": z.number().describe("Sums by day"),
  messages: z.number().describe("Messages and the journal: a repeated report is recognised as long"),
});
const settingsShape = z.strictObject({
  kept_days: keptDays,
  output_megabytes: z.number().describe("Of the output of runs and the spools together; over it the output of the oldest runs goes"),
});

const dataAnswer = z.object({
  measured_at: z.string().nullable().describe("null: the first measurement is under way, ask again"),
  file_bytes: z.number().nullable(),
  free_in_file_bytes: z.number().nullable(),
  tables: z.array(z.object({ name: z.string(), rows: z.number(), bytes: z.number() })),
  output_bytes: z.number().nullable(),
  spool_bytes: z.number().nullable(),
  output_files: z.number().nullable(),
  disk_bytes: z.number().nullable(),
  disk_free_bytes: z.number().nullable(),
  growth_bytes_per_day: z.number().nullable().describe("Over the last 7 days; null: not known yet, or it does not grow"),
  full_at: z.string().nullable(),
});

export function settingsRoutes({ retention, sizes }: SettingsServices): Route[] {
  const shape = (): z.infer<typeof settingsShape> => ({ kept_days: retention.days(), output_megabytes: retention.outputMegabytes() });
  return [
    {
      method: "GET",
      path: "/api/settings",
      least: "admin",
      summary: "Settings that are changed while Signalbox runs: how many days sums and messages are kept",
      answer: settingsShape,
      handle: (context) => context.json(shape(), 200, etag(retention.version())),
    },
    {
      method: "PUT",
      path: "/api/settings",
      least: "admin",
      summary: "Change them; what is older than it may be goes within minutes",
      body: settingsShape,
      answer: settingsShape,
      async handle(context) {
        const { kept_days, output_megabytes } = await readBody(context, settingsShape);
        await retention.change({ days: kept_days, outputMegabytes: output_megabytes }, actor(context), ifMatch(context));
        return context.json(shape(), 200, etag(retention.version()));
      },
    },
    {
      method: "GET",
      path: "/api/data",
      least: "admin",
      summary: "How much there is on disk, by table, and when the disk will be full; measured at most once an hour",
      answer: dataAnswer,
      async handle(context) {
        return context.json(dataShape(await sizes.look()));
      },
    },
  ];
}

function dataShape(size: DataSize | null): z.infer<typeof dataAnswer> {
  const growing = size?.forecast.kind === "growing" ? size.forecast : null;
  return {
    measured_at: size && iso(size.at),
    file_bytes: size?.fileBytes ?? null,
    free_in_file_bytes: size?.freeBytes ?? null,
    tables: size?.tables ?? [],
    output_bytes: size?.outputBytes ?? null,
    output_files: size?.outputFiles ?? null,
    spool_bytes: size?.spoolBytes ?? null,
    disk_bytes: size?.diskBytes ?? null,
    disk_free_bytes: size?.diskFreeBytes ?? null,
    growth_bytes_per_day: growing && Math.round(growing.bytesPerDay),
    full_at: growing && (Number.isFinite(growing.fullAt) && growing.fullAt < 8e15 ? iso(growing.fullAt) : null),
  };
}
