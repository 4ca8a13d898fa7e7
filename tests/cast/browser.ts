/** A real Chromium for end-to-end tests, with a folder of its own; what its console reports as an error is kept to be looked at. */

import { afterAll, beforeAll } from "bun:test";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** One browser for the file that asks; closed when its tests are over. */
export function ownBrowser(): (url: string, options?: BrowserContextOptions) => Promise<Seen> {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS });
  });
  afterAll(() => browser.close());
  return (url, options = {}) => openPage(browser, url, options);
}

export interface Seen {
  page: Page;
  context: BrowserContext;
  /** Errors and warnings of the console: policy violations, failed loads, thrown scripts. */
  complaints: string[];
}

async function openPage(browser: Browser, url: string, options: BrowserContextOptions): Promise<Seen> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const complaints: string[] = [];
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(url);
  return { page, context, complaints };
}
