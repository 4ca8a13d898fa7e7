/** The page of the emergency hold, and the topic `holds` that keeps the banner of every page alive. */

import type { Context } from "hono";
import { z } from "zod";
import type { FormState } from "../../views/fields.tsx";
import { HoldBanner } from "../../views/holds/banner.tsx";
import { HoldsPage } from "../../views/holds/holds.tsx";
import { texts } from "../../views/texts.ts";
import { AppError } from "../kernel/errors.ts";
import { ALL } from "../permits/hold.ts";
import { actor } from "./caller.ts";
import { checked, FormErrors, one, readFields, refusedForm } from "./form.ts";
import { parameter } from "./given.ts";
import { held, holdReason } from "./holds.ts";
import { liveSource } from "./live.ts";
import { mayAct, type PageServices, type PageStatus, page, pageStatusOf, seeOther } from "./page.tsx";
import type { Env, Route } from "./route.ts";

const words = texts.hold;
const fieldsOfHold = z.object({ what: held, reason: holdReason, minutes: z.number().int().min(1).max(1440) });

export function holdPageRoutes(services: PageServices): Route[] {
  const source = holdSource(services);
  services.events.resolve((topic) => (topic === "holds" ? source : undefined));
  return [
    {
      method: "GET",
      path: "/holds",
      least: "viewer",
      summary: "What is held, and the form that holds",
      page: true,
      handle: (context) => show(context, services, { values: { what: context.req.query("what") ?? "", minutes: "30" }, errors: {} }),
    },
    {
      method: "POST",
      path: "/holds",
      least: "admin",
      summary: "Hold a country, a pair or everything",
      page: true,
      handle: (context) => place(context, services),
    },
    {
      method: "POST",
      path: "/holds/:id/ends",
      least: "admin",
      summary: "End a hold",
      page: true,
      handle: (context) => lift(context, services),
    },
  ];
}

function show(context: Context<Env>, services: PageServices, form: FormState, status: PageStatus = 200): Response | Promise<Response> {
  const { directory, holds } = services;
  const done = words.done[(context.req.query("done") ?? "") as keyof typeof words.done];
  const body = (
    <HoldsPage
      holds={holds.list()}
      admin={mayAct(context, "admin")}
      what={[
        { value: "", label: words.choose },
        { value: ALL, label: words.everything },
        ...directory.countries().map(({ code, name }) => ({ value: code, label: `${code} · ${name}` })),
        ...directory.pairs().map(({ id, operatorName }) => ({ value: id, label: `${id} · ${operatorName}` })),
      ]}
      form={form}
      notice={status === 200 && done ? { tone: "go", text: done } : null}
    />
  );
  return page(context, services, { title: words.title, nav: "permits", status, body });
}

async function place(context: Context<Env>, services: PageServices): Promise<Response> {
  const fields = await readFields(context);
  const errors = new FormErrors();
  const asked = { what: one(fields, "what"), reason: one(fields, "reason"), minutes: errors.number(fields, "minutes") ?? Number.NaN };
  if (one(fields, "typed") !== asked.what) errors.add("typed", words.typedWrong(asked.what || "…"));
  const input = checked(fieldsOfHold, asked, errors);
  if (!input) return show(context, services, { values: fields, errors: errors.errors }, 422);
  try {
    await services.holds.place({ what: input.what, reason: input.reason, forMs: input.minutes * 60_000 }, actor(context));
    return seeOther(context, "/holds?done=held");
  } catch (error) {
    const { form, refusal } = refusedForm(fields, error);
    return show(context, services, form, pageStatusOf(refusal));
  }
}

async function lift(context: Context<Env>, services: PageServices): Promise<Response> {
  try {
    await services.holds.lift(parameter(context, "id"), actor(context));
  } catch (error) {
    // It ended by itself while the reader looked.
    if (!(error instanceof AppError) || error.code !== "not_found") throw error;
  }
  return seeOther(context, "/holds?done=ended");
}

/** Nothing here changes but by a hold that comes or ends, which tells. */
const REST_MS = 600_000;

function holdSource({ holds, clock }: PageServices) {
  return liveSource({
    everyMs: REST_MS,
    now: clock.now,
    urgent: (nudge) => holds.changed.subscribe(nudge),
    parts() {
      const now = holds.list();
      return [
        {
          id: "holds",
          key: JSON.stringify(now.map(({ id, reason, until }) => [id, reason, Math.round(until / 1000)])),
          draw: () => String(<HoldBanner holds={now} />),
          data: () => now,
        },
      ];
    },
  });
}
