/** What was done to many pairs, for people: the list, each act with what became of every pair, and its undoing. */

import type { Context } from "hono";
import { BatchList, BatchPage, BatchRow, titleOf } from "../../views/pairs/batch.tsx";
import { texts } from "../../views/texts.ts";
import { AppError } from "../kernel/errors.ts";
import { actor } from "./caller.ts";
import { drawn } from "./drawn.ts";
import { parameter } from "./given.ts";
import { mayAct, type PageServices, page, pageStatusOf, seeOther } from "./page.tsx";
import type { Env, Route } from "./route.ts";

export function batchPageRoutes(services: PageServices): Route[] {
  const { batches, clock } = services;
  return [
    {
      method: "GET",
      path: "/pairs/batches",
      least: "viewer",
      summary: "Changes to many pairs",
      page: true,
      async handle(context) {
        const body = <BatchList batches={await batches.list()} now={clock.now()} />;
        return page(context, services, { title: texts.pair.batch.title, nav: "pairs", body });
      },
    },
    {
      method: "GET",
      path: "/pairs/batches/:id",
      least: "viewer",
      summary: "One of them",
      page: true,
      handle: (context) => show(context, services, null),
    },
    {
      method: "POST",
      path: "/pairs/batches/:id/undos",
      least: "operator",
      summary: "Undo it",
      page: true,
      async handle(context) {
        try {
          const undo = await batches.undo(parameter(context, "id"), actor(context));
          return seeOther(context, `/pairs/batches/${undo.id}`);
        } catch (error) {
          if (error instanceof AppError && error.code === "conflict") return show(context, services, error);
          throw error;
        }
      },
    },
  ];
}

async function show(context: Context<Env>, services: PageServices, refusal: AppError | null): Promise<Response> {
  const { batch, steps } = await services.batches.get(parameter(context, "id"));
  const body = (
    <BatchPage
      batch={batch}
      rows={await drawn(steps, (step) => <BatchRow step={step} />)}
      now={services.clock.now()}
      acts={mayAct(context)}
      refused={refusal?.message ?? null}
    />
  );
  return page(context, services, { title: titleOf(batch), nav: "pairs", status: refusal ? pageStatusOf(refusal) : 200, body });
}
