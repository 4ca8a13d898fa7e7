/** Sessions, runs and policies as the plan sees them, with what a test does not name left at its usual value. */

import type { RunMemory } from "../../src/fleet/history.ts";
import type { View } from "../../src/fleet/judge.ts";
import type { RunSeen } from "../../src/fleet/terminals.ts";
import { WELL } from "../../src/fleet/vitals.ts";
import { DEFAULT_RESTART, type RestartPolicy } from "../../src/pairs/program.ts";

export const NOON = Date.UTC(2026, 0, 5, 12);

export const policyOf = (more: Partial<RestartPolicy> = {}): RestartPolicy => ({ ...DEFAULT_RESTART, ...more });

export function endedRun(more: Partial<RunMemory> = {}): RunMemory {
  return {
    run: "r_1",
    session: "s_1",
    startedAt: NOON - 1_000,
    startedBy: "signalbox",
    endedAt: NOON,
    exitCode: 3,
    exitWords: "exit code 3",
    outcome: "crashed",
    lastLines: [],
    ...more,
  };
}

const process = (pid: number, alive = true) => ({ pid, startTicks: pid, alive, startedAt: NOON });

export function liveRun(more: Partial<RunSeen> = {}): RunSeen {
  return {
    run: "r_2",
    session: "s_1",
    name: "program1_UZ_uzmobile",
    program: "program1",
    definition: "d",
    by: "anna",
    reason: null,
    orderedAt: NOON,
    thisBoot: true,
    bootId: "boot-1",
    adopted: false,
    screenPid: 99,
    keeper: process(100),
    child: process(101),
    exit: null,
    stop: null,
    ...more,
  };
}

export const dead = { keeper: process(100, false), child: process(101, false) };
export const orphaned = { keeper: process(100, false) };
export const opened = { keeper: process(100), child: null };

export function viewOf(more: Partial<View> = {}): View {
  return {
    session: "s_1",
    country: "UZ",
    priorityPairs: [],
    wanted: { up: true, priority: false, why: "by anna", by: "anna", reason: null },
    desired: { state: "up", by: "anna", reason: null, at: NOON - 3_600_000, until: null },
    program: { restart: policyOf(), stopTimeoutMs: 10_000, stopSignal: "TERM" },
    run: null,
    past: [],
    opening: false,
    intent: null,
    leftover: null,
    vitals: WELL,
    scheduledAt: null,
    surrender: null,
    ...more,
  };
}

export const down: Partial<View> = {
  wanted: { up: false, priority: false, why: "by boris: lunch", by: "boris", reason: "lunch" },
  desired: { state: "down", by: "boris", reason: "lunch", at: NOON - 1, until: null },
};

export const vital: Partial<View> = {
  wanted: { up: true, priority: true, why: "UZ_uzmobile is high priority", by: "anna", reason: null },
  priorityPairs: ["UZ_uzmobile"],
};
