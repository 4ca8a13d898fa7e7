/** The states a session is seen in, and those its pair lends it. One table: word, glyph, colour, rank; code, page and docs/states.md read it. */

export type SessionState =
  | "starting"
  | "running"
  | "silent"
  | "frozen"
  | "stopping"
  | "backoff"
  | "crashed"
  | "stopped"
  | "interrupted"
  | "orphan"
  | "duplicate"
  | "stranger"
  | "shell_idle"
  | "lost";

export type PairState = "degraded" | "probing" | "paused" | "held";
export type LampState = SessionState | PairState;
export type Tone = "go" | "caution" | "stop" | "cold" | "quiet";

export interface LampLook {
  /** The word people read: "retrying". */
  word: string;
  glyph: string;
  tone: Tone;
  /** Trouble first: the higher, the sooner somebody must look. A lamp shows the worse of session and pair. */
  rank: number;
  meaning: string;
}

export const LAMPS: Record<LampState, LampLook> = {
  crashed: { word: "crashed", glyph: "▲", tone: "stop", rank: 100, meaning: "ended unexpectedly and its policy has given up" },
  duplicate: { word: "duplicate", glyph: "⧉", tone: "stop", rank: 95, meaning: "a second copy of the same program and pair is running" },
  orphan: { word: "orphan", glyph: "⚠", tone: "stop", rank: 90, meaning: "the program lives on although its terminal is gone" },
  backoff: { word: "retrying", glyph: "△", tone: "caution", rank: 80, meaning: "ended unexpectedly; the next try is set" },
  frozen: { word: "frozen", glyph: "❄", tone: "cold", rank: 75, meaning: "its terminal holds it still" },
  lost: { word: "lost in reboot", glyph: "↺", tone: "caution", rank: 70, meaning: "was running before the machine went down" },
  degraded: { word: "degraded", glyph: "◐", tone: "caution", rank: 65, meaning: "its success rate is under the threshold" },
  silent: { word: "silent", glyph: "◌", tone: "cold", rank: 60, meaning: "alive, but sends nothing although slots are free" },
  interrupted: { word: "stopped at the terminal", glyph: "⊘", tone: "caution", rank: 55, meaning: "somebody pressed Ctrl-C in its screen" },
  probing: { word: "probing", glyph: "◔", tone: "caution", rank: 50, meaning: "one SMS a minute, to see whether it delivers again" },
  held: { word: "held", glyph: "⏸", tone: "caution", rank: 48, meaning: "an admin holds all permits" },
  paused: { word: "paused", glyph: "‖", tone: "caution", rank: 45, meaning: "gets no permits until its rate recovers" },
  shell_idle: { word: "shell idle", glyph: "▢", tone: "quiet", rank: 40, meaning: "a screen with a shell and no program in it" },
  stranger: { word: "stranger", glyph: "◇", tone: "quiet", rank: 35, meaning: "a screen nobody here started" },
  stopping: { word: "stopping", glyph: "◎", tone: "caution", rank: 30, meaning: "was asked to end; KILL follows at the deadline" },
  starting: { word: "starting", glyph: "◍", tone: "quiet", rank: 25, meaning: "its screen is open, the program not yet seen" },
  stopped: { word: "stopped", glyph: "○", tone: "quiet", rank: 10, meaning: "not wanted up, and not running" },
  running: { word: "running", glyph: "●", tone: "go", rank: 0, meaning: "its program is seen alive" },
};

/** The worse of what the session and its pairs show. */
export function lampOf(session: SessionState, pairs: readonly PairState[] = []): LampState {
  let worst: LampState = session;
  for (const state of pairs) if (LAMPS[state].rank > LAMPS[worst].rank) worst = state;
  return worst;
}

/**
 * Which state may follow which. Observation may jump (a look can come late), so every live state reaches every ended one;
 * what can never happen is listed by leaving it out: a crashed session does not run again without a start.
 */
export const EDGES: Record<SessionState, readonly SessionState[]> = {
  stopped: ["starting", "running", "orphan", "lost"],
  starting: ["running", "silent", "frozen", "stopping", "backoff", "crashed", "stopped", "interrupted", "orphan", "duplicate", "lost"],
  running: ["silent", "frozen", "stopping", "backoff", "crashed", "stopped", "interrupted", "orphan", "duplicate", "starting", "lost"],
  silent: ["running", "frozen", "stopping", "backoff", "crashed", "stopped", "interrupted", "orphan", "duplicate", "starting", "lost"],
  frozen: ["running", "silent", "stopping", "backoff", "crashed", "stopped", "interrupted", "orphan", "duplicate", "starting", "lost"],
  stopping: ["stopped", "starting", "orphan", "backoff", "crashed", "running", "interrupted", "lost"],
  backoff: ["starting", "running", "stopped", "crashed", "orphan", "lost"],
  crashed: ["starting", "stopped", "orphan", "lost"],
  interrupted: ["starting", "stopped", "orphan", "lost"],
  orphan: ["stopping", "stopped", "backoff", "crashed", "starting", "running", "lost"],
  duplicate: ["running", "stopping", "stopped", "backoff", "crashed", "orphan", "lost"],
  lost: ["starting", "running", "stopped", "crashed", "backoff"],
  stranger: ["shell_idle", "running"],
  shell_idle: ["stranger"],
};
