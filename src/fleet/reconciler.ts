/**
 * The loop that looks at the terminals, plans, and acts. It decides nothing (judge and plan do) and remembers nothing that is not in run
 * folders or rows: killed at any instant, the next one sees the same fleet and goes on.
 */

import { type Act, type Actor, act, SIGNALBOX } from "../kernel/act.ts";
import type { Clock } from "../kernel/clock.ts";
import { messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { DesiredDoor } from "../pairs/desired.ts";
import type { Directory } from "../pairs/directory.ts";
import type { Program } from "../pairs/program.ts";
import type { Session } from "../pairs/session.ts";
import { openBoard } from "./board.ts";
import { type Code, codeChange } from "./code.ts";
import { openCodeWatch } from "./code-watch.ts";
import { type Configured, openConfiguration } from "./configured.ts";
import { withDouble } from "./doubles.ts";
import type { SessionStatus } from "./fleet.ts";
import { openHealth, type Pace } from "./health.ts";
import type { RunMemory, RunStarted } from "./history.ts";
import { type Intent, type Jitter, phaseOf, type TimeWords, type Verdict, type View } from "./judge.ts";
import { openLeftovers } from "./leftovers.ts";
import { orderOf } from "./order.ts";
import { type Action, plan } from "./plan.ts";
import type { Recorder } from "./recorder.ts";
import { openStarter } from "./starter.ts";
import { loadOf } from "./status.ts";
import type { RunSeen, Terminals, Usage } from "./terminals.ts";
import { openTracks, type Tracks } from "./tracks.ts";
import type { Traffic } from "./traffic.ts";

export interface ReconcilerOptions {
  directory: Directory;
  desired: DesiredDoor;
  terminals: Terminals;
  recorder: Recorder;
  clock: Clock;
  log: Log;
  jitter: Jitter;
  timeWords: TimeWords;
  newRunId: (now: number) => string;
  writeActs: (acts: readonly Act[]) => Promise<void>;
  maxStarting: number;
  onChanged: (sessions: readonly string[]) => void;
  nudge: () => void;
  /** The next look, when it is due before its time. */
  dueIn: (ms: number) => void;
  /** What else runs the same as a session, in a sentence. */
  doubleOf: (session: string) => string | null;
  traffic: Traffic;
  pace: Pace;
  code: Code;
  codeEveryMs: number;
  /** What a program's secrets say, for the start of a run. */
  secretsOf: (program: string) => Record<string, string>;
  /** Processor and memory of every session were measured. */
  onWeighed: (tracks: Tracks) => void;
  /** When a program's schedule last asked for a restart, if that is still to be heeded. */
  scheduledAt: (program: Program | undefined, now: number) => number | null;
}

export interface Reconciler {
  /** Takes over what is there: rows of ended runs, run folders, and open rows whose run left no folder. */
  adopt(past: readonly RunMemory[], open: readonly RunStarted[]): void;
  runOnce(): void;
  /** Configuration changed. */
  reconfigure(): void;
  intend(session: string, intent: Intent): void;
  setLines(session: string, run: string, lines: string[]): void;
  thaw(session: Session, actor: Actor): Promise<void>;
  statuses: ReadonlyMap<string, SessionStatus>;
  tracks: Tracks;
  lastLookAt(): number;
  /** Resolves when no start is on its way. */
  idle(): Promise<void>;
}

/** The wall clock may be set back, so no plan waits longer than this for its hour. */
const PLAN_AT_LEAST_EVERY_MS = 5_000;
const KILL_EVERY_MS = 1_000;
/** What a program may print above its cap before it is known for it. */
const TRIM_EVERY_MS = 2_000;

export function openReconciler(options: ReconcilerOptions): Reconciler {
  const { directory, terminals, recorder, clock, log } = options;
  const tracks = openTracks((program) => directory.program(program)?.successCodes ?? [0]);
  const configuration = openConfiguration(directory, tracks);
  const leftovers = openLeftovers({ ...options, tracks });
  const code = openCodeWatch(options.code, options.codeEveryMs, () => onChange("soon"));
  const starter = openStarter({
    ...options,
    tracks,
    onChange,
    codeOf: (folder) => code.fresh(folder, clock.now()),
    codeNow: (folder) => code.now(folder, clock.now()),
    onLeftover: (session) => noticeLeftovers(session, null, clock.now()),
  });
  const health = openHealth({ ...options, tracks, configured: configuration.all });
  const board = openBoard({
    tracks,
    codeChanged: ({ run }, { program }) => codeChange(run?.code, program && code.known(program.folder), options.timeWords),
    onChanged: options.onChanged,
  });
  const flipping = new Set<string>();
  let dirty = true;
  let dueAt: number | null = null;
  let plannedAt = 0;
  let usedAt = 0;
  let trimmedAt = 0;
  let measuring = false;
  let lookedAt = 0;
  let lastCountry = "";

  function onChange(when: "now" | "soon"): void {
    dirty = true;
    if (when === "now") options.nudge();
  }

  /** An end is understood at once; its row follows when its last lines are there. */
  function absorb(seen: RunSeen, now: number): void {
    dirty = true;
    const ended = tracks.takeIn(seen, now);
    if (!ended) return;
    recorder.ended(ended);
    noticeLeftovers(seen.session, seen.stop?.killAt ?? null, now);
    configuration.ended(seen.session);
    log.info("a run ended", { session: seen.session, name: seen.name, run: seen.run, outcome: ended.outcome, exit: ended.exitWords });
  }

  /** What was asked to end keeps its deadline; what was left by an exit gets the time that a stop would give it. */
  function noticeLeftovers(session: string, killAt: number | null, now: number): void {
    const stopTimeoutMs = configuration.of(session)?.program?.stopTimeoutMs ?? GONE.stopTimeoutMs;
    leftovers.notice(session, now, killAt ?? now + stopTimeoutMs);
  }

  function planAndAct(now: number): void {
    // A deed changes what is seen (a note is written, a screen is being opened), so the plan is drawn again until it asks for nothing new.
    for (let round = 1; ; round++) {
      dirty = false;
      const known = configuration.all();
      const views = known.map((configured) => viewOf(configured, now));
      const drawn = plan(views, now, { ...options, lastCountry });
      lastCountry = drawn.lastCountry;
      dueAt = drawn.dueAt;
      const acted = drawn.actions.filter((action) => apply(action, now)).length;
      if (acted > 0 && round < 3) continue;
      board.show(
        known.map((configured, i) => ({ configured, view: views[i]!, verdict: shown(configured.session.id, drawn.verdicts) })),
        now,
      );
      return;
    }
  }

  function shown(session: string, verdicts: ReadonlyMap<string, Verdict>): Verdict {
    return withDouble(verdicts.get(session)!, options.doubleOf(session));
  }

  function viewOf({ session, program, country, priorityPairs, wanted }: Configured, now: number): View {
    const track = tracks.of(session.id);
    // What was asked for is done, or no longer possible.
    if (!wanted.up || (track.run && track.intent?.kind === "retry")) track.intent = null;
    const { run, past, intent, opening, leftover } = track;
    const { desired } = session;
    const asked = { wanted, desired, intent, surrender: session.surrender ?? null, scheduledAt: options.scheduledAt(program, now) };
    const seen = { run, past, opening, leftover, vitals: health.of(session.id) };
    return { session: session.id, country, priorityPairs, program: program ?? GONE, ...asked, ...seen };
  }

  /** Whether the action made a difference that the plan has to see. */
  function apply(action: Action, now: number): boolean {
    const track = tracks.of(action.session);
    const configured = configuration.of(action.session);
    switch (action.kind) {
      case "start": {
        if (!configured?.program) return false;
        const { by, reason } = action;
        starter.begin(
          orderOf(configured.session, configured.program, configured.pairs, { run: options.newRunId(now), by, reason, at: now }),
        );
        return true;
      }
      case "stop":
      case "restart":
      case "cure": {
        const { kind, by, reason, killAt, run } = action;
        if (kind !== "stop" && by === SIGNALBOX.name) tellRestart(action.session, reason, now);
        health.loosen(action.session);
        const note = { kind, by, reason, at: now, killAt };
        terminals.stop(run, configured?.program?.stopSignal ?? GONE.stopSignal, note);
        if (track.run?.run === run) track.run = { ...track.run, stop: note };
        return true;
      }
      case "kill":
        if (now >= track.killedAt && now - track.killedAt < KILL_EVERY_MS) return false;
        track.killedAt = now;
        log.warn("killing a run", { session: action.session, run: action.run, why: action.why });
        terminals.kill(action.run);
        return false;
      case "flip":
        flip(action.session, action.to);
        return false;
    }
  }

  /** Nobody asked for it, so the audit says who did and why. */
  function tellRestart(session: string, reason: string | null, now: number): void {
    const name = configuration.of(session)?.session.name;
    options
      .writeActs([act(SIGNALBOX, now, "session.restart", `session:${session}`, { reason, detail: { name } })])
      .catch((error) => log.warn("an act could not be written", { verb: "session.restart", error: messageOf(error) }));
  }

  function flip(session: string, to: "up" | "down"): void {
    if (flipping.has(session)) return;
    flipping.add(session);
    options.desired
      .set(session, { state: to, reason: "the time set for it has passed", until: null }, SIGNALBOX)
      .catch((error) => log.warn("a wish that has run out could not be turned", { session, error: messageOf(error) }))
      .finally(() => flipping.delete(session));
  }

  function foldersInUse(): Set<string> {
    return new Set(configuration.all().flatMap(({ session, program }) => (program && tracks.of(session.id).run ? [program.folder] : [])));
  }

  function measure(now: number): void {
    usedAt = now;
    if (measuring) return;
    measuring = true;
    terminals
      .usage()
      .then(weigh)
      .catch((error) => log.warn("the sessions' load cannot be measured", { error: messageOf(error) }))
      .finally(() => {
        measuring = false;
      });
  }

  function weigh(used: ReadonlyMap<string, Usage>): void {
    for (const [, track] of tracks) track.load = loadOf(track, used, clock.uptimeMs());
    health.weigh();
    options.onWeighed(tracks);
    dirty = true;
  }

  return {
    statuses: board.statuses,
    tracks,
    lastLookAt: () => lookedAt,

    adopt(past, open) {
      const now = clock.now();
      for (const run of past) {
        tracks.remember(run);
        tracks.of(run.session).lines = { run: run.run, lines: run.lastLines };
      }
      const found = terminals.list();
      for (const seen of found) absorb(seen, now);
      const folders = new Set(found.map((seen) => seen.run));
      // Killed after the screen was opened and before the row was written: it is, now.
      const told = new Set(open.map((row) => row.run));
      for (const seen of found) if (tracks.of(seen.session).run?.run === seen.run && !told.has(seen.run)) recorder.started(startOf(seen));
      for (const row of open) if (!folders.has(row.run)) recorder.ended(tracks.giveUp(row, row.bootId === clock.bootId, now));
      const ended = found.filter((seen) => phaseOf(seen, now) === "ended").length;
      log.info("the fleet was taken over", { running: found.length - ended, ended });
    },

    runOnce() {
      const changed = terminals.look();
      // Asked after the look: nothing it tells lies in what is to come, or a start that is due at once would wait.
      const now = clock.now();
      for (const seen of changed) absorb(seen, now);
      // A screen that opened and never spoke changes by time alone.
      for (const [, { run }] of tracks) if (run && !run.keeper && phaseOf(run, now) === "ended") absorb(run, now);
      if (leftovers.tend(now)) {
        // A retired session leaves the list with the last of its processes.
        configuration.forget();
        dirty = true;
      }
      if (now - trimmedAt >= TRIM_EVERY_MS || now < trimmedAt) {
        trimmedAt = now;
        terminals.trim();
      }
      if (now - usedAt >= options.pace.measureMs || now < usedAt) measure(now);
      if (health.look(now)) dirty = true;
      code.tend(now, foldersInUse);
      if (dirty || (dueAt !== null && now >= dueAt) || Math.abs(now - plannedAt) >= PLAN_AT_LEAST_EVERY_MS) {
        plannedAt = now;
        planAndAct(now);
      }
      // After the deeds: a start does not wait for rows and last lines.
      recorder.settle(now);
      if (dirty) planAndAct(now);
      if (dueAt !== null) options.dueIn(dueAt - now);
      lookedAt = now;
    },

    reconfigure() {
      configuration.forget();
      dirty = true;
    },

    intend(session, intent) {
      tracks.of(session).intent = intent;
      dirty = true;
    },

    setLines(session, run, lines) {
      const track = tracks.of(session);
      if (track.lines && track.lines.run > run) return;
      track.lines = { run, lines };
      dirty = true;
    },

    thaw: (session, actor) => health.thaw(session, actor, clock.now()),

    idle: starter.idle,
  };
}

function startOf({ run, session, program, by, reason, bootId, orderedAt, adopted, child }: RunSeen): RunStarted {
  return { run, session, program, startedBy: by, reason, bootId, startedAt: adopted ? (child?.startedAt ?? orderedAt) : orderedAt };
}

/** A program whose definition is gone is stopped as programs are by default. */
const GONE: View["program"] = {
  stopSignal: "TERM",
  stopTimeoutMs: 10_000,
  restart: { policy: "never", firstDelayMs: 0, capMs: 0, stableAfterMs: 0, giveUpAfter: 1, giveUpWindowMs: 0 },
};
