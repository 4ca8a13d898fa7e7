/** What keeps the pages of sessions alive: the table, and one session with its output. */

import { Tally } from "../../views/parts.tsx";
import { OUTPUT_LINES, Runs, SessionNow } from "../../views/sessions/detail.tsx";
import { SessionRow } from "../../views/sessions/list.tsx";
import { SessionTimeline } from "../../views/sessions/timeline.tsx";
import type { RunRecord, SessionStatus } from "../fleet/fleet.ts";
import type { Timeline } from "../fleet/timeline.ts";
import type { Session } from "../pairs/session.ts";
import { whenStatesChange } from "./board.tsx";
import { tallyOf } from "./board-model.ts";
import type { Source } from "./events.ts";
import { liveSource, type Part, patch } from "./live.ts";
import type { PageServices } from "./page.tsx";
import { allSessions, permitsOf, sessionModel } from "./session-model.ts";

export const RUNS = 20;
/** Of the timeline, on one page. */
export const MOMENTS = 50;
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
export function sessionSource(services: PageServices, session: Session, acts: boolean): Source {
  const { directory, fleet, clock } = services;
  let runs: readonly RunRecord[] | null = null;
  let timeline: Timeline | null = null;

  const now = (): Part[] => {
    const found = directory.session(session.id);
    if (!found || found.retiredAt !== null) return [];
    const props = sessionModel(found, services);
    const permits = permitsOf(found, services);
    return [
      {
        id: `${session.id}-now`,
        key: JSON.stringify([props, permits]),
        draw: () => String(<SessionNow detail={{ session: props, permits, now: clock.now(), acts }} />),
        data: () => ({ ...props, permits }),
      },
      // Part of the whole, too: whoever joins just after a restart has a page that was drawn just before its run was written down.
      ...(runs === null ? [] : [runsPart(runs)]),
      ...(timeline === null ? [] : [timelinePart(found, timeline)]),
    ];
  };
  const runsPart = (shown: readonly RunRecord[]): Part => ({
    id: `${session.id}-runs`,
    key: shown.map((run) => `${run.run} ${run.endedAt}`).join("\n"),
    draw: () => String(<Runs id={session.id} runs={shown} now={clock.now()} />),
    data: () => shown,
  });

  const timelinePart = ({ id, name }: Session, shown: Timeline): Part => ({
    id: `${id}-timeline`,
    key: shown.moments.map(({ at, event }) => `${at} ${event}`).join("\n"),
    draw: () => String(<SessionTimeline id={id} name={name} now={clock.now()} timeline={shown} newest />),
    data: () => shown,
  });

  /** The history is read when somebody begins to look and when a run began or ended, until it tells what is seen. */
  function followRuns(nudge: () => void): () => void {
    let reading: ReturnType<typeof setTimeout> | null = null;
    let left = false;
    const readIn = (ms: number) => {
      if (reading) clearTimeout(reading);
      reading = setTimeout(read, ms);
    };
    const read = () =>
      void Promise.all([fleet.history(session.id, RUNS), fleet.timeline(session.id, { limit: MOMENTS })]).then(
        ([found, past]) => {
          if (left) return;
          runs = found;
          timeline = past;
          nudge();
          if (isBehind(found, fleet.status(session.id))) readIn(WRITTEN_MS);
        },
        () => {}, // The next change asks again.
      );
    let mark = markOf(fleet.status(session.id));
    const leaveFleet = fleet.changed.subscribe((ids) => {
      const next = markOf(fleet.status(session.id));
      if (!ids.includes(session.id) || next === mark) return;
      mark = next;
      readIn(WRITTEN_MS);
    });
    // A wish that changes nothing, an edit of its program: in the timeline all the same.
    const leaveDirectory = directory.changed.subscribe((changed) => {
      const { id, program, pairs } = session;
      if (changed.some((change) => change.id === id || change.id === program || pairs.includes(change.id))) readIn(WRITTEN_MS);
    });
    read();
    return () => {
      left = true;
      leaveDirectory();
      runs = null;
      timeline = null;
      if (reading) clearTimeout(reading);
      leaveFleet();
    };
  }

  const source = liveSource({
    everyMs: 1000,
    now: clock.now,
    urgent: (nudge) => {
      const leaveFleet = fleet.changed.subscribe((ids) => ids.includes(session.id) && nudge());
      const leaveDirectory = directory.changed.subscribe((changed) => changed.some(({ id }) => id === session.id) && nudge());
      const leaveRuns = followRuns(nudge);
      return () => {
        leaveFleet();
        leaveDirectory();
        leaveRuns();
      };
    },
    parts: now,
    direct(send) {
      const leaveOutput = fleet.follow(session.id, (lines) => send(outputPatch("append", lines), { output: lines }, "append"));
      // Programs get the end apart from the snapshot, once the reader is there; pages have it in theirs.
      queueMicrotask(() => send("", { output: end() }, "content"));
      return leaveOutput;
    },
  });

  return {
    ...source,
    // Whoever comes, or comes back, missed lines since its page was drawn: output.js joins the two.
    snapshot: (format) => source.snapshot(format) + (format === "html" ? outputPatch("content", end()) : ""),
  };

  function end(): string[] {
    return fleet.outputs.stretch(session.id, { lines: OUTPUT_LINES }).lines;
  }

  function outputPatch(how: "content" | "append", lines: readonly string[]): string {
    return patch(`${session.id}-output`, how, lines.map((line) => `${Bun.escapeHTML(line)}\n`).join(""));
  }
}

/** Changes when a run begins or ends, and with what else the timeline tells. */
function markOf(status: SessionStatus | undefined): string {
  return `${status?.run} ${status?.exit?.at} ${status?.state}`;
}

/** Whether the history does not yet know the run that is seen, or its end. */
function isBehind([newest]: readonly RunRecord[], status: SessionStatus | undefined): boolean {
  if (!status?.run) return false;
  return newest?.run !== status.run || (status.exit !== null && newest.endedAt === null);
}
