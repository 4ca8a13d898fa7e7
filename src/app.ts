/**
 * The composition root: opens the house from a configuration and closes it again. It and its parts (app/) are all that names adapters.
 *
 * What one feature needs of another arrives here as a function: the fleet gets a way to mint tokens, the results one to settle permits.
 */

import { fullGC } from "bun:jsc";
import { join } from "node:path";
import { type Access, openAccess } from "./access/access.ts";
import { openControl } from "./adapters/linux/control.ts";
import { systemClock } from "./adapters/linux/libc.ts";
import { giveBackExecutable } from "./adapters/linux/resident.ts";
import { openSecrets } from "./adapters/linux/secrets.ts";
import { aesVault } from "./adapters/linux/vault.ts";
import { openExporter } from "./adapters/prometheus/exporter.ts";
import { trimToBudget } from "./adapters/screen/budget.ts";
import { screenPrinted } from "./adapters/screen/printed.ts";
import { sqliteKeyring } from "./adapters/sqlite/access.ts";
import { sqliteDeadlines } from "./adapters/sqlite/deadlines.ts";
import { sqliteDocuments } from "./adapters/sqlite/documents.ts";
import { sqliteGateways } from "./adapters/sqlite/gateways.ts";
import { sqliteJournal } from "./adapters/sqlite/journal.ts";
import { sqliteKeeping } from "./adapters/sqlite/keeping.ts";
import { sqliteMessages } from "./adapters/sqlite/messages.ts";
import { sqliteOperations } from "./adapters/sqlite/operations.ts";
import { sqliteOrphans } from "./adapters/sqlite/orphans.ts";
import { sqlitePositions } from "./adapters/sqlite/positions.ts";
import { storeWritable } from "./adapters/sqlite/probe.ts";
import { sqliteRollups } from "./adapters/sqlite/rollups.ts";
import { sqliteTrends } from "./adapters/sqlite/trends.ts";
import { openBeats } from "./adapters/systemd/watchdog.ts";
import { openFront } from "./app/front.ts";
import { type Ground, openGround } from "./app/ground.ts";
import { measured } from "./app/measured.ts";
import { openMemory } from "./app/memory.ts";
import { heardPosting, meteredBy } from "./app/metered.ts";
import { openPacing } from "./app/pacing.ts";
import { openPresence } from "./app/presence.ts";
import { isRunKnown } from "./app/run-known.ts";
import { openScreenFleet, openScreens } from "./app/screens.ts";
import { settleRest, settler } from "./app/settling.ts";
import { freeSlots, hasSent, heardBy } from "./app/silence.ts";
import type { Config, Origins } from "./config.ts";
import { stripControls } from "./fleet/mask.ts";
import type { OpenFleet } from "./fleet/open-fleet.ts";
import { type Operations, openOperations } from "./fleet/operations.ts";
import { openTraffic, type Traffic } from "./fleet/traffic.ts";
import { openEventHub } from "./http/events.ts";
import type { Clock } from "./kernel/clock.ts";
import { openLagMeter } from "./kernel/lag.ts";
import type { Log } from "./kernel/log.ts";
import type { LoopHealth } from "./kernel/loop.ts";
import { openZone } from "./kernel/zone.ts";
import { openBatches } from "./pairs/batches.ts";
import { type DesiredDoor, openDesiredDoor } from "./pairs/desired.ts";
import { type Directory, openDirectory } from "./pairs/directory.ts";
import type { Documents } from "./pairs/documents.ts";
import { openRoster, type Roster } from "./pairs/roster.ts";
import type { Breaches } from "./permits/breaches.ts";
import type { Holds } from "./permits/holds.ts";
import type { OpenPermits } from "./permits/permits.ts";
import { openErrorClasses } from "./results/error-classes.ts";
import { openGateways } from "./results/gateways.ts";
import type { Metering } from "./results/patterns/metered.ts";
import { openMetering } from "./results/patterns/metering.ts";
import { openRulebook, type Rulebook } from "./results/patterns/rulebook.ts";
import { phoneHasher } from "./results/phone.ts";
import { openPlaces } from "./results/place.ts";
import { openResults, type Results } from "./results/results.ts";
import { openRetention, type Retention } from "./results/retention.ts";
import { openSizes } from "./results/size.ts";

