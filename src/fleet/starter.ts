/** Carries out a start: asks the terminals, and turns a refusal into a row that says why, so that it is retried like any early end. */

import type { Clock } from "../kernel/clock.ts";
import { AppError, messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import { type CodeState, codeAt } from "./code.ts";
import type { RunEnded, RunMemory } from "./history.ts";
import type { Recorder } from "./recorder.ts";
import type { StartOrder, Terminals } from "./terminals.ts";
import type { Track, Tracks } from "./tracks.ts";

/** git takes a processor for longer than a screen does: it must not stand in the way of the program's own start. */
const CODE_AFTER_MS = 50;

export interface StarterOptions {
  terminals: Terminals;
  tracks: Tracks;
  recorder: Recorder;
  clock: Clock;
  log: Log;
  /** The environment that is nobody's to see, opened for this start alone. Throws when it cannot be. */
  secretsOf: (program: string) => Record<string, string>;
  /** What the code is that it begins with. */
  codeOf: (folder: string) => Promise<CodeState | null>;
  /** The same when it is known already: of hundreds that start at once each folder is looked at once a second. */
  codeNow: (folder: string) => CodeState | null | undefined;
  onLeftover: (session: string) => void;
  /** What is known of the session has changed: to be planned at once, or with the next look. */
  onChange: (when: "now" | "soon") => void;
}

export interface Starter {
  /** Returns at once; the session is `opening` until the terminals have answered. */
  begin(order: StartOrder): void;
  /** Resolves when no start is on its way. */
  idle(): Promise<void>;
}

export function openStarter({
  terminals,
  tracks,
  recorder,
  clock,
  log,
  secretsOf,
  codeOf,
  codeNow,
  onLeftover,
  onChange,
}: StarterOptions): Starter {
  const opening = new Set<Promise<void>>();

  async function attempt(track: Track, order: StartOrder): Promise<void> {
    let refusal: unknown = null;
    try {
      const environment = { ...order.environment, ...secretsOf(order.program) };
      const code = codeNow(order.folder);
      const opened = terminals.start({ ...order, environment, ...(code === undefined ? {} : { code }) });
      // What is known a moment after the start is early enough, a start is not.
      if (code === undefined) void keepCode(track, order);
      await opened;
    } catch (error) {
      refusal = error;
    }
    track.opening = false;
    if (refusal === null) opened(track, order);
    else if (isLeftover(refusal)) held(track, order);
    else refused(track, order, messageOf(refusal));
  }

  async function keepCode(track: Track, { run, folder, at }: StartOrder): Promise<void> {
    await Bun.sleep(CODE_AFTER_MS);
    const seen = await codeOf(folder);
    if (seen === null) return;
    const code = codeAt(seen, at, clock.now());
    terminals.keepCode(run, code);
    if (track.run?.run === run) track.run = { ...track.run, code };
    onChange("soon");
  }

  function opened(track: Track, order: StartOrder): void {
    const { run, session, name, program, definition, by, reason, at } = order;
    recorder.started({ run, session, program, startedAt: at, startedBy: by, reason, bootId: clock.bootId });
    onChange("now");
    // A quick program may have been seen, or even have ended, before its screen's opener returned.
    if (track.run?.run === run || track.past.some((ended) => ended.run === run)) return;
    const known = {
      run,
      session,
      name,
      program,
      definition,
      code: null,
      by,
      reason,
      orderedAt: at,
      thisBoot: true,
      bootId: clock.bootId,
      adopted: false,
    };
    track.run = { ...known, screenPid: null, keeper: null, child: null, exit: null, stop: null };
  }

  /** Something of an earlier run is still there: the start is tried again when it is gone. */
  function held(track: Track, { session, by, reason, at }: StartOrder): void {
    track.intent = { kind: "retry", by, reason, at };
    onLeftover(session);
    onChange("soon");
  }

  function refused(track: Track, order: StartOrder, words: string): void {
    const { run, session, name, program, by, reason, at } = order;
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
