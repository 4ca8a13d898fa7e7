/** A fleet of real screen sessions on a Box, and what the API says of it. */

import { PAIRS, type PairName } from "./bodies.ts";
import { type Box, registerPairs } from "./signalbox.ts";
import { type Stage, until } from "./stage.ts";

export interface RunningSession {
  name: string;
  pid: number;
}

export interface RunningFleet {
  /** Waits until every session is observed running. */
  allRunning(withinMs?: number): Promise<RunningSession[]>;
  look(session: RunningSession): Promise<{ state: string; pid: number | null }>;
}

interface SessionView {
  name: string;
  state: string;
  pid: number | null;
}

/** Programs that only live, one session a pair: what is measured is Signalbox, not Python. */
export async function runSleepers(stage: Stage, box: Box, sessions: number, firstDelayMs: number): Promise<RunningFleet> {
  await defineProgram(box, "sleeper", ["sleep", "86400"], "/", {
    first_delay_ms: firstDelayMs,
    cap_ms: firstDelayMs,
    stable_after_ms: 0,
    give_up_after: 1000,
  });
  return startSessions(stage, box, ["sleeper"], PAIRS.slice(0, sessions));
}

export async function defineProgram(
  box: Box,
  name: string,
  template: string[],
  folder: string,
  restart: Record<string, unknown> = {},
  environment: Record<string, string> = {},
): Promise<void> {
  await box.api("POST", "/api/programs", { name, template, folder, environment, restart });
}

/** One session a pair, the programs in turn. */
export async function startSessions(
  stage: Stage,
  box: Box,
  programs: readonly string[],
  pairs: readonly PairName[],
): Promise<RunningFleet> {
  stage.say(`starting ${pairs.length} sessions`);
  await registerPairs(box, pairs);
  for (const [index, { country, operator }] of pairs.entries()) {
    const made = await box.api<SessionView>("POST", "/api/sessions", {
      program: programs[index % programs.length],
      pairs: [`${country}_${operator}`],
    });
    await box.api("PUT", `/api/sessions/${made.name}/desired`, { state: "up" });
  }
  return {
    allRunning: (withinMs = 60_000) =>
      until<RunningSession[] | null>(
        `${pairs.length} sessions were observed running`,
        async () => {
          const running = (await sessionsOf(box)).filter((session) => session.state === "running" && session.pid !== null);
          return running.length < pairs.length ? null : running.map(({ name, pid }) => ({ name, pid: pid! }));
        },
        withinMs,
        100,
      ),
    look: ({ name }) => box.api<SessionView>("GET", `/api/sessions/${name}`),
  };
}

async function sessionsOf(box: Box): Promise<SessionView[]> {
  return (await box.api<{ sessions: SessionView[] }>("GET", "/api/sessions?limit=1000")).sessions;
}
