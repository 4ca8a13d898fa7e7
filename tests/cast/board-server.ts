/** A board to look at while working on the pages: `bun tests/cast/board-server.ts --port 8099 [--size 120] [--empty] [--still]`. */

import { parseArgs } from "node:util";
import type { Clock } from "../../src/kernel/clock.ts";
import { dice, emptyWorld, fullWorld, outputOf, type World } from "./board.ts";
import { breachOf } from "./breaches.ts";
import { crashedExit } from "./doubles.ts";
import { servePages, servicesOf } from "./pages.ts";
import { boris } from "./people.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8099" },
    size: { type: "string", default: "120" },
    empty: { type: "boolean", default: false },
    still: { type: "boolean", default: false },
  },
});

let shift = 0;
const clock: Clock = { now: () => Date.now() + shift, uptimeMs: () => performance.now(), bootId: "boot-1" };

const world = values.empty ? await emptyWorld(clock) : await fullWorld(clock, Number(values.size));
if (!values.empty) {
  // One pair with a session of every program: its lamps need more than a row.
  for (const program of ["program2", "program3", "program4", "program5"])
    if (!world.directory.session(`${program}_TJ_tcell`)) await world.roster.addSession({ program, pairs: ["TJ_tcell"] }, boris);
  lived(world);
  world.breaches.put(breachOf("KE", clock.now() - 90_000_000, { endedAt: clock.now() - 89_950_000 }));
  world.breaches.put(breachOf("KE", clock.now() - 20_000));
}
const server = servePages(servicesOf(world), Number(values.port));
console.log(server.url);
if (!values.still) setInterval(() => live(world), 250);

const random = dice(11);

/** The minute before we began to look. */
function lived({ directory, permits, counters }: World): void {
  const roll = dice(3);
  for (shift = -60_000; shift < 0; shift += 500)
    for (const pair of directory.pairs()) if (roll() < 0.028 && permits.grant(pair.country, pair.id)) counters.sent(pair.id);
  shift = 0;
}

/** Sends at the limit, a crash now and then, and output. */
function live({ directory, permits, counters, fleet }: World): void {
  for (const pair of directory.pairs()) {
    if (random() > 0.02 || !permits.grant(pair.country, pair.id)) continue;
    counters.sent(pair.id);
    for (const session of directory.sessionsOfPair(pair.id)) fleet.print(session.id, outputOf(session.name, 1));
  }
  if (random() > 0.04) return;
  const sessions = directory.sessions();
  const session = sessions[Math.floor(random() * sessions.length)];
  if (!session || fleet.status(session.id)?.state !== "running") return;
  const now = clock.now();
  fleet.see(session.id, { state: "backoff", why: "exit code 1", pid: null, exit: crashedExit(now), nextTryAt: now + 4000, restarts: 1 });
  setTimeout(() => fleet.retryNow(session.id, { name: "signalbox", from: "self" }), 4000);
}
