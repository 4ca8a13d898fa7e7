/** A fleet of real screen sessions on a Box, and what the API says of it. */

import { PAIRS, type PairName } from "./bodies.ts";
import { type Box, registerPairs } from "./signalbox.ts";
import { type Stage, until } from "./stage.ts";

export interface RunningSession {
  name: string;
  pid: number;
}

interface SessionView {
  name: string;
  state: string;
  pid: number | null;
}

/** One session a pair, of a program that only lives: what is measured is Signalbox, not Python. */
export async function startSleepers(stage: Stage, box: Box, sessions: number, retryMs: number): Promise<RunningSession[]> {
  stage.say(`starting ${sessions} sessions`);
  await addSessions(box, "sleeper", ["sleep", "86400"], PAIRS.slice(0, sessions), retryMs);
  return allRunning(box, 60_000);
}

/** One session a pair, wanted up from now on; its program is tried again for ever, each time after `retryMs`. */
export async function addSessions(
  box: Box,
  program: string,
  template: readonly string[],
  pairs: readonly PairName[],
  retryMs: number,
): Promise<void> {
  const restart = { first_delay_ms: retryMs, cap_ms: retryMs, stable_after_ms: 0, give_up_after: 500 };
  await box.api("POST", "/api/programs", { name: program, template, folder: "/", restart });
  await registerPairs(box, pairs);
  for (const pair of pairs) await box.api("POST", "/api/sessions", { program, pairs: [pairId(pair)] });
}

/** As many pairs as are asked for, over twenty countries. */
export function pairsOf(count: number): PairName[] {
  const countries = [...new Set(PAIRS.map(({ country }) => country))];
  return Array.from({ length: count }, (_, n) => ({
    country: countries[n % countries.length]!,
    operator: `operator-${Math.floor(n / countries.length) + 1}`,
  }));
}

export function pairId({ country, operator }: PairName): string {
  return `${country}_${operator}`;
}

/** Waits until every session is observed running. */
export function allRunning(box: Box, withinMs: number, everyMs = 100): Promise<RunningSession[]> {
  return until<RunningSession[] | null>("all sessions were observed running", () => runningOnly(box), withinMs, everyMs);
}

async function runningOnly(box: Box): Promise<RunningSession[] | null> {
  const { sessions } = await box.api<{ sessions: SessionView[] }>("GET", "/api/sessions");
  const running = sessions.flatMap(({ name, state, pid }) => (state === "running" && pid !== null ? [{ name, pid }] : []));
  return running.length === sessions.length ? running : null;
}

/** The pid its program is observed with, or null. */
export async function observedPid(box: Box, name: string): Promise<number | null> {
  return (await box.api<SessionView>("GET", `/api/sessions/${name}`)).pid;
}
