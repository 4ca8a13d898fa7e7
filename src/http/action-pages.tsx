/** Actions on many sessions for people: shown and confirmed, then followed on a page of their own. The topic `operation:{id}` keeps it alive. */

import type { Context } from "hono";
import { AskMany } from "../../views/operations/ask.tsx";
import { OperationList, OperationNow, OperationPage, StepRow, titleOf } from "../../views/operations/operation.tsx";
import { texts } from "../../views/texts.ts";
import type { Operation } from "../fleet/operation.ts";
import type { Operations } from "../fleet/operations.ts";
import type { Order } from "../fleet/selection.ts";
import type { Actor } from "../kernel/act.ts";
import { AppError } from "../kernel/errors.ts";
import { actionOf, askManyProps, filterOf, operationProps, untilOf } from "./action-model.ts";
import { actor } from "./caller.ts";
import { type Fields, FormErrors, one, readFields } from "./form.ts";
import { parameter } from "./given.ts";
import { liveSource, type Part } from "./live.ts";
import { mayAct, type PageServices, page, pageStatusOf, seeOther } from "./page.tsx";
import type { Env, Route } from "./route.ts";

export interface ActionPageServices extends PageServices {
  operations: Operations;
}

const words = texts.operation;

export function actionPageRoutes(services: ActionPageServices): Route[] {
  const { operations } = services;
  services.events.resolve((topic, acts) => {
    const id = /^operation:(.+)$/.exec(topic)?.[1];
    return id !== undefined && operations.list().some((operation) => operation.id === id) ? operationSource(services, id, acts) : undefined;
  });
  const get = (
    path: string,
    least: "viewer" | "operator",
    summary: string,
    handle: (context: Context<Env>) => Response | Promise<Response>,
  ): Route => ({
    ...{ method: "GET", path, least, summary, page: true, handle },
  });
  const lever = (noun: string, summary: string, pull: (id: string, by: Actor) => Promise<Operation>): Route => ({
    ...{ method: "POST", path: `/operations/:id/${noun}`, least: "operator", summary, page: true },
    async handle(context) {
      try {
        return seeOther(context, `/operations/${(await pull(parameter(context, "id"), actor(context))).id}`);
      } catch (error) {
        if (error instanceof AppError && error.code === "conflict") return show(context, services, error);
        throw error;
      }
    },
  });
  return [
    get("/sessions/actions", "operator", "Asks before an action on many sessions", (context) =>
      ask(context, services, context.req.query()),
    ),
    {
      method: "POST",
      path: "/sessions/actions",
      least: "operator",
      summary: "Begin it",
      page: true,
      handle: (context) => begin(context, services),
    },
    get("/operations", "viewer", "Actions on many sessions", (context) => list(context, services)),
    get("/operations/:id", "viewer", "One of them", (context) => show(context, services)),
    lever("pauses", "Pause it", operations.pause),
    lever("resumptions", "Go on after a pause", operations.resume),
    lever("cancellations", "Cancel it", operations.cancel),
    lever("undos", "Undo it", operations.undo),
  ];
}

interface Asked {
  errors?: Record<string, string>;
  notice?: string;
  status?: 200 | 409 | 422;
}

function ask(context: Context<Env>, services: ActionPageServices, fields: Fields, asked: Asked = {}): Response | Promise<Response> {
  const { errors = {}, notice = null, status = 200 } = asked;
  const preview = services.operations.preview({
    action: actionOf(fields),
    filter: filterOf(fields),
    until: untilOf(fields, services.clock.now()) ?? null,
  });
  const props = askManyProps(fields, preview, services.directory, { errors, notice });
  return page(context, services, { title: words.action[preview.action], nav: "sessions", status, body: <AskMany {...props} /> });
}

async function begin(context: Context<Env>, services: ActionPageServices): Promise<Response> {
  const { operations, clock } = services;
  const fields = await readFields(context);
  const errors = new FormErrors();
  const action = actionOf(fields);
  const until = untilOf(fields, clock.now());
  if (until === undefined) errors.add("until_at", words.untilWrong);
  const settle = errors.number(fields, "settle") ?? 10;
  const way = one(fields, "rolling");
  const rolling = action === "restart" && (way === "country" || way === "session") ? way : null;
  const order: Order = {
    ...{ action, filter: filterOf(fields), reason: one(fields, "reason").slice(0, 500) || null, until: until ?? null, rolling },
    settleMs: rolling ? Math.min(600, Math.max(0, settle)) * 1000 : 0,
  };
  const preview = operations.preview(order);
  const n = preview.touched.length;
  const changed = preview.hash !== one(fields, "expected");
  if (!changed && n > 1 && one(fields, "typed") !== String(n)) errors.add("typed", words.typedWrong(n));
  if (changed) return ask(context, services, fields, { notice: words.changed, status: 409 });
  if (errors.any()) return ask(context, services, fields, { errors: errors.errors, status: 422 });
  try {
    const operation = await operations.begin(order, preview.hash, actor(context));
    return seeOther(context, `/operations/${operation.id}`);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "conflict") throw error;
    return ask(context, services, fields, { notice: error.message, status: 409 });
  }
}

function list(context: Context<Env>, services: ActionPageServices): Response | Promise<Response> {
  const body = <OperationList operations={services.operations.list().map(operationProps)} now={services.clock.now()} />;
  return page(context, services, { title: words.title, nav: "sessions", body });
}

function show(context: Context<Env>, services: ActionPageServices, refusal?: AppError): Response | Promise<Response> {
  const operation = operationProps(services.operations.get(parameter(context, "id")));
  return page(context, services, {
    title: titleOf(operation),
    nav: "sessions",
    topic: `operation:${operation.id}`,
    status: refusal ? pageStatusOf(refusal) : 200,
    body: <OperationPage operation={operation} now={services.clock.now()} acts={mayAct(context)} refused={refusal?.message} />,
  });
}

function operationSource({ operations, clock }: ActionPageServices, id: string, acts: boolean) {
  return liveSource({
    everyMs: 5_000,
    groups: ["steps"],
    now: clock.now,
    urgent: (nudge) => operations.changed.subscribe((changed) => changed === id && nudge()),
    parts() {
      const operation = operationProps(operations.get(id));
      const { steps, ...head } = operation;
      return [
        {
          id: "operation-now",
          key: JSON.stringify(head),
          draw: () => String(<OperationNow operation={operation} now={clock.now()} acts={acts} />),
          data: () => head,
        },
        ...steps.map(
          (step): Part => ({
            id: `step-${step.name}`,
            group: "steps",
            key: JSON.stringify(step),
            draw: () => String(<StepRow step={step} />),
            data: () => step,
          }),
        ),
      ];
    },
  });
}
