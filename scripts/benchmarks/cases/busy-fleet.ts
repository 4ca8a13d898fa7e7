/** What Signalbox itself takes while 120 sessions send at their limits and somebody looks at the board. */

import { join } from "node:path";
import { PAIRS } from "../bodies.ts";
import { browserPath, openBoard, openBrowser } from "../browser.ts";
import { timerLagP99 } from "../calibration.ts";
import { type Case, ratio, value } from "../case.ts";
import { drive } from "../drive.ts";
import { defineProgram, startSessions } from "../fleet.ts";
import { buildHello, startHello } from "../peer.ts";
import { type Box, cpuSeconds, residentMb, startSignalbox } from "../signalbox.ts";
import { printed, type Stage, until } from "../stage.ts";

const SESSIONS = 120;
const SAMPLE_SECONDS = 60;
const scripts = join(import.meta.dir, "../..");

export const busyFleet: Case = {
  name: "busy-fleet",
  summary: `CPU and memory of Signalbox with ${SESSIONS} sessions at their limits and a browser, over ${SAMPLE_SECONDS} s`,
  async run(stage) {
    const hello = await startHello(stage, await buildHello(stage));
    await drive(stage, { url: hello.url, method: "GET", connections: 8, warmupSeconds: 0, seconds: 1 });
    const helloMb = residentMb(hello.started.pid);
    await hello.started.stop();

    const box = await startSignalbox(stage);
    const fleet = await startSenders(stage, box);
    await fleet.allRunning(180_000);
    const browser = browserPath() ? "one browser open" : "no browser: chromium is not installed";
    if (browserPath()) await openBoard(await openBrowser(stage, box), box, SESSIONS);
    stage.say("waiting until every country is at its limit");
    await until("every window was full", () => atTheirLimits(box), 150_000, 1000);

    stage.say(`sampling for ${SAMPLE_SECONDS} s`);
    const before = { cpu: cpuSeconds(box.started.pid), at: performance.now(), used: await permitsGranted(box) };
    const resident: number[] = [];
    while (performance.now() - before.at < SAMPLE_SECONDS * 1000) {
      await Bun.sleep(1000);
      resident.push(residentMb(box.started.pid));
    }
    const seconds = (performance.now() - before.at) / 1000;
    const share = ((cpuSeconds(box.started.pid) - before.cpu) / seconds) * 100;
    const sent = (((await permitsGranted(box)) - before.used) / seconds) * 60;
    const note = `${sent.toFixed(0)} permits a minute; ${browser}; timer lag p99 of the bench ${(await timerLagP99()).toFixed(2)} ms`;
    return [
      value("CPU of Signalbox, of one core", "%", share, { atMost: 3 }, note),
      ratio("resident memory, highest", "MB", Math.max(...resident), { name: "hello-world", value: helloMb }, { atMost: 4 }),
    ];
  },
};

async function startSenders(stage: Stage, box: Box) {
  const gateway = stage.start([process.execPath, join(scripts, "gateway/gateway.ts"), "--seed", "1"]);
  const url = (await printed(gateway, /http:\/\/127\.0\.0\.1:\d+/))[0];
  const folder = join(scripts, "programs");
  const programs = [1, 2, 3, 4, 5, 6].map((n) => `program${n}`);
  for (const name of programs) {
    const python = Bun.which("python3");
    if (!python) throw new Error("python3 is not installed");
    await defineProgram(
      box,
      name,
      [python, join(folder, `${name}.py`), "--country", "{country}", "--operator", "{operator}", "--gateway", url],
      folder,
    );
  }
  return startSessions(stage, box, programs, PAIRS.slice(0, SESSIONS));
}

const COUNTRIES = [...new Set(PAIRS.slice(0, SESSIONS).map(({ country }) => country))];

interface Proof {
  used: number;
  limit: number;
}

async function atTheirLimits(box: Box): Promise<boolean> {
  const proofs = await Promise.all(COUNTRIES.map((code) => box.api<Proof>("GET", `/api/permits/${code}`)));
  return proofs.every(({ used, limit }) => used >= limit - 1);
}

async function permitsGranted(box: Box): Promise<number> {
  const metrics = await (await fetch(`${box.url}/metrics`)).text();
  const lines = metrics.matchAll(/^signalbox_permits_granted_total(?:\{[^}]*\})? (\d+)/gm);
  return [...lines].reduce((sum, [, n]) => sum + Number(n), 0);
}
