/** Sessions: the table, one of them, its levers. The topics `sessions` and `session:{name}` keep them alive. */

import type { Context } from "hono";
import type { FormState } from "../../views/fields.tsx";
import { OUTPUT_LINES, SessionDrawer } from "../../views/sessions/detail.tsx";
import { Confirm, type ConfirmProps } from "../../views/sessions/levers.tsx";
import { SessionList } from "../../views/sessions/list.tsx";
import type { LoadProps } from "../../views/sessions/load.tsx";
import { ConfirmPage, SessionPage, type SessionPast } from "../../views/sessions/page.tsx";
import type { SessionDetailProps } from "../../views/sessions/props.ts";
import { texts } from "../../views/texts.ts";
import { DAY_MS } from "../fleet/samples.ts";
import { CURSOR } from "../fleet/timeline.ts";
import { AppError, invalid } from "../kernel/errors.ts";
import { sessionOf } from "../pairs/directory.ts";
import { newSession } from "../pairs/input.ts";
import type { Session } from "../pairs/session.ts";
import { untilOf } from "./action-model.ts";
import { tallyOf } from "./board-model.ts";
import { actor } from "./caller.ts";
import { checked, FormErrors, many, one, readFields, refusedForm } from "./form.ts";
import { liveNumbers } from "./live-numbers.ts";
import { backTo, fragment, mayAct, type PageServices, page, pageStatusOf, seeOther, wantsFragment } from "./page.tsx";
import type { Env, Route } from "./route.ts";
import { MOMENTS, RUNS, sessionSource, sessionsSource } from "./session-live.tsx";
import { loadProps, MARKED_RUNS } from "./session-load.ts";
import { allSessions, permitsOf, retries, sessionMatches, sessionModel } from "./session-model.ts";

const EMPTY_FORM: FormState = { values: {}, errors: {} };
const words = texts.session;

export function sessionPageRoutes(services: PageServices): Route[] {
  const sources = new Map([true, false].map((acts) => [acts, sessionsSource(services, acts)]));
  services.events.resolve((topic, acts) => {
    if (topic === "sessions") return sources.get(acts);
    const name = /^session:(.+)$/.exec(topic)?.[1];
    const session = name === undefined ? undefined : services.directory.session(name);
    return session && session.retiredAt === null ? sessionSource(services, session, acts) : undefined;
  });
  const on = (
    method: "GET" | "POST",
    path: string,
    summary: string,
    handle: (context: Context<Env>) => Response | Promise<Response>,
  ): Route => ({
    method,
    path,
    least: method === "GET" ? "viewer" : "operator",
    summary,
    page: true,
    handle,
  });
  return [
    on("GET", "/sessions", "All sessions", (context) => list(context, services, EMPTY_FORM)),
    on("POST", "/sessions", "Add a session", (context) => add(context, services)),
    on("GET", "/sessions/:name", "One session", (context) => show(context, services)),
    on("GET", "/sessions/:name/load", "Its charts, anew", async (context) =>
      context.json((await loadOf(services, named(context, services))).charts),
    ),
    on("POST", "/sessions/:name/starts", "Start a session, or try now", (context) => pull(context, services, "start")),
    on("POST", "/sessions/:name/stops", "Stop a session", (context) => pull(context, services, "stop")),
    on("POST", "/sessions/:name/restarts", "Restart a session", (context) => pull(context, services, "restart")),
    on("POST", "/sessions/:name/thaws", "Make a frozen terminal go on", (context) => pull(context, services, "thaw")),
    on("POST", "/sessions/:name/surrenders", "Give up: no more retries", (context) => pull(context, services, "surrender")),
    on("POST", "/sessions/:name/retirements", "Delete a session", (context) => pull(context, services, "retire")),
    on("GET", "/sessions/:name/stop", "Asks before a stop", (context) => ask(context, services, "stop")),
    on("GET", "/sessions/:name/restart", "Asks before a restart", (context) => ask(context, services, "restart")),
    on("GET", "/sessions/:name/retirement", "Asks before a session is deleted", (context) => ask(context, services, "retire")),
  ];
}

type Asked = "stop" | "restart" | "retire";
type Deed = Asked | "start" | "thaw" | "surrender";

function named(context: Context<Env>, services: PageServices): Session {
  return sessionOf(services.directory, context.req.param("name") ?? "");
}

function doneNotice(context: Context<Env>): string | undefined {
  const done = context.req.query("done") as keyof typeof words.done | undefined;
  return done && Object.hasOwn(words.done, done) ? words.done[done] : undefined;
}

function list(context: Context<Env>, services: PageServices, form: FormState, status: 200 | 409 | 422 = 200): Response | Promise<Response> {
  const query = (context.req.query("q") ?? "").trim().slice(0, 100);
  const all = allSessions(services);
  return page(context, services, {
    title: words.title,
    nav: "sessions",
    topic: "sessions",
    status,
    body: (
      <SessionList
        now={services.clock.now()}
        tally={tallyOf(all.map((session) => session.lamp))}
        sessions={all.filter((session) => sessionMatches(query, session))}
        total={all.length}
        query={query}
        acts={mayAct(context)}
        defines={mayAct(context, "admin")}
        notice={doneNotice(context)}
        form={form}
        programs={services.directory.programs().map(({ name }) => ({ value: name, label: name }))}
        pairs={services.directory.pairs().map((pair) => ({ value: pair.id, label: `${pair.id} · ${pair.operatorName}` }))}
      />
    ),
  });
}

