/** What the first page costs the browser: bytes on the wire, and the main thread's work when 120 lamps change at once. */

import type { CDPSession, Page } from "playwright-core";
import { browserPath, emptySwapMs, mainThreadMs, openBoard, openBrowser } from "../browser.ts";
import { type Case, leftOut, value } from "../case.ts";
import { ms } from "../figures.ts";
import { startSleepers } from "../fleet.ts";
import { kill, startSignalbox } from "../signalbox.ts";
import { until } from "../stage.ts";

const SESSIONS = 120;
const WATCH_MS = 3000;
/** Long enough that nothing is started again while the deaths are drawn. */
const RETRY_MS = 60_000;

export const pageWeight: Case = {
  name: "page-weight",
  summary: "bytes of the first page; main thread of the browser when 120 lamps change",
  async run(stage) {
    if (!browserPath()) return [leftOut("first page", "chromium is not installed")];
    const box = await startSignalbox(stage);
    const sessions = await startSleepers(stage, box, SESSIONS, RETRY_MS);
    const open = await openBrowser(stage, box);
    stage.say("the first page");
    const weight = await weigh(open.cdp, () => openBoard(open, box, SESSIONS));
    Object.assign(weight, await weighWorker(open.page, box.url));

    await open.cdp.send("Performance.enable", { timeDomain: "threadTicks" });
    stage.say("an idle page");
    const idle = await mainThreadOver(open.cdp, () => Bun.sleep(WATCH_MS));
    stage.say(`${SESSIONS} deaths at once`);
    const busy = await mainThreadOver(open.cdp, async () => {
      const from = performance.now();
      for (const session of sessions) kill(session.pid);
      await until(`${SESSIONS} lamps changed`, async () => ((await open.page.evaluate(CHANGED)) as number) >= SESSIONS, 30_000, 250);
      await Bun.sleep(Math.max(0, WATCH_MS - (performance.now() - from)));
    });
    const kilobytes = Object.entries(weight).map(([name, bytes]) => `${name} ${(bytes / 1024).toFixed(1)}`);
    const total = Object.values(weight).reduce((sum, bytes) => sum + bytes, 0) / 1024;
    const swap = await emptySwapMs(open.page);
    return [
      value("first page, all files", "KB", total, { atMost: 60 }, `${kilobytes.join(", ")}; ${SESSIONS} sessions`),
      value(
        "120 lamps change",
        "ms",
        busy - idle,
        { atMost: 20 },
        `CPU of the main thread over ${WATCH_MS / 1000} s: ${ms(busy)} against ${ms(idle)} without a change; an empty htmx swap ${ms(swap)}`,
      ),
    ];
  },
};

const CHANGED = "new Set(window.lampChanges.map((change) => change.session)).size";

/** Bytes over the wire by path, heads included, charts and the endless stream not. */
async function weigh(cdp: CDPSession, open: () => Promise<unknown>): Promise<Record<string, number>> {
  const paths = new Map<string, string>();
  const bytes: Record<string, number> = {};
  await cdp.send("Network.enable");
  await cdp.send("Network.setCacheDisabled", { cacheDisabled: true });
  cdp.on("Network.requestWillBeSent", ({ requestId, request }) => paths.set(requestId, new URL(request.url).pathname));
  cdp.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const path = paths.get(requestId) ?? "?";
    if (!/chart/.test(path)) bytes[path] = (bytes[path] ?? 0) + encodedDataLength;
  });
  await open();
  await Bun.sleep(1500);
  await cdp.send("Network.disable");
  return bytes;
}

/** The stream's shared worker is fetched where the page's network log does not see it. */
async function weighWorker(page: Page, url: string): Promise<Record<string, number>> {
  const path = (await page.evaluate("document.querySelector('script[data-live]')?.dataset.live ?? null")) as string | null;
  if (path === null) return {};
  const response = await fetch(url + path, { headers: { "accept-encoding": "gzip" }, decompress: false });
  return { [path]: (await response.arrayBuffer()).byteLength };
}

async function mainThreadOver(cdp: CDPSession, during: () => Promise<unknown>): Promise<number> {
  const before = await mainThreadMs(cdp);
  await during();
  return (await mainThreadMs(cdp)) - before;
}
