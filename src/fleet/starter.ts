/** Carries out a start: asks the terminals, and turns a refusal into a row that says why, so that it is retried like any early end. */

import { type Act, act, SIGNALBOX } from "../kernel/act.ts";
import type { Clock } from "../kernel/clock.ts";
import { AppError, messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { RunEnded, RunMemory } from "./history.ts";
import type { Recorder } from "./recorder.ts";
import type { StartOrder, Terminals } from "./terminals.ts";
import type { Track, Tracks } from "./tracks.ts";

export interface StarterOptions {
  terminals: Terminals;
  tracks: Tracks;
  recorder: Recorder;
  clock: Clock;
  log: Log;
  writeActs: (acts: readonly Act[]) => Promise<void>;
  /** What is known of the session has changed: to be planned at once, or with the next look. */
  onChange: (when: "now" | "soon") => void;
}

export interface Starter {
  /** Returns at once; the session is `opening` until the terminals have answered. */
  begin(order: StartOrder): void;
  /** Resolves when no start is on its way. */
  idle(): Promise<void>;
}

/** A process that was sent KILL needs a moment to let go of its lock; one that never does makes the start a refused one. */
const MAX_SWEEPS = 8;

export function openStarter({ terminals, tracks, recorder, clock, log, writeActs, onChange }: StarterOptions): Starter {
  const opening = new Set<Promise<void>>();

  async function attempt(track: Track, order: StartOrder): Promise<void> {
    let refusal: unknown = null;
    try {
      await terminals.start(order);
    } catch (error) {
      refusal = error;
    }
    track.opening = false;
    if (refusal === null) opened(track, order);
    else if (isLeftover(refusal) && track.sweeps < MAX_SWEEPS) await sweep(track, order);
    else refused(track, order, messageOf(refusal));
  }

  function opened(track: Track, order: StartOrder): void {
    const { run, session, name, program, definition, by, reason, at } = order;
    track.sweeps = 0;
    recorder.started({ run, session, program, startedAt: at, startedBy: by, reason, bootId: clock.bootId });
    onChange("now");
    // A quick program may have been seen, or even have ended, before its screen's opener returned.
    if (track.run?.run === run || track.past.some((ended) => ended.run === run)) return;
    const known = { run, session, name, program, definition, by, reason, orderedAt: at, thisBoot: true, bootId: clock.bootId };
    track.run = { ...known, screenPid: null, keeper: null, child: null, exit: null, stop: null };
  }

  function refused(track: Track, order: StartOrder, words: string): void {
    const { run, session, name, program, by, reason, at } = order;
    track.sweeps = 0;
    log.warn("a start was refused", { session, name, error: words });
    const memory: RunMemory = {
      run,
      session,
      startedAt: at,
      startedBy: by,
      endedAt: clock.now(),
      exitCode: null,
      exitWords: words,
      outcome: "refused",
      lastLines: [],
    };
    tracks.remember(memory);
    track.lines = { run, lines: [] };
    const row: RunEnded = { ...memory, program, reason, bootId: clock.bootId, pid: null, endedBy: null, endReason: null };
    recorder.ended(row);
    onChange("now");
  }

  /** Ends what an earlier run left behind, and says so; the start is tried again with the next look. */
  async function sweep(track: Track, { session, name, by, reason, at }: StartOrder): Promise<void> {
    track.sweeps++;
    track.intent = { kind: "retry", by, reason, at };
    onChange("soon");
    const pids = terminals.sweep(session);
    if (pids.length === 0) return;
    log.warn("ended leftover processes of an earlier run", { session, name, pids });
    const more = { reason: "an earlier run left them behind and they held its lock", detail: { name, pids } };
    await writeActs([act(SIGNALBOX, clock.now(), "session.sweep", `session:${session}`, more)]).catch((error) =>
      log.warn("an act could not be written", { verb: "session.sweep", error: messageOf(error) }),
    );
  }

  return {
    begin(order) {
      const track = tracks.of(order.session);
      track.opening = true;
      track.intent = null;
      const task = attempt(track, order).finally(() => opening.delete(task));
      opening.add(task);
    },
    async idle() {
      await Promise.all(opening);
    },
  };
}

function isLeftover(error: unknown): boolean {
  return error instanceof AppError && error.details.reason === "leftover";
}
