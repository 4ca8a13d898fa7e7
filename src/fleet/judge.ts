/** What one session is seen to be, why, and what it needs now. Pure: observation and wish go in, a verdict with its reason comes out. */

import { SIGNALBOX } from "../kernel/act.ts";
import type { Program } from "../pairs/program.ts";
import type { Desired } from "../pairs/session.ts";
import type { RunMemory } from "./history.ts";
import type { Leftover } from "./leftovers.ts";
import { nextAfter, restartsOf, spanWords } from "./restarts.ts";
import type { SessionState } from "./states.ts";
import type { RunSeen } from "./terminals.ts";
import { heavyWords, silentWords, type Vitals } from "./vitals.ts";
import type { Wanted } from "./wanted.ts";

/** What somebody asked for and what is not done yet. */
export interface Intent {
  kind: "restart" | "retry";
  by: string;
  reason: string | null;
  at: number;
}

export interface View {
  session: string;
  /** Of its first pair: starts are spread over countries. */
  country: string;
  /** Its high-priority pairs. */
  priorityPairs: readonly string[];
  wanted: Wanted;
  desired: Desired;
  program: Pick<Program, "restart" | "stopTimeoutMs" | "stopSignal">;
  /** The run that lives, or whose end is not yet written down. */
  run: RunSeen | null;
  /** Ended runs, oldest first. */
  past: readonly RunMemory[];
  /** A start is on its way to the terminals. */
  opening: boolean;
  intent: Intent | null;
  /** Processes that its last run left behind. */
  leftover: Leftover | null;
  /** Of the run that lives. */
  vitals: Vitals;
  /** When its schedule last asked for a restart. */
  scheduledAt: number | null;
  /** Somebody said that no retry shall follow this run. */
  surrender: { run: string; by: string } | null;
}

export interface StartNeed {
  kind: "start";
  by: string;
  reason: string | null;
}
/** `scheduled` waits for the other sessions of its country, `cure` counts as an unexpected exit. */
export type RestartNeed = { kind: "restart" | "scheduled" | "cure"; by: string; reason: string | null };
export type Need = StartNeed | RestartNeed | { kind: "stop"; by: string; reason: string | null } | { kind: "kill"; why: string };

export function isRestart(need: Need | null): need is RestartNeed {
  return need?.kind === "restart" || need?.kind === "scheduled" || need?.kind === "cure";
}

export interface Verdict {
  state: SessionState;
  why: string;
  nextTryAt: number | null;
  killAt: number | null;
  need: Need | null;
  /** When time alone will change this verdict; null: only an event can. */
  dueAt: number | null;
}

/** Chance by run: the same run has the same jitter for ever and for everybody. */
export type Jitter = (run: string) => number;
/** A time of day as people of this place read it. */
export type TimeWords = (ms: number) => string;

/** A screen opens in 3 ms and the shim tells its program in 20; a machine under heavy load takes longer, but not this long. */
export const START_DEADLINE_MS = 10_000;
const KILL_AGAIN_MS = 1_000;
/** From then on an end is shown, although its exit is not yet told. */
const ENDING_SHOWN_MS = 1_000;
export const END_DEADLINE_MS = 10_000;

export type Phase = "starting" | "alive" | "orphan" | "ending" | "ended";

/** Where a run stands, from its files and processes alone. */
export function phaseOf(run: RunSeen, now: number): Phase {
  if (run.exit || !run.thisBoot) return "ended";
  if (run.adopted) return run.child?.alive ? (run.keeper?.alive ? "alive" : "orphan") : "ended";
  const kept = run.keeper?.alive ?? false;
  if (run.child) return run.child.alive ? (kept ? "alive" : "orphan") : kept ? "ending" : "ended";
  if (run.keeper) return kept ? "starting" : "ended";
  return now - run.orderedAt > START_DEADLINE_MS ? "ended" : "starting";
}

export function judge(view: View, now: number, jitter: Jitter, timeWords: TimeWords): Verdict {
  if (view.opening) return quiet("starting", "its screen is being opened");
  return view.run ? judgeRun(view, view.run, now, timeWords) : judgeRest(view, now, jitter, timeWords);
}

