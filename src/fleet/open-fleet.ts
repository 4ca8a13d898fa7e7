/** The fleet, opened: takes over what runs, keeps it as it was asked for, and answers the rest of the house. */

import { createHash } from "node:crypto";
import { type Act, act } from "../kernel/act.ts";
import type { Clock } from "../kernel/clock.ts";
import { conflict, notFound } from "../kernel/errors.ts";
import { timeId } from "../kernel/id.ts";
import { lazily } from "../kernel/lazily.ts";
import type { Log } from "../kernel/log.ts";
import { type Loop, openLoop } from "../kernel/loop.ts";
import { openTopic } from "../kernel/topic.ts";
import type { DesiredDoor } from "../pairs/desired.ts";
import { type Directory, sessionOf } from "../pairs/directory.ts";
import { priorityPairs, refuseIfPriority } from "../pairs/guard.ts";
import type { Program } from "../pairs/program.ts";
import type { Roster } from "../pairs/roster.ts";
import { lastTime } from "../pairs/schedule.ts";
import { openAdoption, openRelease } from "./adoption.ts";
import { type Code, unknownCode } from "./code.ts";
import { CODE_EVERY_MS } from "./code-watch.ts";
import { configuredOf } from "./configured.ts";
import type { Discovery } from "./discovery.ts";
import type { Fleet } from "./fleet.ts";
import { followOutput } from "./follow.ts";
import { PACE, type Pace } from "./health.ts";
import type { History } from "./history.ts";
import type { Intent, Jitter } from "./judge.ts";
import { searchIn, tailOf } from "./output.ts";
import { openOutputs } from "./outputs.ts";
import { openReconciler } from "./reconciler.ts";
import { openRecorder } from "./recorder.ts";
import { noSamples, openSampler, SAMPLES_KEPT_MS, type Samples } from "./samples.ts";
import type { Load } from "./status.ts";
import { openStrangers, type Strangers } from "./strangers.ts";
import type { Terminals } from "./terminals.ts";
import { reachOf, timelineOf } from "./timeline.ts";
import { PAST_RUNS, type Tracks } from "./tracks.ts";
import { noTraffic, type Traffic } from "./traffic.ts";
import { openTrimmer } from "./trimmer.ts";

export interface FleetOptions {
  directory: Directory;
  desired: DesiredDoor;
  roster: Pick<Roster, "addSession" | "releaseSession" | "renameSession">;
  terminals: Terminals;
  discovery: Discovery;
  history: History;
  clock: Clock;
  log: Log;
  /** Acts that go with no other change, like a restart. */
  writeActs: (acts: readonly Act[]) => Promise<void>;
  /** Acts told of any of these, newest first. Without it a timeline holds runs only. */
  actsOf?: (subjects: readonly string[], before: number, limit: number) => Promise<Act[]>;
  /** Without it no load is remembered. */
  samples?: Samples;
  /** IANA zone of the times in sentences. */
  timeZone?: string;
  jitter?: Jitter;
  maxStarting?: number;
  /** Between two looks when nothing happens; what happens is told at once. */
  lookEveryMs?: number;
  /** Without it nobody is called silent. */
  traffic?: Traffic;
  /** Without it no code is seen to change. */
  code?: Code;
  codeEveryMs?: number;
  /** What a program's secrets say; throws when they cannot be opened. */
  secretsOf?: (program: Program) => Record<string, string>;
  pace?: Partial<Pace>;
}

export interface OpenFleet extends Fleet {
  strangers: Strangers;
  start(): void;
  stop(): Promise<void>;
  nudge(): void;
  loops(): Loop[];
}

/** Somebody who starts a screen by hand sees it here this much later. */
const LOOK_FOR_STRANGERS_EVERY_MS = 5_000;

