/** How soon a result is a number in the browser while 1,000 others read along, what they cost, and what readers cost that do not read. */

import { join } from "node:path";
import { browserPath, openBoard, openBrowser } from "../browser.ts";
import { timerLagP99 } from "../calibration.ts";
import { type Case, leftOut, value } from "../case.ts";
import { ms, percentile } from "../figures.ts";
import { type Box, bearer, cpuSeconds, programToken, registerPairs, residentMb, startSignalbox } from "../signalbox.ts";
import { printed, type Stage, until } from "../stage.ts";

const READERS = 1_000;
const STALLED = 50;
const RESULTS = 20;
const CPU_SECONDS = 15;
const STALL_SECONDS = 15;

export const liveNumbers: Case = {
  name: "live-numbers",
  summary: `result to the number in Chromium with ${READERS} readers; the server's share of a core; ${STALLED} readers that stop reading`,
  async run(stage) {
    const box = await startSignalbox(stage);
    await registerPairs(box);
    const report = await reporter(box);
    const token = await readerToken(box);

    stage.say(`${READERS} readers`);
    const readers = await startReaders(stage, box, token, READERS, "read");
    // First, while all that was sent lies within the last minute: then the number only grows.
    const took = browserPath() ? await toTheBrowser(stage, box, report) : null;
    stage.say("an update a second");
    await updates(report, 3);
    const from = cpuSeconds(box.started.pid);
    await updates(report, CPU_SECONDS);
    const share = (100 * (cpuSeconds(box.started.pid) - from)) / CPU_SECONDS;

    stage.say(`${STALLED} readers that stop reading, ${STALL_SECONDS} s of changes`);
    await readers.stop();
    const calm = await startReaders(stage, box, token, 1, "read");
    await updates(report, 3);
    const before = residentMb(box.started.pid);
    const stalled = await startReaders(stage, box, token, STALLED, "stall");
    await updates(report, STALL_SECONDS, 10);
    const grown = residentMb(box.started.pid) - before;
    await stalled.stop();
    await calm.stop();

    const note = `p50 ${ms(percentile(took ?? [], 0.5))}; ${RESULTS} results; painted; timer lag p99 of the bench ${ms(await timerLagP99())}`;
    return [
      took
        ? value("result to the number in the browser, p99", "ms", percentile(took, 0.99), { atMost: 1500 }, note)
        : leftOut("result to the number in the browser", "chromium is not installed"),
      value(`server with ${READERS} readers, an update a second`, "% of a core", share, { atMost: 5 }, `over ${CPU_SECONDS} s, 120 pairs`),
      value(
        `${STALLED} readers that stop reading, ${STALL_SECONDS} s`,
        "MB more",
        grown,
        { atMost: 20 },
        `resident ${before.toFixed(0)} MB before; 10 results a second`,
      ),
    ];
  },
};

/** Posts one sent message; resolves when it is acknowledged. */
async function reporter(box: Box): Promise<() => Promise<void>> {
  const headers = bearer(await programToken(box, "program1"));
  let sequence = 0;
  return async () => {
    const body = { country: "UZ", operator: "operator-1", message_id: `live-${String(++sequence).padStart(9, "0")}`, state: "submitted" };
    const answer = await fetch(`${box.url}/api/results`, { method: "POST", headers, body: JSON.stringify(body) });
    if (answer.status !== 202) throw new Error(`a result was answered ${answer.status}: ${await answer.text()}`);
    await answer.arrayBuffer();
  };
}

async function readerToken(box: Box): Promise<string> {
  const user = { username: "reader", password: "a-bench-password-2" };
  await box.api("POST", "/api/users", { name: user.username, password: user.password, role: "viewer" });
  const answer = await fetch(`${box.url}/api/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(user),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

async function startReaders(stage: Stage, box: Box, token: string, howMany: number, mode: "read" | "stall") {
  const script = join(import.meta.dir, "../readers.ts");
  const started = stage.start([process.execPath, script, `${box.url}/events?topics=board`, token, String(howMany), mode]);
  await printed(started, /ready \d+/, 30_000);
  return started;
}

async function updates(report: () => Promise<void>, seconds: number, perSecond = 1): Promise<void> {
  for (let n = 0; n < seconds * perSecond; n++) {
    const from = performance.now();
    await report();
    await Bun.sleep(Math.max(0, 1000 / perSecond - (performance.now() - from)));
  }
}

const NUMBER = "#figures .figure dd b";

/** ms from each acknowledged result to the changed number, painted. */
async function toTheBrowser(stage: Stage, box: Box, report: () => Promise<void>): Promise<number[]> {
  const open = await openBrowser(stage, box);
  await open.page.addInitScript(RECORD_NUMBER);
  await openBoard(open, box, 0);
  stage.say(`${RESULTS} results, watched in Chromium`);
  const took: number[] = [];
  for (let n = 0; n < RESULTS; n++) {
    // Anywhere within the loops' second, not in step with them.
    await Bun.sleep(700 + Math.random() * 900);
    const shown = (await open.page.evaluate("window.numberChanges.length")) as number;
    await report();
    const acknowledgedAt = performance.timeOrigin + performance.now();
    const change = await until(
      "the number changed",
      async () =>
        (await open.page.evaluate(`window.numberChanges.slice(${shown}).find((change) => change.grew)`)) as { at: number } | undefined,
      10_000,
      10,
    );
    took.push(Math.max(0, change.at - acknowledgedAt));
  }
  await open.page.context().browser()?.close();
  return took;
}

const RECORD_NUMBER = `{
  window.numberChanges = [];
  let known = null;
  const look = () => {
    const text = document.querySelector("${NUMBER}")?.textContent;
    if (text === undefined) return;
    const now = Number(text.replace(/\\D/g, ""));
    if (known !== null && now !== known) window.numberChanges.push({ at: performance.timeOrigin + performance.now(), grew: now > known });
    known = now;
  };
  document.addEventListener("DOMContentLoaded", () => {
    look();
    const painted = () => requestAnimationFrame(() => requestAnimationFrame(look));
    new MutationObserver(painted).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}`;
