/** Chromium with a logged-in page on the board, and what it says about its own work. */

import { type CDPSession, chromium, type Page } from "playwright-core";
import type { Box } from "./signalbox.ts";
import type { Stage } from "./stage.ts";

const USER = { username: "bench", password: "a-bench-password-1" };

export interface OpenPage {
  page: Page;
  cdp: CDPSession;
}

/** Why there is no browser to measure with, or its path. */
export function browserPath(): string | null {
  return Bun.which("chromium") ?? Bun.which("chromium-browser") ?? Bun.which("google-chrome");
}

/** A page that is logged in and has not been anywhere else yet. */
export async function openBrowser(stage: Stage, box: Box): Promise<OpenPage> {
  const executablePath = browserPath();
  if (!executablePath) throw new Error("chromium is not installed");
  await box.api("POST", "/api/users", { name: USER.username, password: USER.password, role: "admin" });
  // Ctrl-C is main.ts's to handle: playwright would end the process at once and leave the rest behind.
  const ours = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
  const browser = await chromium.launch({ ...ours, executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
  stage.defer(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${box.url}/login`);
  await page.fill("input[name=username]", USER.username);
  await page.fill("input[name=password]", USER.password);
  await Promise.all([page.waitForURL((url) => !url.pathname.startsWith("/login")), page.click("button[type=submit]")]);
  return { page, cdp: await page.context().newCDPSession(page) };
}

/** ms of CPU the page's main thread has used for tasks since it was opened. */
export async function mainThreadMs(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send("Performance.getMetrics");
  return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN) * 1000;
}

/** A page of the board where `window.lampChanges` notes each lamp's change once it is painted: whose, to what title, when (wall ms). */
export async function openBoard({ page }: OpenPage, box: Box, lamps: number): Promise<void> {
  await page.addInitScript(RECORD_LAMPS);
  await page.goto(`${box.url}/`);
  await page.waitForFunction(`document.querySelectorAll("${LAMP}").length >= ${lamps}`);
}

export interface LampChange {
  session: string;
  title: string;
  at: number;
}

const LAMP = "a.lamp[href^='/sessions/']";

const RECORD_LAMPS = `
  window.lampChanges = [];
  const known = new Map();
  const look = () => {
    const at = performance.timeOrigin + performance.now();
    for (const lamp of document.querySelectorAll("${LAMP}")) {
      const session = lamp.getAttribute("href").split("/").pop();
      if (known.has(session) && known.get(session) !== lamp.title) window.lampChanges.push({ session, title: lamp.title, at });
      known.set(session, lamp.title);
    }
  };
  document.addEventListener("DOMContentLoaded", () => {
    look();
    // The second frame begins when the first one has been drawn.
    const painted = () => requestAnimationFrame(() => requestAnimationFrame(look));
    new MutationObserver(painted).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
`;

/** ms of an htmx swap that changes nothing, median of 50: the floor under any update on this machine. */
export async function emptySwapMs(page: Page): Promise<number> {
  return (await page.evaluate(EMPTY_SWAPS)) as number;
}

const EMPTY_SWAPS = `(async () => {
  const target = document.createElement("div");
  document.body.append(target);
  const took = [];
  for (let n = 0; n < 50; n++) {
    const from = performance.now();
    await htmx.swap({ target, text: "", swap: "innerHTML", sourceElement: target });
    took.push(performance.now() - from);
  }
  target.remove();
  return took.sort((a, b) => a - b)[25];
})()`;
