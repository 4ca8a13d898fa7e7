/**
 * `signalbox serve`: opens the house, tells the service manager, and closes within 5 s when asked. The screens live on.
 * What nobody caught ends the process with 1: the service manager starts it anew, and everything is on disk.
 */

import { type Ground, openGround, startWriter } from "../app/ground.ts";
import type { Config, Origins } from "../config.ts";
import { type Log, openLog } from "../kernel/log.ts";
import { VERSION } from "../kernel/version.ts";
import { EXIT, type Exit } from "./exit.ts";
import { logWriter } from "./log-format.ts";
import type { Call, Verb } from "./verb.ts";

const CLOSE_WITHIN_MS = 4500;
const SAME_CTRL_C_MS = 1000;

export const serve: Verb = {
  name: "serve",
  operands: "",
  summary: "Run Signalbox in the foreground",
  about:
    "Listens on 127.0.0.1:8080 unless told otherwise, keeps everything under one data folder, and logs to stderr.\n" +
    "TERM or Ctrl-C ends it within 5 s; the screens and their programs go on and are found again at the next start.\n" +
    "Under systemd it says when it is ready and feeds the watchdog (systemd/signalbox.service).",
  examples: ["signalbox serve", "signalbox serve --listen 0.0.0.0:8080 --data-dir /srv/signalbox"],
  async run(call) {
    // Comes up while the settings are read and the house is loaded.
    const writer = startWriter();
    const { config, origins } = call.settings();
    const log = openServeLog(config, call.environment);
    // The first signal may come before the house is open: then it is closed as soon as it is.
    const asked = Promise.withResolvers<string>();
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => asked.resolve(signal));
    const broken = Promise.withResolvers<never>();
    process.on("uncaughtException", (error) => broken.reject(error));
    process.on("unhandledRejection", (error) => broken.reject(error));
    broken.promise.catch((error) => {
      log.error("something failed that nobody had thought of; ending, to be started anew", { error });
      process.exit(EXIT.failure);
    });
    const ground = openGround(config, { log, writer });
    ground.catch(() => {}); // told where it is waited for
    return run(call, config, { log, ground, origins }, asked.promise);
  },
};

interface Opening {
  log: Log;
  ground: Promise<Ground>;
  origins: Origins;
}

async function run({ environment }: Call, config: Config, opening: Opening, asked: Promise<string>): Promise<Exit> {
  const { log } = opening;
  const [{ openApp }, { openNotifier }, { openWatchdog }] = await Promise.all([
    import("../app.ts"),
    import("../adapters/systemd/notify.ts"),
    import("../adapters/systemd/watchdog.ts"),
  ]);
  const notifier = openNotifier(environment.NOTIFY_SOCKET);
  const app = await openApp(config, opening);
  const watchdog = openWatchdog({
    notifier,
    watchdogUsec: environment.WATCHDOG_USEC,
    loops: app.services.loops,
    status: () => `Serving ${app.url}`,
    log,
    now: Date.now,
  });
  notifier.tell("READY=1", `STATUS=Serving ${app.url}`);
  watchdog.start();
  // From here on the same code runs again and again: scripts/build had made the JIT wait.
  Bun.unsafe.setJITPolicy(1);
  log.info("ready", { url: app.url, version: VERSION, data: config.dataDir });
  const setup = await app.services.access.setupLink();
  if (setup)
    log.warn("nobody can log in yet: this link makes the first admin, once, within an hour", {
      link: `${config.publicUrl ?? app.url}${setup}`,
    });

  const signal = await asked;
  log.info("closing; the screens go on", { signal });
  notifier.tell("STOPPING=1");
  const askedAt = performance.now();
  // A second Ctrl-C does not wait. The first may come twice: from the terminal to the whole group, and from the script that started us.
  process.on("SIGINT", () => {
    if (performance.now() - askedAt > SAME_CTRL_C_MS) process.exit(EXIT.failure);
  });
  await watchdog.stop();
  const closed = await Promise.race([app.close().then(() => true), Bun.sleep(CLOSE_WITHIN_MS).then(() => false)]);
  if (!closed) {
    log.error(`not closed after ${CLOSE_WITHIN_MS} ms; ending all the same, everything acknowledged is on disk`);
    return EXIT.failure;
  }
  log.info("closed");
  return EXIT.ok;
}

function openServeLog(config: Config, environment: Call["environment"]): Log {
  // JOURNAL_STREAM is set when stderr is the journal: systemd.exec(5).
  const journal = environment.JOURNAL_STREAM !== undefined;
  return openLog({
    level: config.logLevel,
    now: Date.now,
    journal: journal && config.logFormat === "json",
    write: logWriter(config.logFormat),
  });
}
