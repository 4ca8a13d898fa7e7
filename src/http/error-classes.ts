/** Which class an error code belongs to, for programs: the classes, what is mapped, what nobody classified, and the change. */

import { z } from "zod";
import type { ErrorClasses } from "../results/error-classes.ts";
import { PRESETS } from "../results/error-presets.ts";
import { ERROR_CLASSES, shippedCodes } from "../results/errors.ts";
import type { Counters } from "../results/numbers.ts";
import { pareto } from "../results/pareto.ts";
import { readBody } from "./body.ts";
import { actor } from "./caller.ts";
import { etag, ifMatch } from "./given.ts";
import type { Route } from "./route.ts";

export interface ErrorClassServices {
  errorClasses: ErrorClasses;
  counters: Counters;
}

const codeEntry = z.strictObject({
  code: z.string().max(100),
  class: z.string().max(40).describe("A class, or `unclassified` to take a shipped code out of its own"),
  gateway: z.string().max(40).nullish().describe("Left out or null: of every gateway"),
});
const change = z.strictObject({ codes: z.array(codeEntry).max(5_000) });

const answer = z.object({
  version: z.int(),
  classes: z.array(z.object({ name: z.string(), words: z.string(), blame: z.string(), retry: z.string() })),
  codes: z.array(z.object({ code: z.string(), class: z.string(), gateway: z.string().nullable() })),
  shipped: z.array(z.object({ code: z.string(), class: z.string() })),
  presets: z.array(z.object({ name: z.string(), words: z.string(), codes: z.record(z.string(), z.array(z.string())) })),
  unclassified: z.array(z.object({ code: z.string(), n: z.int() })).describe("Seen in the last 15 minutes"),
});

export function errorClassRoutes({ errorClasses, counters }: ErrorClassServices): Route[] {
  const shape = (): z.infer<typeof answer> => ({
    version: errorClasses.version(),
    classes: ERROR_CLASSES.map(({ name, words, blame, retry }) => ({ name, words, blame, retry })),
    codes: [...errorClasses.entries()],
    shipped: shippedCodes(),
    presets: PRESETS.map(({ name, words, codes }) => ({
      name,
      words,
      codes: Object.fromEntries(Object.entries(codes).map(([of, list]) => [of, [...list]])),
    })),
    unclassified: pareto(counters.fleet().errors, errorClasses).find(({ blame }) => blame === null)?.codes ?? [],
  });
  return [
    {
      method: "GET",
      path: "/api/error-classes",
      least: "viewer",
      summary:
        "Classes of errors, the codes mapped to them, and codes of the last 15 minutes that nobody classified; its ETag goes into If-Match",
      answer,
      handle: (context) => context.json(shape(), 200, etag(errorClasses.version())),
    },
    {
      method: "PUT",
      path: "/api/error-classes",
      least: "admin",
      summary: "Replace the mapped codes; counts from now on, what was counted stays; takes If-Match",
      body: change,
      answer,
      async handle(context) {
        const { codes } = await readBody(context, change);
        const entries = codes.map(({ code, gateway, ...rest }) => ({ code, class: rest.class, gateway: gateway ?? null }));
        await errorClasses.set(entries, actor(context), ifMatch(context));
        return context.json(shape(), 200, etag(errorClasses.version()));
      },
    },
  ];
}
