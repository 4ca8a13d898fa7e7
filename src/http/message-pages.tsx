/** The pages of messages. What is looked for comes in a form's body and never stands in a URL: it may be a phone number. */

import type { Context } from "hono";
import { storyHref } from "../../views/messages/props.ts";
import { MessagesPage } from "../../views/messages/search.tsx";
import { StoryPage } from "../../views/messages/story.tsx";
import { texts } from "../../views/texts.ts";
import { type Found, lookUp, phoneIn } from "../results/look-up.ts";
import { one, readFields } from "./form.ts";
import { parameter } from "./given.ts";
import { type MessageServices, storyOf, tellerOf } from "./messages.ts";
import { type PageServices, type PageStatus, page, seeOther } from "./page.tsx";
import type { Env, Route } from "./route.ts";

const words = texts.message;
const MOST_FOUND = 100;
const MOST_LISTED = 20;

type Services = PageServices & MessageServices & { classOf(code: string): string | null };

export function messagePageRoutes(services: Services): Route[] {
  return [
    {
      ...{ method: "GET", path: "/messages", least: "operator", summary: "Messages by id or phone number", page: true },
      handle: (context) => show(context, services, { typed: "", found: null, error: null }),
    },
    {
      ...{ method: "POST", path: "/messages/searches", least: "operator", summary: "Look for messages", page: true },
      handle: (context) => search(context, services),
    },
    {
      ...{ method: "GET", path: "/messages/:program/:id", least: "operator", summary: "One message", page: true },
      handle: (context) => story(context, services),
    },
  ];
}

interface Asked {
  typed: string;
  found: Found | null;
  error: string | null;
}

async function show(context: Context<Env>, services: Services, asked: Asked, status: PageStatus = 200): Promise<Response> {
  const { results, clock } = services;
  const [contradictions, orphans] = await Promise.all([
    results.messages.contradictions(null, MOST_LISTED),
    results.receipts.listed(null, MOST_LISTED),
  ]);
  const body = <MessagesPage now={clock.now()} {...asked} contradictions={contradictions} orphans={orphans} nameOf={names(services)} />;
  return page(context, services, { title: words.title, nav: "messages", status, body });
}

async function search(context: Context<Env>, services: Services): Promise<Response> {
  const typed = one(await readFields(context), "q");
  if (typed === "" || typed.length > 128) return show(context, services, { typed: "", found: null, error: words.nothingTyped }, 422);
  const found = await lookUp(services.results, typed, MOST_FOUND);
  const [only] = found.messages;
  if (only && found.messages.length === 1) return seeOther(context, storyHref(only));
  return show(context, services, { typed: phoneIn(typed) === null ? typed : "", found, error: null });
}

async function story(context: Context<Env>, services: Services): Promise<Response> {
  const { message, lines } = await storyOf(services, parameter(context, "id"), parameter(context, "program"));
  const told = lines.map((line) => ({ ...line, teller: tellerOf(line, message, services.directory) }));
  const { clock, classOf } = services;
  const body = <StoryPage now={clock.now()} message={message} lines={told} nameOf={names(services)} classOf={classOf} />;
  return page(context, services, { title: message.messageId, nav: "messages", body });
}

function names({ directory }: Services) {
  return {
    session: (id: string) => directory.session(id)?.name ?? id,
    pair(id: string) {
      const pair = directory.pair(id);
      return pair ? `${pair.country} ${pair.operatorName}` : id;
    },
  };
}
