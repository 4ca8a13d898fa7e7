/**
 * Port: the terminals that programs run in, one run of one session in each. They live on without us.
 *
 * `start` opens a terminal and returns before its program is seen; it throws an AppError that says what to mend, and then nothing was
 * started: `invalid` (folder missing, user unknown), `unavailable` (no screen on this machine), `conflict` with reason `leftover` (a
 * process that this session's earlier run left behind still holds its lock: `sweep` ends it) or `locked` (somebody else does).
 * Of all starts of one program and pair, however many Signalboxes ask, at most one runs its program; the others end with code 75.
 * `adopt` takes a process that somebody else started as the run it names: from then on it is seen, stopped and ended like any other, but
 * for its exit code, which only a recent kernel tells of it. It throws `conflict` with reason `gone` when the process is not there any
 * more, and touches nothing of it in any case. What it started in its process group stands in for it when it ends first.
 * `list` reads everything anew, also what another Signalbox started; `look` gives what changed since, and is cheap while nothing does.
 * `stop` and `kill` write nothing into a terminal: they are signals, and each checks first that the process is still the one it means.
 */

import type { CodeState } from "./code.ts";

export interface PairLabel {
  id: string;
  country: string;
  operator: string;
}

/** All a terminal needs to start one run. */
export interface StartOrder {
  run: string;
  session: string;
  /** The session's label, under which `screen -ls` shows it. */
  name: string;
  program: string;
  pairs: readonly PairLabel[];
  command: readonly string[];
  folder: string;
  environment: Readonly<Record<string, string>>;
  /** The system user the program runs as, or null for ours. */
  user: string | null;
  /** What the program's definition was, for "restart pending". */
  definition: string;
  /** What the code in its folder was, for "code changed". */
  code?: CodeState | null;
  by: string;
  reason: string | null;
  /** Wall ms. */
  at: number;
}

/** A process that is to be a run from now on. */
export interface AdoptionOrder extends Omit<StartOrder, "command" | "folder" | "environment" | "user"> {
  process: AdoptedProcess;
}

export interface AdoptedProcess {
  pid: number;
  startTicks: number;
  /** Wall ms. */
  startedAt: number;
  group: number;
  session: number;
  /** The screen it runs in: `4242`, `4242.program1 IN vi`. */
  screenPid: number;
  screenStartTicks: number;
  screen: string;
}

export type StopSignal = "TERM" | "INT" | "HUP" | "QUIT" | "USR1" | "USR2";

/** Why a run is being ended: kept beside the run, so that its exit is understood even by another Signalbox. */
export interface StopNote {
  /** `cure`: a restart because of its health, counted like an exit that nobody asked for. */
  kind: "stop" | "restart" | "cure";
  by: string;
  reason: string | null;
  at: number;
  killAt: number;
}

export interface ProcessSeen {
  pid: number;
  /** Start time in clock ticks since boot: with the boot id, what tells it from another process of that pid. */
  startTicks: number;
  alive: boolean;
  /** Wall ms. */
  startedAt: number;
  /** Wall ms when it was first seen to be gone. */
  goneAt?: number;
}

/** One run as its files and the kernel show it. */
export interface RunSeen {
  run: string;
  session: string;
  name: string;
  program: string;
  definition: string;
  /** What the code in its folder was when it began; null: not known. */
  code?: CodeState | null;
  by: string;
  reason: string | null;
  orderedAt: number;
  /** It was started under the boot that still runs. */
  thisBoot: boolean;
  bootId: string;
  /** It was started by hand: its keeper is the screen itself, and tells nothing. */
  adopted: boolean;
  screenPid: number | null;
  /** What holds the terminal open and tells the exit code. */
  keeper: ProcessSeen | null;
  /** The program. */
  child: ProcessSeen | null;
  exit: { code: number; at: number } | null;
  stop: StopNote | null;
}

export interface Usage {
  cpuMs: number;
  memoryBytes: number;
}

export interface Terminals {
  list(): RunSeen[];
  look(): RunSeen[];
  /** Calls back as soon as a run's files change, so that nobody waits for the next look. */
  watch(onChange: () => void): () => void;
  start(order: StartOrder): Promise<void>;
  /** What the code in its folder was when a run began: found out while it starts, and kept with it. Nothing when the run is gone. */
  keepCode(run: string, code: CodeState): void;
  adopt(order: AdoptionOrder): void;
  /** Writes the note, then signals the program and what it started. */
  stop(run: string, signal: StopSignal, note: StopNote): void;
  /** KILL for every process of the terminal but its keeper, which records the exit. */
  kill(run: string): void;
  /** What ended runs of a session left behind: processes with its cookie in their environment that hold its lock. Cheap while nothing does. */
  leftovers(session: string): number[];
  /** Signals them. Only while no run of the session lives. TERM spares those in the run's terminal: its end has told them already. */
  sweep(session: string, signal: "TERM" | "KILL"): number[];
  /** Whether a run's terminal is still open: until then its last output may be on the way. */
  isOpen(run: string): boolean;
  /** By run, of all processes in its terminal but the keeper: processor time, and memory as the sum of what is resident of each. */
  usage(): Promise<Map<string, Usage>>;
  /**
   * By run, what a program that waits in a write to its terminal waits with: the same text as long as it is the same wait. Empty where
   * the kernel does not tell us.
   */
  held(): Map<string, string>;
  /** Types Ctrl-Q into its terminal. Says nothing of the effect. Throws `unavailable` when screen does not take it, `conflict` when it is gone. */
  thaw(run: string): Promise<void>;
  /** Gives a run's terminal another name, as far as its screen does it; says whether it has. An adopted one keeps its own. */
  rename(run: string, name: string): Promise<boolean>;
  /** Cuts output that has outgrown its cap; what grows faster than it is asked is cut more often, by itself. */
  trim(): void;
  /** The run's files are no longer needed. Its output stays, as long as the newest runs' are kept. */
  forget(run: string): void;
  /** Output files of a run, oldest first; the newest run of the session when none is named. Empty when there is none. */
  output(session: string, run?: string): string[];
  /** Runs of a session whose output is kept, newest first. */
  outputRuns(session: string): string[];
  /** Ends the watching, not the terminals. */
  close(): void;
}
