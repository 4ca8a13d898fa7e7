/** The page of a session's output: live at its end, older runs, what stood before, a search. Alive by the topic `session:{name}`. */

import type { Context } from "hono";
import { z } from "zod";
import { EarlierPart, OutputPage, type OutputPageProps, type RunChoice } from "../../views/sessions/output.tsx";
import { texts } from "../../views/texts.ts";
import type { RunRecord } from "../fleet/fleet.ts";
import { AppError } from "../kernel/errors.ts";
import { sessionOf } from "../pairs/directory.ts";
import type { Session } from "../pairs/session.ts";
import { parameter, query } from "./given.ts";
import { runId } from "./output.ts";
import { fragment, type PageServices, page, pageStatusOf, wantsFragment } from "./page.tsx";
import type { Env, Route } from "./route.ts";

const LINES = 500;
const MOST_FOUND = 200;
/** Runs whose history is looked up for the choice. */
const RUNS = 200;

const asked = z.object({
  run: z.union([z.literal(""), runId]).optional(),
  search: z.string().max(200).default(""),
  around: z.coerce.number().int().min(0).max(10).default(2),
  before: z.string().max(40).optional(),
});

export function outputPageRoutes(services: PageServices): Route[] {
  return [
    {
      method: "GET",
      path: "/sessions/:name/output",
      least: "viewer",
      summary: "What a session's program printed",
      page: true,
      handle: (context) => show(context, services),
    },
  ];
}

async function show(context: Context<Env>, services: PageServices): Promise<Response> {
  const session = sessionOf(services.directory, parameter(context, "name"));
  const { run, search, around, before } = query(context, asked);
  const { outputs } = services.fleet;
  const kept = outputs.runs(session.id);
  const newest = kept[0]?.run ?? null;
  const now = services.clock.now();
  const base = { id: session.id, name: session.name, now, search, around, found: null, lines: [], earlier: null, isEarlier: false };
  const finish = async (more: Partial<OutputPageProps> & Pick<OutputPageProps, "run">, status: 200 | 409 = 200) => {
    const runs = kept.length > 0 ? await choices(session, services, kept, now) : [];
    const live = more.run === newest && search === "" && before === undefined;
    return page(context, services, {
      title: texts.output.titleOf(session.name),
      nav: "sessions",
      topic: live ? `session:${session.name}` : null,
      status,
      body: <OutputPage {...base} {...more} runs={runs} live={live} />,
    });
  };
  const chosen = run === undefined || run === "" ? undefined : run;
  if (search !== "") {
    const { run: searched, matches, places } = await outputs.search(session.id, { run: chosen, text: search, around, most: MOST_FOUND });
    return finish({ run: searched, found: { matches, shown: Math.min(matches, MOST_FOUND), places } });
  }
  try {
    const stretch = outputs.stretch(session.id, { run: chosen, lines: LINES, before });
    if (wantsFragment(context)) return fragment(context, <EarlierPart name={session.name} {...stretch} />);
    return await finish({ ...stretch, isEarlier: before !== undefined });
  } catch (error) {
    if (!(error instanceof AppError) || error.details.reason !== "cut") throw error;
    // What it asked for was cut away meanwhile: the end is there.
    if (wantsFragment(context)) return fragment(context, <p class="quiet">{error.message}</p>, 409);
    const stretch = outputs.stretch(session.id, { run: chosen, lines: LINES });
    return finish({ ...stretch, notice: error.message }, pageStatusOf(error) === 409 ? 409 : 200);
  }
}

async function choices(
  session: Session,
  { fleet }: PageServices,
  kept: readonly { run: string; bytes: number }[],
  now: number,
): Promise<RunChoice[]> {
  const known = new Map((await fleet.history(session.id, RUNS)).map((record) => [record.run, record]));
  return kept.map(({ run, bytes }, i) => ({ run, bytes, label: texts.output.choice(i === 0, wordsOf(known.get(run), now)) }));
}

function wordsOf(record: RunRecord | undefined, now: number) {
  if (!record) return null;
  return {
    startedMsAgo: now - record.startedAt,
    ended: record.endedAt === null ? null : (record.exitWords ?? record.outcome),
  };
}
