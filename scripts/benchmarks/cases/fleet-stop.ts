/** How soon 200 sessions that are stopped together are observed stopped, each with its program's own exit code. */

import { type Case, value } from "../case.ts";
import { ms } from "../figures.ts";
import { addSessions, allRunning, pairsOf } from "../fleet.ts";
import { marked, markOf, SLOW_ENDERS_CODE, slowEnder } from "../marks.ts";
import { type Box, startSignalbox } from "../signalbox.ts";
import { type Stage, until } from "../stage.ts";

const SESSIONS = 200;

interface Seen {
  name: string;
  state: string;
  exit: { code: number | null } | null;
}

export const fleetStop: Case = {
  name: "fleet-stop",
  summary: `${SESSIONS} sessions asked to stop at once, to observed stopped with exit codes`,
  async run(stage) {
    const own = await ownStopMs(stage);
    const programs = slowEnder(stage, "enders");
    const box = await startSignalbox(stage);
    stage.say(`starting ${SESSIONS} sessions`);
    await addSessions(box, "ender", [...programs.command, "{pair}"], pairsOf(SESSIONS), 0);
    await allRunning(box, 120_000);
    await until("every program is ready to be stopped", () => marked(programs) === SESSIONS, 60_000);
    stage.say("stopping them");
    const from = performance.now();
    await box.api("POST", "/api/sessions/actions", { filter: { all: true }, action: "stop", expected: SESSIONS, reason: "bench" });
    await until("all were observed stopped", () => allStopped(box), 60_000, 25);
    const took = performance.now() - from;
    const note = `${SESSIONS} times exit code ${SLOW_ENDERS_CODE}; one bulk action takes ${ms(took)}; one program alone ends ${ms(own)} after its TERM`;
    return [value("beyond the program's own stop", "ms", took - own, { atMost: 1000 }, note)];
  },
};

/** Throws when one has ended with another code than its own. */
async function allStopped(box: Box): Promise<boolean> {
  const { sessions } = await box.api<{ sessions: Seen[] }>("GET", "/api/sessions");
  const stopped = sessions.filter(({ state, exit }) => state === "stopped" && exit !== null);
  const wrong = stopped.find(({ exit }) => exit?.code !== SLOW_ENDERS_CODE);
  if (wrong) throw new Error(`${wrong.name} ended with ${wrong.exit?.code}`);
  return stopped.length === sessions.length;
}

/** One such program alone, from TERM to its end. */
async function ownStopMs(stage: Stage): Promise<number> {
  const programs = slowEnder(stage, "alone");
  const started = stage.start([...programs.command, "one"]);
  await until("it is ready to be stopped", () => marked(programs) === 1, 10_000);
  stage.defer(() => started.stop());
  const from = performance.now();
  process.kill(markOf(programs, "one"), "SIGTERM");
  await started.exited;
  return performance.now() - from;
}
