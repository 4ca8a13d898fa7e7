/** A fleet of real screen sessions on a Box, and what the API says of it. */

import { PAIRS } from "./bodies.ts";
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
  const pairs = PAIRS.slice(0, sessions);
  const restart = { first_delay_ms: retryMs, cap_ms: retryMs, stable_after_ms: 0, give_up_after: 1000 };
  await box.api("POST", "/api/programs", { name: "sleeper", template: ["sleep", "86400"], folder: "/", restart });
  await registerPairs(box, pairs);
  for (const { country, operator } of pairs)
    await box.api("POST", "/api/sessions", { program: "sleeper", pairs: [`${country}_${operator}`] });
  return allRunning(box, 60_000);
}

/** Waits until every session is observed running. */
export function allRunning(box: Box, withinMs: number): Promise<RunningSession[]> {
  return until<RunningSession[] | null>("all sessions were observed running", () => runningOnly(box), withinMs, 100);
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
