/** Crash groups, for programs and as cards for people. The topic `crashes` keeps them alive. */

import { z } from "zod";
import { CrashCards, CrashesPage } from "../../views/crashes/crashes.tsx";
import { texts } from "../../views/texts.ts";
import { type CrashGroup, crashGroups } from "../fleet/crash-groups.ts";
import { candidatesOf } from "../fleet/selection.ts";
import { iso } from "../kernel/clock.ts";
import { whenStatesChange } from "./board.tsx";
import { liveSource } from "./live.ts";
import { mayAct, type PageServices, page } from "./page.tsx";
import type { Route } from "./route.ts";

type CrashServices = Pick<PageServices, "directory" | "fleet">;

const crashedSession = z.object({
  name: z.string(),
  pairs: z.array(z.string()),
  priority: z.boolean(),
  state: z.string(),
  restarts: z.number(),
  exit_at: z.string(),
  next_try_at: z.string().nullable(),
});
const groupAnswer = z.object({
  id: z.string().describe("Stays the same while the reason does"),
  title: z.string().describe("The error as the program said it, else its exit"),
  where: z.string().nullable().describe("File, line and function, when a traceback names them"),
  exit_words: z.string(),
  count: z.number(),
  restarts: z.number(),
  first_at: z.string(),
  last_at: z.string(),
  next_try_at: z.string().nullable(),
  sessions: z.array(crashedSession),
  last_lines: z.array(z.string()).describe("Of the newest, masked"),
});

export function crashRoutes(services: CrashServices): Route[] {
  return [
    {
      method: "GET",
      path: "/api/crashes",
      least: "viewer",
      summary: "Sessions that are down against their wish, grouped by the reason their last lines give; the largest group first",
      answer: z.object({ groups: z.array(groupAnswer) }),
      handle: (context) => context.json({ groups: groupsOf(services).map(shape) }),
    },
  ];
}

export function crashPageRoutes(services: PageServices): Route[] {
  const { clock } = services;
  const source = (acts: boolean) =>
    liveSource({
      everyMs: 5_000,
      now: clock.now,
      urgent: (nudge) => whenStatesChange(services, nudge),
      parts() {
        const groups = groupsOf(services);
        const draw = () => String(<CrashCards groups={groups} now={clock.now()} acts={acts} />);
        return [{ id: "crashes", key: JSON.stringify(groups), draw, data: () => groups.map(shape) }];
      },
    });
  const sources = { true: source(true), false: source(false) };
  services.events.resolve((topic, acts) => (topic === "crashes" ? sources[`${acts}`] : undefined));
  return [
    {
      ...{ method: "GET", path: "/crashes", least: "viewer", summary: "Crash cards", page: true },
      handle(context) {
        const body = <CrashesPage groups={groupsOf(services)} now={clock.now()} acts={mayAct(context)} />;
        return page(context, services, { title: texts.crash.title, nav: "sessions", topic: "crashes", body });
      },
    },
  ];
}

function groupsOf({ directory, fleet }: CrashServices): CrashGroup[] {
  return crashGroups(candidatesOf(directory, fleet.status));
}

function shape(group: CrashGroup): z.infer<typeof groupAnswer> {
  const { id, title, where, exitWords, sessions, restarts, firstAt, lastAt, nextTryAt, example } = group;
  return {
    ...{ id, title, where, restarts },
    exit_words: exitWords,
    count: sessions.length,
    first_at: iso(firstAt),
    last_at: iso(lastAt),
    next_try_at: nextTryAt === null ? null : iso(nextTryAt),
    sessions: sessions.map(({ id: _, exitAt, nextTryAt, ...rest }) => ({
      ...rest,
      exit_at: iso(exitAt),
      next_try_at: nextTryAt === null ? null : iso(nextTryAt),
    })),
    last_lines: example.lines,
  };
}
