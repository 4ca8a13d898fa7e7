/** What past runs mean for the next: when it is tried, and when its policy gives up. Pure; the rows of the history are its only memory. */

import { SIGNALBOX } from "../kernel/act.ts";
import { MOST_GIVE_UP_AFTER, type RestartPolicy } from "../pairs/program.ts";
import { isHopeless, isUnexpected } from "./exit.ts";
import type { RunMemory } from "./history.ts";

export interface Restarts {
  last: RunMemory | null;
  /** Unexpected exits inside the policy's window before the last exit, the last one included. */
  failures: number;
  /** Ends in a row without a stable run between: what the delay doubles by. */
  streak: number;
}

/** `runs` oldest first. A start by a person begins a new count: they said "try". A stop on request ends the count. */
export function restartsOf(runs: readonly RunMemory[], policy: RestartPolicy): Restarts {
  const last = runs.at(-1) ?? null;
  let streak = 0;
  let failures: number[] = [];
  for (const run of runs) {
    if (run.startedBy !== SIGNALBOX.name || run.outcome === "stopped") {
      streak = 0;
      failures = [];
    }
    if (run.outcome === "stopped" || run.outcome === "lost") continue;
    streak = run.endedAt - run.startedAt >= policy.stableAfterMs ? 1 : streak + 1;
    if (isUnexpected(run.outcome)) failures.push(run.endedAt);
  }
  return { last, streak, failures: last ? failures.filter((at) => at > last.endedAt - policy.giveUpWindowMs).length : 0 };
}

/** Unexpected exits of the last window as of now: the counter people see. */
export function recentFailures(runs: readonly RunMemory[], policy: RestartPolicy, now: number): number {
  return runs.filter((run) => isUnexpected(run.outcome) && run.endedAt > now - policy.giveUpWindowMs).length;
}

/** When the present row of unexpected exits began: the first since somebody started it, or since it last ran stably or ended as it should. */
export function failingSince(runs: readonly RunMemory[], policy: RestartPolicy): number | null {
  let since: number | null = null;
  for (const run of runs) {
    const isNew = run.startedBy !== SIGNALBOX.name || run.endedAt - run.startedAt >= policy.stableAfterMs;
    since = isUnexpected(run.outcome) ? ((isNew ? null : since) ?? run.endedAt) : null;
  }
  return since;
}

/** What follows an end that nobody asked for, while the session is wanted up. */
export type Next = { kind: "retry"; at: number } | { kind: "rest"; as: "crashed" | "interrupted" | "stopped"; why: string };

/** However short a delay a policy asks for: a program that exits at once must not cost the machine more than its own share. */
const SHORTEST_DELAY_MS = 200;
/** Who has lived this long did not exit at once: nothing but its policy puts off its next start. */
const LIVED_MS = 1_000;

/** `jitter` is 0-1 and belongs to the run: asked again, also by another Signalbox, the next try stays when it was. */
export function nextAfter(restarts: Restarts & { last: RunMemory }, policy: RestartPolicy, priority: boolean, jitter: number): Next {
  const { last, failures, streak } = restarts;
  // Whoever is ended for its health ends with whatever code its handler gives.
  const hopeless = last.outcome !== "unhealthy" && isHopeless(last.exitCode);
  if (!priority) {
    const rest = restAfter(last, failures, policy, hopeless);
    if (rest) return rest;
  }
  // High priority never gives up; where a retry cannot help it waits as long as it may.
  const beyond = hopeless || (last.outcome !== "success" && failures >= giveUpAfter(policy));
  const delayMs = beyond ? policy.capMs : Math.min(policy.capMs, policy.firstDelayMs * 2 ** Math.min(40, Math.max(0, streak - 1)));
  const waitMs = Math.min(policy.capMs, delayMs * (0.8 + 0.4 * jitter));
  const shortestMs = last.endedAt - last.startedAt >= LIVED_MS ? 0 : SHORTEST_DELAY_MS;
  return { kind: "retry", at: last.endedAt + Math.max(shortestMs, waitMs) };
}

/** A program that was stored when larger counts were taken gives up at all. */
function giveUpAfter(policy: RestartPolicy): number {
  return Math.min(policy.giveUpAfter, MOST_GIVE_UP_AFTER);
}

function restAfter(last: RunMemory, failures: number, policy: RestartPolicy, hopeless: boolean): Next | null {
  const words = last.exitWords;
  switch (last.outcome) {
    case "success":
      return policy.policy === "always"
        ? null
        : { kind: "rest", as: "stopped", why: `finished with ${words}; its policy is ${policy.policy}` };
    case "interrupted":
      return policy.policy === "always" ? null : { kind: "rest", as: "interrupted", why: `${words}; start it when you want it back` };
    default:
      if (policy.policy === "never") return { kind: "rest", as: "crashed", why: `${words}; its policy is never to restart` };
      if (hopeless) return { kind: "rest", as: "crashed", why: `${words}; a retry cannot mend that` };
      if (failures >= giveUpAfter(policy))
        return { kind: "rest", as: "crashed", why: `${words}; gave up after ${failures} exits in ${spanWords(policy.giveUpWindowMs)}` };
      return null;
  }
}

export function spanWords(ms: number): string {
  if (ms >= 7_200_000) return `${Math.round(ms / 3_600_000)} h`;
  if (ms >= 120_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 1000)} s`;
}
