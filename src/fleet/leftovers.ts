/**
 * A run is over when all its processes are: what it left behind (started with setsid, or slower than the shell around it) still holds its
 * lock. It is given a moment to end by itself, then asked, then killed, and the audit says so; no start and no "stopped" comes before.
 */

import { type Act, act, SIGNALBOX } from "../kernel/act.ts";
import { messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { Terminals } from "./terminals.ts";
import type { Tracks } from "./tracks.ts";

export interface Leftover {
  pids: readonly number[];
  since: number;
  /** TERM was sent. */
  asked: boolean;
  killAt: number;
}

export interface Leftovers {
  /** A run of the session has ended: is anything of it still there? */
  notice(session: string, now: number, killAt: number): void;
  /** Goes on with what was noticed. True when anything changed. */
  tend(now: number): boolean;
}

export interface LeftoversOptions {
  terminals: Pick<Terminals, "leftovers" | "sweep">;
  tracks: Tracks;
  log: Log;
  writeActs: (acts: readonly Act[]) => Promise<void>;
}

/** Processes that got the same signal as their parent end a few milliseconds after it. */
const MOMENT_MS = 200;
const KILL_EVERY_MS = 1_000;

export function openLeftovers({ terminals, tracks, log, writeActs }: LeftoversOptions): Leftovers {
  const waiting = new Set<string>();

  function sweep(session: string, signal: "TERM" | "KILL", now: number): void {
    const pids = terminals.sweep(session, signal);
    if (pids.length === 0) return;
    log.warn("ending leftover processes of an earlier run", { session, signal, pids });
    const more = { reason: "an earlier run left them behind and they hold its lock", detail: { signal, pids } };
    writeActs([act(SIGNALBOX, now, "session.sweep", `session:${session}`, more)]).catch((error) =>
      log.warn("an act could not be written", { verb: "session.sweep", error: messageOf(error) }),
    );
  }

  return {
    notice(session, now, killAt) {
      // What carries the cookie of a session that runs is that run.
      if (tracks.of(session).run) return;
      const pids = terminals.leftovers(session);
      if (pids.length === 0) return;
      tracks.of(session).leftover = { pids, since: now, asked: false, killAt };
      waiting.add(session);
    },

    tend(now) {
      let changed = false;
      for (const session of waiting) {
        const track = tracks.of(session);
        const { leftover } = track;
        const pids = leftover && !track.run ? terminals.leftovers(session) : [];
        if (!leftover || pids.length === 0) {
          track.leftover = null;
          waiting.delete(session);
          changed = true;
          continue;
        }
        // The wall clock may have been set back.
        const waitedMs = now < leftover.since ? Number.POSITIVE_INFINITY : now - leftover.since;
        if (!leftover.asked && waitedMs >= MOMENT_MS) {
          sweep(session, "TERM", now);
          track.leftover = { ...leftover, pids, asked: true };
          changed = true;
        } else if (leftover.asked && (now >= leftover.killAt || waitedMs === Number.POSITIVE_INFINITY)) {
          sweep(session, "KILL", now);
          track.leftover = { ...leftover, pids, since: now, killAt: now + KILL_EVERY_MS };
          changed = true;
        }
      }
      return changed;
    },
  };
}
