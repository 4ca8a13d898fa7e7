/** What the rest of the house may ask of the fleet: status as observed, restarts, and word of every change. */

import type { Actor } from "../kernel/act.ts";
import type { Topic } from "../kernel/topic.ts";
import type { Session } from "../pairs/session.ts";
import type { Outputs } from "./outputs.ts";
import type { Sample } from "./samples.ts";
import type { SessionState } from "./states.ts";
import type { Timeline, TimelinePage } from "./timeline.ts";

export interface ExitSeen {
  /** As a shell says it: 137 for KILL. null: the kernel would not tell. */
  code: number | null;
  /** "killed by signal 9 (KILL)", "exit code 3", "command not found". */
  words: string;
  at: number;
}

export interface SessionStatus {
  session: string;
  state: SessionState;
  /** One sentence: "exited with code 3, next try 14:02:31 (3rd in 30 min)". */
  why: string;
  /** The newest run: the one that lives, else the one that ended last. */
  run: string | null;
  /** Pid of the program, while it lives. */
  pid: number | null;
  /** Pid of the SCREEN process: `screen -r <pid>`. */
  screenPid: number | null;
  startedAt: number | null;
  /** How that run ended; null while it lives. */
  exit: ExitSeen | null;
  /** Unexpected exits inside the policy's window. */
  restarts: number;
  /** When it exited first without being asked, of the exits that follow each other now; null: it is not in trouble. */
  failingSince: number | null;
  nextTryAt: number | null;
  /** While stopping: when KILL follows. */
  killAt: number | null;
  /** Last lines of the last ended run, masked; empty while all is well. */
  lastLines: string[];
  /** Of all its processes: share of one core, 0-1 and more, over the last looks; null before two looks. */
  cpu: number | null;
  memoryBytes: number | null;
  /** The name under which the living run was started, and under which its program may report. */
  runsAs: string | null;
  /** The living run was started by hand. */
  adopted: boolean;
  /** Program edited since this run began. */
  restartPending: boolean;
  /** What changed in its program's folder since this run began: "a1b2c3d -> d4e5f6a"; null: nothing, or it cannot be told. */
  codeChanged: string | null;
  /** Wall time of the look this status comes from. */
  observedAt: number;
}

export interface Fleet {
  status(sessionId: string): SessionStatus | undefined;
  /** The state alone, for those who ask for many. */
  state(sessionId: string): SessionState | undefined;
  all(): SessionStatus[];
  /** Ids whose status changed; told after each look. */
  changed: Topic<readonly string[]>;
  /** Asks for a restart: TERM, exit, start. The wish stays up. Allowed for high priority (one session at a time). Resolves when it is written down. */
  restart(session: string, actor: Actor, reason?: string): Promise<void>;
  /** Forget the crash loop and try now (after `crashed`, or in `backoff`). */
  retryNow(session: string, actor: Actor, reason?: string): Promise<void>;
  /** Types Ctrl-Q into a frozen terminal; 409 `not_frozen` when it is not. Whether it helped is seen with the next look. */
  thaw(session: string, actor: Actor): Promise<void>;
  /**
   * Another label for the same session, as the roster has it; its program runs on. `shown`: `screen -ls` shows the new name already;
   * otherwise it does from the next start on.
   */
  rename(session: string, name: string, actor: Actor): Promise<{ session: Session; shown: boolean }>;
  /** No more retries until somebody starts it: 409 `not_retrying` when none is set, 409 `high_priority`. */
  surrender(session: string, actor: Actor, reason?: string): Promise<void>;
  /** Past runs, newest first. */
  history(session: string, limit: number): Promise<RunRecord[]>;
  /** What happened to it and who did that, newest first, in pages. */
  timeline(session: string, page: TimelinePage): Promise<Timeline>;
  /** Processor and memory, a sample a minute, oldest first; at most a day back. */
  samples(session: string, since: number): Promise<Sample[]>;
  /** The last lines of a run's output (the newest run by default), masked, control sequences stripped. */
  output(session: string, options: { run?: string; tail: number; search?: string }): Promise<string[]>;
  /** All that is kept of what runs have printed. */
  outputs: Outputs;
  /** Follows the newest run's output: lines as they come, masked, at most 200 a second; call the return value to stop. Goes on into the next run. */
  follow(session: string, onLines: (lines: string[]) => void): () => void;
}

/** One start of a session, until its exit. */
export interface RunRecord {
  run: string;
  session: string;
  startedAt: number;
  startedBy: string;
  reason: string | null;
  pid: number | null;
  endedAt: number | null;
  exitCode: number | null;
  exitWords: string | null;
  /** `stopped`, `crashed`, `lost`, `terminal_gone`, `interrupted`, `success`, `refused`, `unhealthy`. */
  outcome: string | null;
  /** Who asked for the end, when somebody did, and why. */
  endedBy: string | null;
  endReason: string | null;
  lastLines: string[];
}
