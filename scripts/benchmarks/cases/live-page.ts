/** How soon a death is seen: kill -9 of a program to the session observed, and to its lamp painted in Chromium. */

import { browserPath, type LampChange, openBoard, openBrowser } from "../browser.ts";
import { timerLagP99 } from "../calibration.ts";
import { type Case, leftOut, value } from "../case.ts";
import { ms, percentile } from "../figures.ts";
import { allRunning, observedPid, startSleepers } from "../fleet.ts";
import { kill, startSignalbox } from "../signalbox.ts";
import { until } from "../stage.ts";

const SESSIONS = 20;
const ROUNDS = 3;

export const livePage: Case = {
  name: "live-page",
  summary: "kill -9 of a program to observed, and to the changed lamp in Chromium",
  async run(stage) {
    if (!browserPath()) return [leftOut("kill -9 to the lamp", "chromium is not installed")];
    const box = await startSignalbox(stage);
    await startSleepers(stage, box, SESSIONS, 5000);
    const open = await openBrowser(stage, box);
    await openBoard(open, box, SESSIONS);

    const toObserved: number[] = [];
    const toLamp: number[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      stage.say(`round ${round} of ${ROUNDS}: ${SESSIONS} kills`);
      for (const session of await allRunning(box, 60_000)) {
        // Anywhere within a tick, not in step with it.
        await Bun.sleep(100 + Math.random() * 250);
        const before = (await open.page.evaluate("window.lampChanges.length")) as number;
        const killedAt = wallMs();
        kill(session.pid);
        await until(`${session.name} was observed dead`, async () => (await observedPid(box, session.name)) !== session.pid, 10_000, 3);
        toObserved.push(wallMs() - killedAt);
        const changed = await until(
          `the lamp of ${session.name} changed`,
          async () =>
            ((await open.page.evaluate(`window.lampChanges.slice(${before})`)) as LampChange[]).find(
              (change) => change.session === session.name,
            ),
          10_000,
          10,
        );
        toLamp.push(changed.at - killedAt);
      }
    }
    const lag = await timerLagP99();
    const note = `p50 ${ms(percentile(toObserved, 0.5))}; ${toObserved.length} kills; timer lag p99 of the bench ${ms(lag)}`;
    return [
      value("kill -9 to observed, p99", "ms", percentile(toObserved, 0.99), { atMost: 300 }, note),
      value(
        "kill -9 to the lamp, p99",
        "ms",
        percentile(toLamp, 0.99),
        { atMost: 1000 },
        `p50 ${ms(percentile(toLamp, 0.5))}; painted; retry delay 5 s`,
      ),
    ];
  },
};

function wallMs(): number {
  return performance.timeOrigin + performance.now();
}