async function add(context: Context<Env>, services: PageServices): Promise<Response> {
  const fields = await readFields(context);
  const errors = new FormErrors();
  const name = one(fields, "name");
  const input = checked(newSession, { program: one(fields, "program"), pairs: many(fields, "pairs"), ...(name ? { name } : {}) }, errors);
  if (!input) return list(context, services, { values: fields, errors: errors.errors }, 422);
  try {
    const session = await services.roster.addSession(input, actor(context));
    return seeOther(context, `/sessions/${session.name}?done=add`);
  } catch (error) {
    const { form, refusal } = refusedForm(fields, error);
    return list(context, services, form, refusal.code === "conflict" ? 409 : 422);
  }
}

async function detailOf(context: Context<Env>, services: PageServices, session: Session): Promise<SessionDetailProps> {
  const [output, runs] = await Promise.all([
    services.fleet.output(session.id, { tail: OUTPUT_LINES }),
    services.fleet.history(session.id, RUNS),
  ]);
  return {
    session: sessionModel(session, services),
    permits: permitsOf(session, services),
    now: services.clock.now(),
    output,
    runs,
    acts: mayAct(context),
  };
}

async function loadOf({ fleet, clock }: PageServices, { id }: Session): Promise<LoadProps> {
  const now = clock.now();
  const [samples, runs] = await Promise.all([fleet.samples(id, now - DAY_MS), fleet.history(id, MARKED_RUNS)]);
  return loadProps(samples, runs, now);
}

async function pastOf(context: Context<Env>, services: PageServices, session: Session): Promise<SessionPast> {
  const before = context.req.query("before");
  const cursor = before !== undefined && CURSOR.test(before) ? before : undefined;
  const [load, timeline] = await Promise.all([loadOf(services, session), services.fleet.timeline(session.id, { cursor, limit: MOMENTS })]);
  return { numbers: liveNumbers(services.counters.session(session.id), services), load, timeline, newest: cursor === undefined };
}

async function show(context: Context<Env>, services: PageServices, refusal?: AppError): Promise<Response> {
  const session = named(context, services);
  const detail = await detailOf(context, services, session);
  const done = doneNotice(context);
  const notice = refusal ? { tone: "stop" as const, text: refusal.message } : done ? { tone: "go" as const, text: done } : undefined;
  const status = refusal ? pageStatusOf(refusal) : 200;
  if (wantsFragment(context)) return fragment(context, <SessionDrawer detail={detail} notice={notice} />, status);
  return page(context, services, {
    title: session.name,
    nav: "sessions",
    topic: `session:${session.name}`,
    status,
    charts: true,
    body: <SessionPage detail={detail} past={await pastOf(context, services, session)} notice={notice} />,
  });
}

async function pull(context: Context<Env>, services: PageServices, deed: Deed): Promise<Response> {
  const session = named(context, services);
  const fields = await readFields(context);
  const reason = one(fields, "reason").slice(0, 500) || undefined;
  const by = actor(context);
  const until = deed === "stop" ? untilOf(fields, services.clock.now()) : null;
  if (until === undefined) return show(context, services, invalid(`${texts.operation.until}: ${texts.operation.untilWrong}`));
  try {
    if (deed === "start") {
      const again = retries(session, services.fleet.status(session.id));
      await services.desired.set(session.id, { state: "up", reason: reason ?? null }, by);
      if (again) await services.fleet.retryNow(session.id, by, reason);
    } else if (deed === "stop") await services.desired.set(session.id, { state: "down", reason: reason ?? null, until: until ?? null }, by);
    else if (deed === "restart") await services.fleet.restart(session.id, by, reason);
    else if (deed === "thaw") await services.fleet.thaw(session.id, by);
    else if (deed === "surrender") await services.fleet.surrender(session.id, by, reason);
    else await services.roster.retireSession(session.id, by);
  } catch (error) {
    if (error instanceof AppError) return show(context, services, error);
    throw error;
  }
  const back = deed === "retire" ? "/sessions" : backTo(one(fields, "back"), `/sessions/${session.name}`);
  return seeOther(context, `${back}${back.includes("?") ? "&" : "?"}done=${deed}`);
}

function ask(context: Context<Env>, services: PageServices, deed: Asked): Response | Promise<Response> {
  const session = named(context, services);
  const lever = sessionModel(session, services).levers[deed];
  const titles = { stop: words.confirmStop, restart: words.confirmRestart, retire: words.confirmRetire };
  const sentences = { stop: words.confirmStopText, restart: words.confirmRestartText, retire: words.confirmRetireText };
  const title = titles[deed](session.name);
  const props: ConfirmProps = {
    title,
    text: sentences[deed],
    action: `/sessions/${session.name}/${deed === "retire" ? "retirements" : `${deed}s`}`,
    button: words[deed],
    danger: deed !== "restart",
    back: backTo(context.req.query("back"), `/sessions/${session.name}`),
    refused: lever.ready ? undefined : lever.why,
    reason: deed !== "retire",
    until: deed === "stop",
  };
  return askPage(context, services, "sessions", props);
}

/** The question as a page, or as the content of a dialog. */
export function askPage(
  context: Context<Env>,
  services: PageServices,
  nav: "sessions" | "pairs" | "programs",
  props: ConfirmProps,
): Response | Promise<Response> {
  if (wantsFragment(context)) return fragment(context, <Confirm {...props} />);
  const body = (
    <ConfirmPage title={props.title}>
      <Confirm {...props} />
    </ConfirmPage>
  );
  return page(context, services, { title: props.title, nav, body });
}
