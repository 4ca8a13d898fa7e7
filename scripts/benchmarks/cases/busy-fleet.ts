/** What Signalbox itself takes while 120 sessions send at their limits and somebody looks at the board. */

import { join } from "node:path";
import { browserPath, openBoard, openBrowser } from "../browser.ts";
import { timerLagP99 } from "../calibration.ts";
import { type Case, ratio, value } from "../case.ts";
import { allRunning } from "../fleet.ts";
import { buildHello, ready, startHello } from "../peer.ts";
import { type Box, binary, cpuSeconds, residentMb, startSignalbox } from "../signalbox.ts";
import { printed, type Stage, until } from "../stage.ts";

const PAIRS = 120;
const SAMPLE_SECONDS = 60;
const scripts = join(import.meta.dir, "../..");

export const busyFleet: Case = {
  name: "busy-fleet",
  summary: `CPU and memory of Signalbox with a fleet of ${PAIRS} pairs at its limits and a browser, over ${SAMPLE_SECONDS} s`,
  async run(stage) {
    const hello = await startHello(stage, await buildHello(stage));
    await ready(hello.url);
    const helloMb = residentMb(hello.started.pid);
    await hello.started.stop();

    await seed(stage);
    const box = await startSignalbox(stage);
    const sessions = await allRunning(box, 180_000);
    const browser = browserPath() ? "one browser open" : "no browser: chromium is not installed";
    if (browserPath()) await openBoard(await openBrowser(stage, box), box, sessions.length);
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
    const note = `${sessions.length} sessions, ${sent.toFixed(0)} permits a minute; ${browser}; timer lag p99 of the bench ${(await timerLagP99()).toFixed(2)} ms`;
    return [
      value("CPU of Signalbox, of one core", "%", share, { atMost: 3 }, note),
      ratio("resident memory, highest", "MB", Math.max(...resident), { name: "hello-world", value: helloMb }, { atMost: 4 }),
    ];
  },
};

/** The demo's own fleet: `--scale` pairs, six programs, a simulated gateway. */
async function seed(stage: Stage): Promise<void> {
  const gateway = stage.start([process.execPath, join(scripts, "gateway/gateway.ts"), "--seed", "1"]);
  const url = (await printed(gateway, /http:\/\/127\.0\.0\.1:\d+/))[0];
  const fleet = ["--gateway", url, "--folder", scripts, "--scale", String(PAIRS)];
  await stage.run([binary, "demo", ...fleet, "--data-dir", stage.subfolder("box-data")]);
}

interface Proof {
  used: number;
  limit: number;
}

async function atTheirLimits(box: Box): Promise<boolean> {
  const { countries } = await box.api<{ countries: { code: string }[] }>("GET", "/api/countries");
  const proofs = await Promise.all(countries.map(({ code }) => box.api<Proof>("GET", `/api/permits/${code}`)));
  return proofs.every(({ used, limit }) => used >= limit - 1);
}

async function permitsGranted(box: Box): Promise<number> {
  const metrics = await (await fetch(`${box.url}/metrics`)).text();
  const lines = metrics.matchAll(/^signalbox_permits_granted_total(?:\{[^}]*\})? (\d+)/gm);
  return [...lines].reduce((sum, [, n]) => sum + Number(n), 0);
}