export interface Services {
  documents: Documents;
  directory: Directory;
  roster: Roster;
  desired: DesiredDoor;
  fleet: OpenFleet;
  operations: Operations;
  permits: OpenPermits;
  breaches: Breaches;
  holds: Holds;
  traffic: Traffic;
  results: Results;
  retention: Retention;
  patterns: { rulebook: Rulebook; metering: Metering };
  access: Access;
  loops: () => LoopHealth[];
}

export interface App {
  url: string;
  services: Services;
  /** Ends waits and streams, then the loops, then the store. The screens live on. */
  close(): Promise<void>;
}

export interface Overrides {
  log: Log;
  /** Being opened already. */
  ground?: Promise<Ground>;
  /** Where settings came from, for the pages that show them. */
  origins?: Pick<Origins, "houseLimit">;
  /** For tests: another clock, another end. */
  clock?: Clock;
  onStoreDeath?: (which: string, message: string) => void;
}

/** Throws an AppError that says what to mend, and then nothing is left open. */
export async function openApp(config: Config, { log, ground, clock = systemClock(), onStoreDeath, origins }: Overrides): Promise<App> {
  const undo: (() => unknown)[] = [];
  try {
    const houseFrom = origins?.houseLimit ?? "default";
    return await open(config, houseFrom, log, clock, ground ?? openGround(config, { log, onStoreDeath }), undo);
  } catch (error) {
    for (const step of undo.reverse()) await step();
    throw error;
  }
}

