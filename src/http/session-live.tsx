/** What keeps the pages of sessions alive: the table, and one session with its output. */

import { Tally } from "../../views/parts.tsx";
import { OUTPUT_LINES, Runs, SessionNow } from "../../views/sessions/detail.tsx";
import { SessionRow } from "../../views/sessions/list.tsx";
import type { SessionStatus } from "../fleet/fleet.ts";
import type { Session } from "../pairs/session.ts";
import { whenStatesChange } from "./board.tsx";
import { tallyOf } from "./board-model.ts";
import { liveSource, type Part, patch } from "./live.ts";
import type { PageServices } from "./page.tsx";
import { allSessions, sessionModel } from "./session-model.ts";

export const RUNS = 20;
/** A run's end is seen a moment before it is in the history. */
const WRITTEN_MS = 300;

/** All sessions: rows, and the tally above them. */
export function sessionsSource(services: PageServices, acts: boolean) {
  return liveSource({
    groups: ["sessions"],
    everyMs: 2000,
    urgent: (nudge) => whenStatesChange(services, nudge),
    now: services.clock.now,
    parts() {
      const all = allSessions(services);
      const tally = tallyOf(all.map((session) => session.lamp));
      const now = services.clock.now();
      return [
        { id: "tally", key: JSON.stringify(tally), draw: () => String(<Tally tally={tally} />), data: () => tally },
        ...all.map(
          (session): Part => ({
            id: `row-${session.id}`,
            group: "sessions",
            key: JSON.stringify({ ...session, cpu: session.cpu?.toFixed(3), rate: { ...session.rate, windowMs: 0, maturityMs: 0 } }),
            draw: () => String(<SessionRow session={session} now={now} acts={acts} />),
            data: () => session,
          }),
        ),
      ];
    },
  });
}

/** One session: what it does now, its output as it comes, its runs. */
export function sessionSource(services: PageServices, session: Session, acts: boolean) {
  const { directory, fleet, clock } = services;
  const now = (): Part[] => {
    const found = directory.session(session.id);
    if (!found || found.retiredAt !== null) return [];
    const props = sessionModel(found, services);
    return [
      {
        id: `${session.id}-now`,
        key: JSON.stringify(props),
        draw: () => String(<SessionNow detail={{ session: props, now: clock.now(), acts }} />),
        data: () => props,
      },
    ];
  };
  return liveSource({
    everyMs: 1000,
    now: clock.now,
    urgent: (nudge) => {
      const leaveFleet = fleet.changed.subscribe((ids) => ids.includes(session.id) && nudge());
      const leaveDirectory = directory.changed.subscribe((changed) => changed.some(({ id }) => id === session.id) && nudge());
      return () => {
        leaveFleet();
        leaveDirectory();
      };
    },
    parts: now,
    direct(send) {
      const tell = (how: "content" | "append", lines: readonly string[]) =>
        send(patch(`${session.id}-output`, how, lines.map((line) => `${Bun.escapeHTML(line)}\n`).join("")), { output: lines });
      // Whoever comes back after a lost connection missed lines: the tail is told whole once, then only what is new.
      let whole = false;
      const leaveOutput = fleet.follow(session.id, (lines) => whole && tell("append", lines));
      void fleet.output(session.id, { tail: OUTPUT_LINES }).then(
        (lines) => {
          whole = true;
          tell("content", lines);
        },
        () => {
          whole = true;
        },
      );
      // A run that began or ended is a new line of the history; it is asked for only then, once it has been written down.
      let asking: ReturnType<typeof setTimeout> | null = null;
      const tellRuns = () =>
        void fleet.history(session.id, RUNS).then(
          (runs) => send(patch(`${session.id}-runs`, "steady", String(<Runs id={session.id} runs={runs} now={clock.now()} />)), { runs }),
          () => {}, // The next change asks again.
        );
      let mark = markOf(fleet.status(session.id));
      const leaveFleet = fleet.changed.subscribe((ids) => {
        const next = markOf(fleet.status(session.id));
        if (!ids.includes(session.id) || next === mark) return;
        mark = next;
        if (asking) clearTimeout(asking);
        asking = setTimeout(tellRuns, WRITTEN_MS);
      });
      return () => {
        leaveOutput();
        if (asking) clearTimeout(asking);
        leaveFleet();
      };
    },
  });
}

/** Changes when a run begins or ends. */
function markOf(status: SessionStatus | undefined): string {
  return `${status?.run} ${status?.exit?.at}`;
}