function judgeRun(view: View, run: RunSeen, now: number, timeWords: TimeWords): Verdict {
  const { wanted, program } = view;
  if (run.stop) return stopping(run, run.stop, now, timeWords);
  const phase = phaseOf(run, now);
  if (phase === "starting" && (run.keeper === null || wanted.up)) {
    const dueAt = run.orderedAt + START_DEADLINE_MS;
    const late = run.keeper !== null && now >= dueAt;
    const need: Need | null = late ? { kind: "kill", why: `its program was not seen within ${spanWords(START_DEADLINE_MS)}` } : null;
    return { ...quiet("starting", "its screen is open, the program not yet seen"), need, dueAt: late ? now + KILL_AGAIN_MS : dueAt };
  }
  if (phase === "ending") return ending(run.child?.goneAt ?? now, now);
  const killAt = now + program.stopTimeoutMs;
  if (!wanted.up) {
    const need: Need = { kind: "stop", by: wanted.by, reason: wanted.reason };
    return { state: "stopping", why: `asked to end ${wanted.why}`, nextTryAt: null, killAt, need, dueAt: killAt };
  }
  const seen =
    phase === "orphan"
      ? quiet("orphan", "its terminal is gone; the program goes on without one until it ends or is stopped")
      : healthOf(view, run, timeWords);
  return { ...seen, need: restartNeed(view, run) };
}

/** The exit is told in 2 ms. A terminal that hangs tells none, and without its program it is worth nothing. */
function ending(goneAt: number, now: number): Verdict {
  // A wall clock that was set back must not stretch it.
  const sinceMs = now < goneAt - 1_000 ? END_DEADLINE_MS : now - goneAt;
  const why = "its program has ended; the exit code is being written";
  if (sinceMs < ENDING_SHOWN_MS) return { ...quiet("running", why), dueAt: goneAt + ENDING_SHOWN_MS };
  if (sinceMs < END_DEADLINE_MS) return { ...quiet("stopping", why), dueAt: goneAt + END_DEADLINE_MS };
  const need: Need = { kind: "kill", why: `its terminal did not tell its exit within ${spanWords(END_DEADLINE_MS)}` };
  return { ...quiet("stopping", "its program has ended and its terminal does not tell how; closing it"), need, dueAt: now + KILL_AGAIN_MS };
}

function healthOf({ vitals: { frozen, silent } }: View, run: RunSeen, timeWords: TimeWords): Verdict {
  if (frozen) {
    const thaw = frozen.thawAt === null ? "" : `; it is thawed at ${timeWords(frozen.thawAt)}`;
    return quiet("frozen", `its terminal has held it still since ${timeWords(frozen.since)}${thaw}`);
  }
  if (silent) return quiet("silent", silentWords(silent));
  return quiet("running", `started by ${run.by}${run.reason ? `: ${run.reason}` : ""}`);
}

/** A person's word comes first, then what cannot wait. */
function restartNeed({ intent, vitals, program, scheduledAt }: View, run: RunSeen): RestartNeed | null {
  const { name: by } = SIGNALBOX;
  if (intent?.kind === "restart") return { kind: "restart", by: intent.by, reason: intent.reason };
  if (vitals.heavy) return { kind: "cure", by, reason: heavyWords(vitals.heavy) };
  // Who may never be restarted is not ended for its silence.
  if (vitals.silent?.cure && program.restart.policy !== "never") return { kind: "cure", by, reason: silentWords(vitals.silent) };
  if (scheduledAt !== null && run.orderedAt < scheduledAt) return { kind: "scheduled", by, reason: "scheduled" };
  return null;
}

