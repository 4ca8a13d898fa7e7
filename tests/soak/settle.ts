/** The way to rest: what is under way comes to its end, what rests against its wish is looked at and started as an operator would. */

import { until } from "../cast/until.ts";
import * as hands from "./hands.ts";
import { readRows } from "./rows.ts";
import { idleForNothing } from "./settled.ts";
import { ask, type Stage, told } from "./stage.ts";
import * as wishes from "./wishes.ts";

export interface Rested {
  count: number;
  /** What rested for no reason that its rows tell. */
  faults: string[];
}

const WAYS = new Set(["starting", "stopping", "backoff", "frozen", "orphan", "lost"]);
const SETTLE_MS = 60_000;

export async function settle(stage: Stage, say: (line: string) => void): Promise<Rested> {
  const { sample, chronicle } = stage;
  while (stage.hands.some(({ double }) => double)) await hands.endHand(stage);
  for (const { id } of await wishes.openOperations(stage))
    await ask(stage, `cancel ${id}`, { verb: "operation.cancel", subject: `operation:${id}`, reason: null }, () =>
      sample.api.call("POST", `/api/operations/${id}/cancellations`, {}),
    );
  const atRest = async () => {
    const sessions = await told(stage);
    // Its terminal is gone and it goes on: an operator ends that with a restart.
    for (const { id, name } of sessions.filter(({ state }) => state === "orphan")) {
      const reason = chronicle.reason(`restart the orphan ${name}`);
      await ask(stage, `restart ${name}`, { verb: "session.restart", subject: `session:${id}`, reason }, () =>
        sample.api.call("POST", `/api/sessions/${name}/restarts`, { reason }),
      );
    }
    const turns = sessions.some(({ desired }) => desired.until !== null && Date.parse(desired.until) < Date.now() + 30_000);
    return !turns && !sessions.some(({ state }) => WAYS.has(state)) && (await wishes.openOperations(stage)).length === 0 ? sessions : null;
  };
  // When it never is, the judges say what is not.
  const sessions = (await until("the fleet is at rest", atRest, SETTLE_MS).catch(() => null)) ?? (await told(stage));
  for (const { name, state, why, desired } of sessions)
    if (WAYS.has(state) || desired.until !== null) say(`not at rest: ${name} is ${state}, until ${desired.until}: ${why}`);
  const resting = sessions.filter(
    ({ desired, state, priority }) => (desired.state === "up" || priority) && ["crashed", "interrupted", "stopped"].includes(state),
  );
  const seenRows = readRows(sample);
  const faults = idleForNothing(seenRows, resting);
  for (const { id, name } of resting) {
    const reason = chronicle.reason(`start ${name} at the end`);
    await ask(stage, `start ${name}`, { verb: "session.retry", subject: `session:${id}`, reason }, () =>
      sample.api.call("PUT", `/api/sessions/${name}/desired`, { state: "up", reason }),
    );
  }
  await until("the fleet is at rest again", atRest, SETTLE_MS).catch(() => null);
  // The looks for strangers come every five seconds.
  await sample.api.call("GET", "/api/strangers");
  return { count: resting.length, faults };
}
