/** A program that only prints, measured by the executable as its user has it, which is killed again and again meanwhile: each line once. */

import { afterAll, expect, test } from "bun:test";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openClient } from "../../src/cli/client.ts";
import { endAll } from "../cast/screens.ts";
import { until } from "../cast/until.ts";

const binary = join(import.meta.dir, "../../dist/signalbox");
const folder = mkdtempSync(join(tmpdir(), "sbx-"));
const screens = join(folder, "screens");
mkdirSync(screens, { mode: 0o700 });
const feed = join(folder, "feed");
const settings = ["--config", join(folder, "none.toml"), "--data-dir", join(folder, "data"), "--screen-dir", screens];
writeFileSync(join(folder, "none.toml"), "");
writeFileSync(feed, "");
const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SIGNALBOX_")));
const environment = { ...clean, SCREENDIR: screens };
const api = openClient([join(folder, "data/run/control.sock")]);
let serving: Bun.Subprocess | null = null;

afterAll(async () => {
  serving?.kill("SIGTERM");
  await serving?.exited;
  endAll(screens);
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

async function serve(): Promise<void> {
  const child = Bun.spawn([binary, "serve", "--listen", "127.0.0.1:0", ...settings], {
    env: environment,
    stdin: "ignore",
    stdout: "ignore",
    stderr: Bun.file(join(folder, "signalbox.log")),
  });
  serving = child;
  await until("Signalbox is ready", () => {
    if (child.exitCode !== null) throw new Error(readFileSync(join(folder, "signalbox.log"), "utf8").slice(-2000));
    return api.call("GET", "/healthz").catch(() => null);
  });
}

async function kill9(): Promise<void> {
  serving?.kill("SIGKILL");
  await serving?.exited;
}

async function run(...argv: string[]): Promise<string> {
  const child = Bun.spawn([binary, ...argv, ...settings], { env: environment, stdin: "ignore", stdout: "pipe", stderr: "inherit" });
  return new Response(child.stdout).text();
}

interface Total {
  attempts: number;
  sent: number;
  delivered: number;
  failed: number;
}

async function total(): Promise<Total> {
  const { pairs } = await api.call<{ pairs: { pair: string; total: Total }[] }>("GET", "/api/metrics/realtime");
  return pairs.find(({ pair }) => pair === "UZ_uzmobile")!.total;
}

/** As the programs of today print: some with ids, some without, now and then a failure. */
function linesOf(message: number): { text: string; sent: number; delivered: number; failed: number } {
  if (message % 10 === 9) return { text: `+99890${1_000_000 + message} error 30003 absent subscriber\n`, sent: 0, delivered: 0, failed: 1 };
  const id = message % 3 === 0 ? "" : ` id=a${message}`;
  const about = message % 3 === 0 ? "" : `a${message} delivered, `;
  return {
    text: `+99890${1_000_000 + message} OTP sent successfully${id}\n${about}submitted successfully\n`,
    sent: 1,
    delivered: 1,
    failed: 0,
  };
}

test("lines printed while Signalbox is killed again and again are counted once each, in the numbers of the board", async () => {
  await serve();
  await api.call("POST", "/api/programs", { name: "printer", template: ["tail", "-n", "+1", "-f", feed], folder: "/tmp" });
  await api.call("POST", "/api/pairs", { country: "UZ", operator: "uzmobile", programs: ["printer"] });
  expect(await run("patterns", "set", "printer", "--preset", "phrases")).toContain("submitted");
  await until("it runs", async () => (await run("ps", "--json")).includes('"running"'));

  const expected = { sent: 0, delivered: 0, failed: 0 };
  let message = 0;
  function print(n: number): void {
    for (const last = message + n; message < last; message++) {
      const line = linesOf(message);
      expected.sent += line.sent;
      expected.delivered += line.delivered;
      expected.failed += line.failed;
      appendFileSync(feed, line.text);
    }
  }
  for (const away of [5, 40, 0, 120]) {
    const before = (await total()).attempts;
    print(60);
    // In the middle of the work: some are counted, perhaps not all, and how far may not be written yet.
    await until("the first of them are counted", async () => (await total()).attempts > before);
    await kill9();
    print(away);
    await serve();
  }
  print(1);
  const wanted = { sent: expected.sent, delivered: expected.delivered, failed: expected.failed, attempts: message };
  await until("all are counted", async () => (await total()).attempts >= message, 20_000);
  const { sent, delivered, failed, attempts } = await until("what they became is counted", async () => {
    const seen = await total();
    return seen.delivered >= expected.delivered ? seen : null;
  });
  expect({ sent, delivered, failed, attempts }).toEqual(wanted);
}, 90_000);