/** Resolves when what was running is known; nothing is started or stopped before `start`. */
export async function openFleet(options: FleetOptions): Promise<OpenFleet> {
  const { directory, terminals, history, clock } = options;
  const log = options.log.with({ part: "fleet" });
  const changed = openTopic<readonly string[]>((error) => log.error("a listener of the fleet failed", { error }));
  const recorder = openRecorder({ history, terminals, log, onLines: (...told) => reconciler.setLines(...told) });
  const samples = options.samples ?? noSamples;
  const trimmer = openTrimmer(history);
  const sampler = openSampler(samples, log, trimmer);
  const reconciler = openReconciler({
    directory,
    desired: options.desired,
    terminals,
    recorder,
    clock,
    log,
    jitter: options.jitter ?? jitterOf,
    timeWords: timeWordsIn(options.timeZone ?? "UTC"),
    newRunId: (now) => runId(now),
    writeActs: options.writeActs,
    maxStarting: options.maxStarting ?? 4,
    onChanged: changed.publish,
    nudge: () => loop.nudge(),
    dueIn: (ms) => loop.dueIn(ms),
    doubleOf: (session) => strangers.doubleOf(session),
    traffic: options.traffic ?? noTraffic,
    pace: { ...PACE, ...options.pace },
    code: options.code ?? unknownCode,
    codeEveryMs: options.codeEveryMs ?? CODE_EVERY_MS,
    secretsOf: (name) => {
      const program = directory.program(name);
      return program && options.secretsOf ? options.secretsOf(program) : {};
    },
    scheduledAt: openSchedules(options.timeZone ?? "UTC"),
    onWeighed: (tracks) => sampler.look(clock.now(), loadsOf(tracks)),
  });
  const takeUp = openAdoption({ ...options, tracks: reconciler.tracks, recorder, newRunId: (now) => runId(now) });
  const letGo = openRelease({ ...options, tracks: reconciler.tracks, recorder });
  const strangers = openStrangers({ ...options, tracks: reconciler.tracks, takeUp, letGo });
  const loop = openLoop({ name: "fleet", everyMs: options.lookEveryMs ?? 250, run: reconciler.runOnce, log, now: clock.now });
  const [past, open] = await Promise.all([history.recent(PAST_RUNS), history.open()]);
  const runId = runIdsAfter([...past, ...open].map((row) => row.run));
  reconciler.adopt(past, open);
  const lookout = openLoop({ name: "strangers", everyMs: LOOK_FOR_STRANGERS_EVERY_MS, run: strangers.glance, log, now: clock.now });
  let leave: (() => void)[] = [];

  async function intend(
    idOrName: string,
    intent: Omit<Intent, "at" | "by">,
    verb: string,
    actor: { name: string; from: string },
  ): Promise<void> {
    const session = sessionOf(directory, idOrName);
    const { wanted } = configuredOf(directory, session);
    if (!wanted.up) throw conflict(`${session.name} is stopped ${wanted.why}. Start it instead.`, "stopped");
    const now = clock.now();
    await options.writeActs([act(actor, now, verb, `session:${session.id}`, { reason: intent.reason, detail: { name: session.name } })]);
    reconciler.intend(session.id, { ...intent, by: actor.name, at: now });
    loop.nudge();
  }

  function idOf(idOrName: string): string {
    return directory.session(idOrName)?.id ?? idOrName;
  }

  return {
    status: (id) => {
      const status = reconciler.statuses.get(id);
      return status && { ...status, observedAt: reconciler.lastLookAt() };
    },
    state: (id) => reconciler.statuses.get(id)?.state,
    all: () => [...reconciler.statuses.values()].map((status) => ({ ...status, observedAt: reconciler.lastLookAt() })),
    changed,
    restart: (session, actor, reason) => intend(session, { kind: "restart", reason: reason ?? null }, "session.restart", actor),
    retryNow: (session, actor, reason) => intend(session, { kind: "retry", reason: reason ?? null }, "session.retry", actor),
    async thaw(idOrName, actor) {
      await reconciler.thaw(sessionOf(directory, idOrName), actor);
    },
    async rename(idOrName, name, actor) {
      const session = await options.roster.renameSession(idOrName, name, actor);
      const run = reconciler.tracks.of(session.id).run;
      const shown = run?.child?.alive ? await terminals.rename(run.run, name) : true;
      loop.nudge();
      return { session, shown };
    },
    async surrender(idOrName, actor, reason) {
      const session = sessionOf(directory, idOrName);
      const status = reconciler.statuses.get(session.id);
      refuseIfPriority(priorityPairs(directory, session), "cannot be given up");
      if (status?.state !== "backoff" || status.run === null) throw conflict(`${session.name} has no retry set`, "not_retrying");
      await options.desired.surrender(session.id, status.run, actor, reason);
      loop.nudge();
    },
    history: (session, limit) => history.of(idOf(session), limit),
    async timeline(idOrName, page) {
      const { id, program, pairs, createdAt } = sessionOf(directory, idOrName);
      const subjects = [`session:${id}`, `program:${program}`, ...pairs.map((pair) => `pair:${pair}`)];
      const reach = reachOf(page);
      const [runs, acts] = await Promise.all([
        history.startedBefore(id, reach.before, reach.rows),
        options.actsOf?.(subjects, reach.before, reach.rows) ?? [],
      ]);
      return timelineOf(runs, acts, createdAt, reach);
    },
    samples: (session, since) => samples.of(idOf(session), Math.max(since, clock.now() - SAMPLES_KEPT_MS)),
    async output(session, { run, tail, search }) {
      const files = terminals.output(idOf(session), run);
      if (run !== undefined && files.length === 0) throw notFound(`Output of run ${run}`);
      return !search && tail <= SHORT_TAIL ? tailOf(files, tail) : searchIn(files, search ?? "", tail);
    },
    outputs: openOutputs(terminals, idOf),
    follow: (session, onLines) => followOutput(terminals, idOf(session), onLines),
    start() {
      leave = [
        directory.changed.subscribe(() => {
          reconciler.reconfigure();
          loop.nudge();
        }),
        terminals.watch(() => loop.nudge()),
        strangers.changed.subscribe(() => {
          reconciler.reconfigure();
          loop.nudge();
        }),
      ];
      reconciler.reconfigure();
      loop.start();
      lookout.start();
    },
    async stop() {
      for (const off of leave.splice(0)) off();
      await lookout.stop();
      await loop.stop();
      await reconciler.idle();
      await Promise.all([recorder.flush(clock.now()), sampler.flush()]);
    },
    nudge: () => loop.nudge(),
    loops: () => [loop, lookout],
    strangers,
  };
}