async function open(
  config: Config,
  houseFrom: string,
  log: Log,
  clock: Clock,
  opening: Promise<Ground>,
  undo: (() => unknown)[],
): Promise<App> {
  const ground = await opening;
  const { store } = ground;
  undo.push(ground.close);
  const secrets = openSecrets(join(config.dataDir, "secrets"));
  const documents = sqliteDocuments(store);
  const journal = sqliteJournal(store);

  const [errorClasses, directory, rulebook, access] = await Promise.all([
    openErrorClasses(documents, clock),
    openDirectory(documents),
    openRulebook(documents, clock),
    openAccess({
      documents,
      keyring: sqliteKeyring(store),
      clock,
      log,
      key: secrets.key,
      isRunKnown: (run, session): boolean => isRunKnown(fleet, directory, run, session, clock.now()),
    }),
  ]);
  const vault = aesVault(() => secrets.key("programs")());
  const runsAs = (session: string): string | null => fleet.status(session)?.runsAs ?? null;
  const roster = openRoster(directory, clock, config.node, vault, runsAs);
  const batches = openBatches(documents, directory, clock);
  const desired = openDesiredDoor(directory, clock);
  const pacing = await openPacing(config, { store, documents, directory, clock, log });
  const { permits, holds, asked, breaches, pruning } = pacing;
  undo.push(holds.stop);
  const settle = settler(permits);
  const traffic = openTraffic(clock, (idOrName) => directory.session(idOrName)?.id, {
    reports: (program): boolean => hasSent(results.counters, program),
    freeSlots: (pair): number => (holds.of(pair) ? 0 : freeSlots(directory, permits, pair)),
  });
  const phone = phoneHasher(secrets.key("phone"));
  const trimOutput = async (budgetBytes: number) => (await trimToBudget(config.dataDir, budgetBytes)).freedBytes;
  const trends = sqliteTrends(store);
  const retention = openRetention({
    ...{ documents, keeping: sqliteKeeping(store), trends, timeZone: config.timeZone },
    ...{ trimOutput, clock, log },
  });
  const [results] = await Promise.all([
    openResults({
      journal,
      rollups: sqliteRollups(store),
      trends,
      keptDays: () => retention.days(),
      zone: openZone(config.timeZone),
      clock,
      log,
      place: openPlaces(directory),
      sessionId: (idOrName) => directory.session(idOrName)?.id ?? idOrName,
      onCredit: (...told) => gateways.credit(...told),
      phone,
      excuses: errorClasses.excuses,
      deadlines: sqliteDeadlines(store),
      messages: sqliteMessages(store),
      orphans: sqliteOrphans(store),
      onNew(deltas, arrivedUptimeMs) {
        settle(deltas, arrivedUptimeMs);
        exporter.observe(deltas);
        for (const { session } of deltas) traffic.hear(session);
      },
    }),
    settleRest(journal, permits, clock, settle),
  ]);
  const endpointFile = join(config.runtimeDir, "endpoint");
  const terminals = openScreens(config, { endpointFile, mintToken: access.mintRunToken, clock, log });
  undo.push(terminals.close);
  const fleet: OpenFleet = await openScreenFleet(config, {
    store,
    documents,
    directory,
    desired,
    roster,
    vault,
    terminals,
    traffic,
    clock,
    log,
  });

  const operations = await openOperations({ directory, desired, fleet, rows: sqliteOperations(store), clock, log });
  const gateways = openGateways({
    totals: sqliteGateways(store),
    timeZone: config.timeZone,
    ofPairs: () => Object.fromEntries(directory.pairs().flatMap(({ id, gateway }) => (gateway === null ? [] : [[id, gateway]]))),
    clock,
    log,
  });
  const printed = screenPrinted(config.dataDir);
  const metering = await openMetering({
    rulebook,
    printed,
    positions: sqlitePositions(store),
    ...meteredBy(directory, fleet, terminals),
    accept: results.ingest.accept,
    plain: stripControls,
    phoneHash: (number) => phone(number).hash,
    onCredit: gateways.credit,
    clock,
    log,
  });
  const memory = openMemory({
    heap() {
      const { heapUsed: left, heapTotal: taken } = process.memoryUsage();
      return { left, taken };
    },
    collect: fullGC,
    collectYoung: () => Bun.gc(false),
    ...{ shrink: Bun.shrink, giveBack: giveBackExecutable, log, now: clock.now },
  });
  undo.push(memory.stop);
  const allLoops = [
    memory,
    retention.loop,
    metering.loop,
    gateways.loop,
    ...results.loops,
    ...fleet.loops(),
    ...operations.loops(),
    pruning,
  ];
  const loops = () => allLoops.map((loop) => loop.health());
  const beats = openBeats(clock.uptimeMs);
  const lag = openLagMeter();
  undo.push(lag.stop);
  const exporter = openExporter({
    directory,
    fleet,
    permits,
    breaches,
    holds,
    counters: results.counters,
    loops,
    lagMs: lag.worstMs,
    now: clock.now,
  });
  const events = openEventHub(clock);
  access.logins.ended.subscribe((logins) => logins.forEach(events.closeLogin));
  const health = { clock, loops, stalled: () => beats.look(loops()), storeWritable: () => storeWritable(store) };
  const { door, server } = openFront(config, { log, access, health }, () => ({
    ...pacing,
    documents,
    directory,
    roster,
    batches,
    desired,
    fleet,
    strangers: fleet.strangers,
    operations,
    permits: heardBy(traffic, asked, permits),
    results: { ...results, ingest: heardPosting(metering, results.ingest) },
    gatewayTotals: gateways,
    houseFrom,
    patterns: { rulebook, metering, printed, plain: stripControls, phoneMask: (number) => phone(number).mask },
    errorClasses,
    retention,
    sizes: openSizes(() => measured(store, config.dataDir), clock, log),
    events,
    metrics: exporter,
  }));
  undo.push(() => server.stop(true));
  fleet.changed.subscribe(metering.touch);
  directory.changed.subscribe((changes) => {
    if (changes.some(({ kind }) => kind === "session" || kind === "pair")) metering.reconfigure();
  });
  const presence = openPresence({
    endpointFile,
    url: server.url,
    controlSocket: config.controlSocket,
    openControl: () => openControl({ path: config.controlSocket, dispatch: (request, local) => door.fetch(request, { local }), log }),
    log,
    now: clock.now,
  });
  undo.push(presence.close);
  presence.loop.start();

  for (const loop of results.loops) loop.start();
  fleet.start();
  operations.start();
  void breaches.start();
  pruning.start();
  metering.loop.start();
  gateways.loop.start();
  retention.loop.start();
  memory.start();

  return {
    url: server.url,
    services: {
      documents,
      directory,
      roster,
      desired,
      fleet,
      operations,
      permits,
      breaches,
      holds,
      traffic,
      results,
      retention,
      patterns: { rulebook, metering },
      access,
      loops,
    },
    async close() {
      // In the order in which the parts lean on each other: callers first, the store last.
      permits.close();
      holds.stop();
      events.closeAll();
      presence.close();
      await server.stop();
      await pruning.stop();
      await operations.stop();
      await fleet.stop();
      await metering.stop();
      terminals.close();
      await results.stop();
      await retention.loop.stop();
      await gateways.stop();
      await permits.flushed();
      await breaches.stop();
      await memory.stop();
      lag.stop();
      await ground.close();
    },
  };
}
