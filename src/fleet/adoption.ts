/** Makes a process that was started by hand a session's newest run: in its run folder, in memory, and in the history once the session is written down. */

import type { Clock } from "../kernel/clock.ts";
import type { Directory } from "../pairs/directory.ts";
import type { Session } from "../pairs/session.ts";
import { definitionOf } from "./order.ts";
import type { Recorder } from "./recorder.ts";
import type { AdoptedProcess, AdoptionOrder, RunSeen, Terminals } from "./terminals.ts";
import type { Tracks } from "./tracks.ts";

export interface AdoptionOptions {
  directory: Directory;
  terminals: Terminals;
  tracks: Tracks;
  recorder: Recorder;
  clock: Clock;
  newRunId: (now: number) => string;
}

/** The run is there before its session is, so that no look ever sees a session that wants a start. Throws `conflict` when the process has ended. */
export function openAdoption({ directory, terminals, tracks, recorder, clock, newRunId }: AdoptionOptions) {
  return (session: Session, process: AdoptedProcess, by: string): { done(): void; undo(): void } => {
    const now = clock.now();
    const program = directory.program(session.program);
    const order: AdoptionOrder = {
      run: newRunId(now),
      session: session.id,
      name: session.name,
      program: session.program,
      pairs: session.pairs.flatMap((id) => directory.pair(id) ?? []).map(({ id, country, operator }) => ({ id, country, operator })),
      // Nobody knows what it was started by; what counts is what is edited from now on.
      definition: program ? definitionOf(session, program) : "",
      by,
      reason: `adopted from screen ${process.screen}`,
      at: now,
      process,
    };
    terminals.adopt(order);
    // Known at once, so that nobody takes it for a stranger that doubles its own session.
    tracks.of(session.id).run = seenAs(order, clock.bootId);
    return {
      done() {
        const { run, reason } = order;
        const { startedAt } = process;
        recorder.started({ run, session: session.id, program: session.program, startedAt, startedBy: by, reason, bootId: clock.bootId });
      },
      undo() {
        terminals.forget(order.run);
        tracks.of(session.id).run = null;
      },
    };
  };
}

/** The other way: the process goes on, and nothing here knows it any more. */
export function openRelease({ terminals, tracks, recorder, clock }: Pick<AdoptionOptions, "terminals" | "tracks" | "recorder" | "clock">) {
  return (seen: RunSeen, by: string): void => {
    const { run, session, program, reason, bootId } = seen;
    tracks.of(session).run = null;
    terminals.forget(run);
    recorder.ended({
      ...{ run, session, program, reason, bootId },
      startedAt: seen.child?.startedAt ?? seen.orderedAt,
      startedBy: seen.by,
      pid: seen.child?.pid ?? null,
      endedAt: clock.now(),
      exitCode: null,
      exitWords: "released; it goes on by itself",
      outcome: "stopped",
      endedBy: by,
      endReason: "released",
      lastLines: [],
    });
  };
}

function seenAs({ process, at, ...order }: AdoptionOrder, bootId: string): RunSeen {
  const { pid, startTicks, startedAt, screenPid, screenStartTicks } = process;
  const { run, session, name, program, definition, by, reason } = order;
  return {
    ...{ run, session, name, program, definition, by, reason, bootId, screenPid },
    orderedAt: at,
    thisBoot: true,
    adopted: true,
    keeper: { pid: screenPid, startTicks: screenStartTicks, alive: true, startedAt },
    child: { pid, startTicks, alive: true, startedAt },
    exit: null,
    stop: null,
  };
}
