/**
 * The sample fleet as its user has it: the compiled executable, real screens, the six programs, the simulated gateway. Signalbox can be
 * killed and started again; the gateway's log judges what was sent.
 */

import { Database } from "bun:sqlite";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SPARE_NAME } from "../../src/adapters/screen/commands.ts";
import { openClient } from "../../src/cli/client.ts";
import { withStore } from "../../src/cli/offline.ts";
import { loadConfig } from "../../src/config.ts";
import { openDirectory } from "../../src/pairs/directory.ts";
import { openRoster } from "../../src/pairs/roster.ts";
import { endAll } from "./screens.ts";
import { readTruth } from "./truth.ts";
import { until } from "./until.ts";

const root = join(import.meta.dir, "../..");
const built = join(root, "dist/signalbox");

export interface SeenSession {
  name: string;
  program: string;
  state: string;
  pid: number | null;
  restarts: number;
}

export interface SampleOptions {
  /** Pairs, or 0 for the sample's own 9. */
  scale?: number;
  /** A shorter window than a minute, so that a test of seconds sees many. */
  windowSeconds?: number;
  gateway?: Record<string, unknown>;
  /** What is run, when somebody may build anew meanwhile. */
  binary?: string;
}

export type Sample = Awaited<ReturnType<typeof openSample>>;

export async function openSample({ scale = 0, windowSeconds, gateway: profile, binary = built }: SampleOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), "sbx-"));
  const screens = join(folder, "screens");
  mkdirSync(screens, { mode: 0o700 });
  const settings = ["--config", join(folder, "none.toml"), "--data-dir", join(folder, "data"), "--screen-dir", screens];
  await Bun.write(join(folder, "none.toml"), "");
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SIGNALBOX_")));
  const environment = { ...clean, SCREENDIR: screens };
  const truth = join(folder, "gateway.ndjson");

  async function openGateway(port: string) {
    const told = join(folder, "gateway.url");
    await Bun.write(told, "");
    const child = Bun.spawn([process.execPath, join(root, "scripts/gateway/gateway.ts"), "--port", port, "--log", truth, "--seed", "7"], {
      env: environment,
      stdin: "ignore",
      stdout: Bun.file(told),
      stderr: "inherit",
    });
    return { child, url: await until("the gateway is ready", () => /"url":"([^"]+)"/.exec(readFileSync(told, "utf8"))?.[1]) };
  }

  let { child: gateway, url: gatewayUrl } = await openGateway("0");
  if (profile) await fetch(`${gatewayUrl}/profiles/default`, { method: "PUT", body: JSON.stringify(profile) });

  async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
    const child = Bun.spawn([binary, ...argv, ...settings], { env: environment, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
    const [out, err, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
    return { out, err, code };
  }

  async function must(...argv: string[]): Promise<string> {
    const { code, out, err } = await run(...argv);
    if (code !== 0) throw new Error(`signalbox ${argv.join(" ")} ended with ${code}: ${err}`);
    return out;
  }

  let serving: Bun.Subprocess | null = null;
  async function serve(): Promise<void> {
    const log = join(folder, "signalbox.log");
    const child = Bun.spawn([binary, "serve", "--listen", "127.0.0.1:0", ...settings], {
      env: environment,
      stdin: "ignore",
      stdout: "ignore",
      stderr: Bun.file(log),
    });
    serving = child;
    await until("Signalbox is ready", async () => {
      if (child.exitCode !== null) throw new Error(`Signalbox ended: ${readFileSync(log, "utf8").slice(-2000)}`);
      return (await run("health")).code === 0;
    });
  }

  const sessions = async (): Promise<SeenSession[]> => JSON.parse(await must("ps", "--json"));

  await must("demo", "--gateway", gatewayUrl, "--folder", join(root, "scripts"), "--scale", String(scale));
  await withoutCounters(join(folder, "data"), folder);
  await serve();
  const api = openClient([join(folder, "data/run/control.sock")]);
  if (windowSeconds !== undefined) {
    const { countries } = await api.call<{ countries: { code: string }[] }>("GET", "/api/countries");
    for (const { code } of countries) await api.call("PATCH", `/api/countries/${code}`, { window_seconds: windowSeconds });
  }

  return {
    folder,
    screens,
    environment,
    api,
    run,
    serve,
    sessions,
    url: () => readFileSync(join(folder, "data/run/endpoint"), "utf8").trim(),
    screenCount: () => readdirSync(screens).filter((name) => !name.endsWith(`.${SPARE_NAME}`)).length,
    pid: () => serving?.pid ?? 0,
    truth: () => readTruth(truth),
    /** The store as it lies on disk, read by nobody's leave. */
    store<T>(query: string): T[] {
      const db = new Database(join(folder, "data/signalbox.db"), { readonly: true });
      try {
        return db.query(query).all() as T[];
      } finally {
        db.close();
      }
    },
    async kill9(): Promise<void> {
      serving?.kill("SIGKILL");
      await serving?.exited;
    },
    /** As the service manager stops it. */
    async term(): Promise<void> {
      serving?.kill("SIGTERM");
      await serving?.exited;
    },
    gatewayPid: () => gateway.pid,
    async stopGateway(): Promise<void> {
      gateway.kill();
      await gateway.exited;
    },
    /** Under the address it had. */
    async startGateway(): Promise<void> {
      ({ child: gateway, url: gatewayUrl } = await openGateway(new URL(gatewayUrl).port));
    },
    allRunning: (count: number) =>
      until(
        `all ${count} sessions run`,
        async () => {
          const seen = await sessions();
          return seen.length === count && seen.every((session) => session.state === "running") ? seen : null;
        },
        60_000,
      ),
    async close(): Promise<void> {
      serving?.kill("SIGTERM");
      await serving?.exited;
      await run("demo", "--end");
      gateway.kill();
      await gateway.exited;
      endAll(screens);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** program4 reports counts, which no message of the gateway's log can be matched with: the judge needs ids. program7 asks no permits. */
async function withoutCounters(dataDir: string, home: string): Promise<void> {
  const { config } = loadConfig({ flags: { dataDir }, environment: { HOME: home }, readFile: () => undefined });
  await withStore(config, false, async ({ documents, clock, actor }) => {
    const directory = await openDirectory(documents);
    const roster = openRoster(directory, clock, config.node);
    for (const program of ["program4", "program7"]) if (directory.program(program)) await roster.retireProgram(program, actor);
  });
}
