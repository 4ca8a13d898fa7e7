/** What is asked of a session's record on its pages: another name, and letting an adopted one go. */

import type { Context } from "hono";
import type { FormState } from "../../views/fields.tsx";
import { ConfirmPage } from "../../views/sessions/page.tsx";
import { Rename } from "../../views/sessions/record.tsx";
import { texts } from "../../views/texts.ts";
import { sessionOf } from "../pairs/directory.ts";
import { priorityPairs } from "../pairs/guard.ts";
import { rename } from "../pairs/input.ts";
import { actor } from "./caller.ts";
import { checked, FormErrors, one, readFields, refusedForm } from "./form.ts";
import { parameter } from "./given.ts";
import { fragment, type PageServices, type PageStatus, page, pageStatusOf, seeOther, wantsFragment } from "./page.tsx";
import type { Env, Route } from "./route.ts";
import { askPage } from "./session-pages.tsx";

const words = texts.session;

export function sessionChangeRoutes(services: PageServices): Route[] {
  const { directory, fleet, strangers } = services;
  const named = (context: Context<Env>) => sessionOf(directory, parameter(context, "name"));
  return [
    {
      method: "GET",
      path: "/sessions/:name/name",
      least: "operator",
      summary: "Asks for another name",
      page: true,
      handle: (context) => askName(context, services, { values: { name: named(context).name }, errors: {} }),
    },
    {
      method: "POST",
      path: "/sessions/:name/name",
      least: "operator",
      summary: "Rename a session",
      page: true,
      async handle(context) {
        const fields = await readFields(context);
        const errors = new FormErrors();
        const input = checked(rename, { name: one(fields, "name") }, errors);
        if (!input) return askName(context, services, { values: fields, errors: errors.errors }, 422);
        try {
          const { session, shown } = await fleet.rename(named(context).id, input.name, actor(context));
          return seeOther(context, `/sessions/${session.name}?done=${shown ? "rename" : "renameLater"}`);
        } catch (error) {
          const { form, refusal } = refusedForm(fields, error);
          return askName(context, services, form, pageStatusOf(refusal));
        }
      },
    },
    {
      method: "GET",
      path: "/sessions/:name/release",
      least: "operator",
      summary: "Asks before an adopted session is released",
      page: true,
      handle(context) {
        const session = named(context);
        const [priority] = priorityPairs(directory, session);
        const adopted = fleet.status(session.id)?.adopted ?? false;
        return askPage(context, services, "sessions", {
          title: words.confirmRelease(session.name),
          text: priority ? words.confirmReleasePriority(priority.id) : words.confirmReleaseText,
          action: `/sessions/${session.name}/releases`,
          button: words.release,
          danger: false,
          back: `/sessions/${session.name}`,
          refused: adopted ? undefined : words.notAdopted,
        });
      },
    },
    {
      method: "POST",
      path: "/sessions/:name/releases",
      least: "operator",
      summary: "Release an adopted session: its program goes on by itself",
      page: true,
      async handle(context) {
        await strangers.release(named(context).id, actor(context));
        return seeOther(context, "/strangers?released=1");
      },
    },
  ];
}

function askName(context: Context<Env>, services: PageServices, form: FormState, status: PageStatus = 200): Response | Promise<Response> {
  const session = sessionOf(services.directory, parameter(context, "name"));
  const asked = <Rename name={session.name} form={form} />;
  if (wantsFragment(context)) return fragment(context, asked, status);
  const title = words.renameTitle(session.name);
  return page(context, services, { title, nav: "sessions", status, body: <ConfirmPage title={title}>{asked}</ConfirmPage> });
}
