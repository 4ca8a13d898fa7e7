/** `signalbox demo`: puts the sample fleet of the repository into the store, or ends it. For scripts/demo; Signalbox must not run meanwhile. */

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Access } from "../access/access.ts";
import type { Config } from "../config.ts";
import { SIGNALBOX } from "../kernel/act.ts";
import { EXIT, type Exit, Failed, usage } from "./exit.ts";
import { withStore } from "./offline.ts";
import type { Verb } from "./verb.ts";

export const demo: Verb = {
  name: "demo",
  operands: "",
  summary: "Put a sample fleet into the store (scripts/demo does the rest)",
  about:
    "Adds what is missing of the sample fleet, in one commit: 7 programs, 9 pairs in 6 countries, 24 sessions; with --scale more pairs.\nAlso the one way to end it whole, high-priority pairs too: --end.",
  flags: {
    gateway: { type: "string", value: "<url>", about: "address of the simulated gateway" },
    folder: { type: "string", value: "<path>", about: "the repository's scripts folder; ./scripts unless told" },
    scale: { type: "string", value: "<pairs>", about: "so many pairs over 26 countries" },
    end: { type: "boolean", about: "end every session of this data folder, and exit" },
  },
  async run({ flags, json, terminal, settings }) {
    const { config } = settings();
    if (flags.end === true) {
      if (existsSync(join(config.dataDir, "signalbox.db")))
        await withStore(config, false, async ({ access }) => mustBeSample(access, config));
      return endFleet(config, (line) => terminal.say(line));
    }
    const scale = Number(flags.scale ?? 0);
    if (!Number.isInteger(scale) || scale < 0 || scale > 1000) throw usage("--scale must be a whole number up to 1000");
    if (typeof flags.gateway !== "string" || !URL.canParse(flags.gateway))
      throw usage("--gateway must be a URL, like http://127.0.0.1:8090");
    const [{ openDirectory }, { openRulebook }, { actsOf, measure, missing, readSample }] = await Promise.all([
      import("../pairs/directory.ts"),
      import("../results/patterns/rulebook.ts"),
      import("./sample-fleet.ts"),
    ]);
    const gatewayUrl = flags.gateway;
    const folder = resolve(typeof flags.folder === "string" ? flags.folder : "scripts");
    if (!existsSync(join(folder, "fleet", "sample.json")))
      throw usage(`${folder} holds no fleet/sample.json: --folder must be the repository's scripts`);
    const seeded = await withStore(config, true, async ({ documents, access, clock, actor }) => {
      const directory = await openDirectory(documents);
      mustBeSample(access, config);
      const now = clock.now();
      const options = { programFolder: join(folder, "programs"), gatewayUrl, scale, node: config.node, now };
      const sample = readSample(join(folder, "fleet"));
      const changes = missing(directory, sample, options);
      if (changes.length > 0) await directory.commit(changes, actsOf(changes, now));
      await measure(directory, await openRulebook(documents, clock), sample);
      // Nobody needs to know a password that nobody was told: the link logs in, and an admin sets a password.
      if (!access.users.find(DEMO_USER)) await access.addUser({ name: DEMO_USER, password: crypto.randomUUID(), role: "admin" }, actor);
      return { pairs: directory.pairs().length, sessions: directory.sessions().length, login: await access.loginLink(DEMO_USER) };
    });
    terminal.say(
      json ? JSON.stringify(seeded) : `Sample fleet: ${seeded.pairs} pairs, ${seeded.sessions} sessions. Log in once with ${seeded.login}`,
    );
    return EXIT.ok;
  },
};

const DEMO_USER = "demo";

/** A sample fleet added to a real one by a wrong folder, or a real one ended as if it were the sample: both are refused. */
function mustBeSample({ users }: Access, { dataDir }: Config): void {
  if (users.list().length > 0 && !users.find(DEMO_USER))
    throw new Failed(EXIT.refused, `${dataDir} holds a fleet that is no sample: name another folder with --data-dir`);
}

const END_WITHIN_MS = 15_000;
const KILL_AFTER_MS = 8_000;

/** TERM to every run, KILL to those that are still there 8 s later. */
async function endFleet(config: Config, say: (line: string) => void): Promise<Exit> {
  const [{ screenTerminals }, { systemClock }, { lockDataFolder }, { quiet }] = await Promise.all([
    import("../adapters/screen/terminals.ts"),
    import("../adapters/linux/libc.ts"),
    import("../adapters/linux/lock.ts"),
    import("../kernel/log.ts"),
  ]);
  const lock = lockDataFolder(config.dataDir);
  const clock = systemClock();
  const terminals = screenTerminals({
    dataFolder: config.dataDir,
    runtimeFolder: config.runtimeDir,
    screenFolder: config.screenDir,
    endpointFile: "",
    clientFile: "",
    mintToken: () => "", // nothing is started here
    environment: {},
    clock,
    log: quiet,
  });
  const alive = () => terminals.list().filter((run) => run.child?.alive || run.keeper?.alive);
  const ended = alive();
  // Nobody's wish: the next demo starts them as what they are, the sample fleet, and not because it was stopped.
  const note = { kind: "stop" as const, by: SIGNALBOX.name, reason: "demo --stop", at: clock.now(), killAt: clock.now() + KILL_AFTER_MS };
  for (const { run } of ended) terminals.stop(run, "TERM", note);
  const began = clock.uptimeMs();
  let killed = false;
  while (alive().length > 0 && clock.uptimeMs() - began < END_WITHIN_MS) {
    if (!killed && clock.uptimeMs() - began > KILL_AFTER_MS) {
      for (const { run } of alive()) terminals.kill(run);
      killed = true;
    }
    await Bun.sleep(50);
  }
  const left = alive().map((run) => run.name);
  terminals.close();
  lock.release();
  say(left.length > 0 ? `Still there: ${left.join(", ")}` : `${ended.length} sessions ended.`);
  return left.length > 0 ? EXIT.failure : EXIT.ok;
}