function stopping(run: RunSeen, stop: NonNullable<RunSeen["stop"]>, now: number, timeWords: TimeWords): Verdict {
  // A wall clock that was set back must not stretch the deadline.
  const due = now >= stop.killAt || now < stop.at - 1_000;
  const deed = stop.kind === "stop" ? "stopped" : "restarted";
  const asked = `being ${deed} by ${stop.by}${stop.reason ? `: ${stop.reason}` : ""}`;
  const why = due ? `${asked}; it did not end in time, killing it` : `${asked}; KILL follows at ${timeWords(stop.killAt)}`;
  const need: Need | null = due ? { kind: "kill", why: `did not end within ${spanWords(stop.killAt - stop.at)} of being asked` } : null;
  if (run.child === null && run.keeper === null) return { ...quiet("stopping", asked), dueAt: run.orderedAt + START_DEADLINE_MS };
  return { state: "stopping", why, nextTryAt: null, killAt: stop.killAt, need, dueAt: due ? now + KILL_AGAIN_MS : stop.killAt };
}

function judgeRest(view: View, now: number, jitter: Jitter, timeWords: TimeWords): Verdict {
  const { wanted, desired, intent, program } = view;
  const policy = program.restart;
  const restarts = restartsOf(view.past, policy);
  const last = restarts.last;
  if (view.leftover) return clearing(view.leftover, timeWords);
  if (!wanted.up) return quiet("stopped", `stopped ${wanted.why}`);
  if (intent) return starting("starting", intent);
  const freshWish = desired.state === "up" && (!last || desired.at > last.endedAt);
  if (!last || freshWish) return starting("starting", wanted);
  if (last.outcome === "lost") return starting("lost", { by: SIGNALBOX.name, reason: "lost in reboot" });
  if (last.outcome === "stopped") return starting("starting", comeback(view, last));
  if (view.surrender?.run === last.run && !wanted.priority) return quiet("crashed", `${last.exitWords}; given up by ${view.surrender.by}`);
  const next = nextAfter({ ...restarts, last }, policy, wanted.priority, jitter(last.run));
  if (next.kind === "rest") return quiet(next.as, next.why);
  // A wall clock that was set back must not hold a start for hours.
  const due = now >= next.at || now < last.endedAt - 1_000;
  const count = restarts.failures > 0 ? `; ${ordinal(restarts.failures)} exit in ${spanWords(policy.giveUpWindowMs)}` : "";
  const why = `${last.exitWords}${count}, next try ${timeWords(next.at)}`;
  const need: Need | null = due ? { kind: "start", by: SIGNALBOX.name, reason: last.exitWords } : null;
  return { state: "backoff", why, nextTryAt: next.at, killAt: null, need, dueAt: due ? null : next.at };
}

/** Why what was ended on request is started again: a restart whose intent a Signalbox that was killed has forgotten, or a wish made meanwhile. */
function comeback({ scheduledAt, desired, wanted }: View, last: RunMemory): { by: string; reason: string | null } {
  const { name: by } = SIGNALBOX;
  if (scheduledAt !== null && last.startedAt < scheduledAt) return { by, reason: "scheduled" };
  if (desired.state === "up" && desired.at > last.startedAt) return wanted;
  // The wish is older than the run: whoever ended it wanted no end.
  if (last.endedBy != null && last.endedBy !== by) return { by: last.endedBy, reason: last.endReason ?? null };
  return { by, reason: wanted.priority ? wanted.why : (wanted.reason ?? `wanted up by ${wanted.by}`) };
}

/** Until they are gone, their session is neither stopped nor free to start. */
function clearing({ pids, killAt }: Leftover, timeWords: TimeWords): Verdict {
  const who = pids.length === 1 ? `process ${pids[0]}` : `processes ${pids.join(", ")}`;
  const why = `${who} of its last run still there; KILL follows at ${timeWords(killAt)}`;
  return { ...quiet("stopping", why), killAt };
}

function quiet(state: SessionState, why: string): Verdict {
  return { state, why, nextTryAt: null, killAt: null, need: null, dueAt: null };
}

function starting(state: SessionState, { by, reason }: { by: string; reason: string | null }): Verdict {
  return { ...quiet(state, "waits for its turn to start"), need: { kind: "start", by, reason } };
}

function ordinal(count: number): string {
  const tens = count % 100;
  const suffix = tens > 10 && tens < 14 ? "th" : (["th", "st", "nd", "rd"][count % 10] ?? "th");
  return `${count}${suffix}`;
}