function* loadsOf(tracks: Tracks): Iterable<readonly [string, Load | null]> {
  for (const [session, { run, load }] of tracks) yield [session, load?.run === run?.run ? load : null];
}

/** Ids that sort by birth even when the wall clock is set back: each lies behind every one before it. */
function runIdsAfter(known: readonly string[]): (now: number) => string {
  let lastMs = Math.max(0, ...known.map((run) => Number.parseInt(run.slice(2, 11), 36)).filter(Number.isFinite));
  return (now) => {
    lastMs = Math.max(now, lastMs + 1);
    return timeId("r", lastMs);
  };
}

/** A restart that was due while nobody looked is made up for an hour; one before the program's last change is not. */
const SCHEDULE_GRACE_MS = 3_600_000;

/** Asked with every plan, worked out once a second. */
function openSchedules(timeZone: string): (program: Program | undefined, now: number) => number | null {
  const known = new Map<string, { key: string; at: number | null }>();
  return (program, now) => {
    if (!program?.schedule) return null;
    const key = `${program.version} ${Math.floor(now / 1000)}`;
    let last = known.get(program.name);
    if (last?.key !== key) {
      const at = lastTime(program.schedule, timeZone, now, SCHEDULE_GRACE_MS);
      last = { key, at: at !== null && at > program.updatedAt ? at : null };
      known.set(program.name, last);
    }
    return last.at;
  };
}

/** Read at once; a longer tail is read in pieces, like a search. */
const SHORT_TAIL = 1_000;

/** From the run's id, so that the next try stays the same for whoever computes it, whenever. */
function jitterOf(run: string): number {
  return createHash("sha256").update(run).digest().readUInt32BE(0) / 2 ** 32;
}

function timeWordsIn(timeZone: string): (ms: number) => string {
  // Intl takes a tenth of a start.
  const format = lazily(() => new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", second: "2-digit" }));
  return (ms) => format().format(ms);
}
