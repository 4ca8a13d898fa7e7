/** A whole fleet that is not there: real directory, roster and wishes over the doubles, in up to 35 countries. */

import { aesVault } from "../../src/adapters/linux/vault.ts";
import type { SessionStatus } from "../../src/fleet/fleet.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { quiet } from "../../src/kernel/log.ts";
import { type Batches, openBatches } from "../../src/pairs/batches.ts";
import { openDesiredDoor } from "../../src/pairs/desired.ts";
import { type Directory, openDirectory } from "../../src/pairs/directory.ts";
import { openRoster } from "../../src/pairs/roster.ts";
import type { Days } from "../../src/permits/days.ts";
import { type Holds, openHolds } from "../../src/permits/holds.ts";
import type { ErrorClasses } from "../../src/results/error-classes.ts";
import { classify } from "../../src/results/errors.ts";
import { type BreachesDouble, breachesDouble, daysDouble } from "./breaches.ts";
import {
  type CountersDouble,
  countersDouble,
  crashedExit,
  type FleetDouble,
  fleetDouble,
  memoryDocuments,
  type PermitsDouble,
  permitsDouble,
} from "./doubles.ts";
import { boris, sleeper } from "./people.ts";

/** Seeded, so that every picture and every test sees the same board. */
export function dice(seed = 7): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** Countries and operators as an A2P sender knows them. */
const LINES: Record<string, string[]> = {
  UZ: ["UzMobile", "Beeline", "Ucell", "Mobiuz"],
  UA: ["3Mob", "Kyivstar", "lifecell", "Vodafone"],
  TJ: ["MegaFon TT Mobile", "Tcell", "Babilon-M", "ZET-Mobile"],
  IN: [
    "Reliance West Bengal",
    "TATA DOCOMO Maharashtra & Goa",
    "Vi India Maharashtra & Goa",
    "AirTel Gujarat",
    "Jio Delhi",
    "BSNL Kerala",
    "AirTel Karnataka",
  ],
  AZ: ["Azercell", "Bakcell", "Nar"],
  KZ: ["Kcell", "Beeline", "Tele2", "Altel"],
  KG: ["MegaCom", "O!", "Beeline"],
  GE: ["Magti", "Silknet", "Cellfie"],
  AM: ["Viva", "Ucom", "Team"],
  PK: ["Jazz", "Zong", "Telenor", "Ufone"],
  BD: ["Grameenphone", "Robi", "Banglalink", "Teletalk"],
  LK: ["Dialog", "Mobitel", "Hutch"],
  NP: ["Ncell", "NTC"],
  ID: ["Telkomsel", "Indosat", "XL", "Smartfren"],
  PH: ["Globe", "Smart", "DITO"],
  VN: ["Viettel", "Vinaphone", "MobiFone"],
  TH: ["AIS", "True", "dtac"],
  MY: ["Maxis", "Celcom", "Digi", "U Mobile"],
  NG: ["MTN", "Airtel", "Glo", "9mobile"],
  KE: ["Safaricom", "Airtel", "Telkom"],
  GH: ["MTN", "Telecel", "AT"],
  EG: ["Vodafone", "Orange", "Etisalat", "WE"],
  MA: ["Maroc Telecom", "Orange", "inwi"],
  TR: ["Turkcell", "Vodafone", "Türk Telekom"],
  PL: ["Play", "Orange", "Plus", "T-Mobile"],
  RO: ["Orange", "Vodafone", "Telekom", "Digi"],
  BR: ["Claro", "Vivo", "TIM", "Oi"],
  MX: ["Telcel", "AT&T", "Movistar"],
  CO: ["Claro", "Movistar", "Tigo"],
  PE: ["Claro", "Entel", "Movistar", "Bitel"],
  ZA: ["Vodacom", "MTN", "Cell C", "Telkom"],
  TZ: ["Vodacom", "Airtel", "Tigo", "Halotel"],
  UG: ["MTN", "Airtel"],
  DZ: ["Djezzy", "Mobilis", "Ooredoo"],
  IQ: ["Zain", "Asiacell", "Korek"],
};
const PRIORITY = new Set(["UZ_uzmobile", "UA_kyivstar", "IN_airtel-gujarat", "ID_telkomsel", "NG_mtn", "PL_play"]);

export interface World {
  directory: Directory;
  roster: ReturnType<typeof openRoster>;
  batches: Batches;
  desired: ReturnType<typeof openDesiredDoor>;
  fleet: FleetDouble;
  permits: PermitsDouble;
  breaches: BreachesDouble;
  days: Days;
  counters: CountersDouble;
  errorClasses: Pick<ErrorClasses, "classify">;
  holds: Holds;
  clock: Clock;
}

/** Nothing yet: no program, no pair. */
export async function emptyWorld(clock: Clock): Promise<World> {
  const documents = memoryDocuments();
  const directory = await openDirectory(documents);
  const roster = openRoster(
    directory,
    clock,
    "sms-1",
    aesVault(() => new Uint8Array(32)),
  );
  return {
    directory,
    roster,
    batches: openBatches(documents, directory, clock),
    desired: openDesiredDoor(directory, clock),
    fleet: fleetDouble(directory, clock),
    permits: permitsDouble(directory, clock),
    breaches: breachesDouble(),
    days: daysDouble(clock),
    counters: countersDouble(directory, clock),
    errorClasses: { classify },
    holds: await openHolds({ documents, directory, clock, log: quiet }),
    clock,
  };
}

/** `size` pairs in up to 35 countries, six programs, one to three sessions a pair, some of them in trouble. */
export async function fullWorld(clock: Clock, size = 120): Promise<World> {
  const world = await emptyWorld(clock);
  const { roster, directory, fleet, counters } = world;
  const random = dice();
  for (let i = 1; i <= 6; i++) await roster.addProgram(sleeper(`program${i}`, { description: `Sends by route ${i}` }), boris);
  const all = Object.entries(LINES).flatMap(([country, operators]) => operators.map((name) => ({ country, name })));
  for (const { country, name } of all.slice(0, size)) {
    const operator =
      name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .replace(/^-|-$/g, "") || "o";
    const programs = random() < 0.35 ? ["program1", "program2"] : random() < 0.1 ? ["program1", "program2", "program3"] : ["program1"];
    const pair = await roster.addPair({ country, operator, operator_name: name, tags: random() < 0.3 ? ["otp"] : [] }, boris, programs);
    if (PRIORITY.has(pair.id)) await roster.setPriority(pair.id, true, boris);
    counters.set(pair.id, 80 + random() * 20, random() < 0.06 ? 12 : Math.round(30 + random() * 60));
  }
  counters.set("AM_ucom", 53, 49);
  counters.set("LK_dialog", 73, 51);
  counters.set("ID_smartfren", 52, 61);
  const now = clock.now();
  for (const session of directory.sessions()) {
    fleet.see(session.id, { startedAt: now - Math.round(random() * 90_000_000), cpu: random() * 0.02, memoryBytes: 13e6 + random() * 9e6 });
    fleet.print(session.id, outputOf(session.name, 30));
  }
  trouble(world);
  return world;
}

export function outputOf(session: string, lines: number): string[] {
  return Array.from(
    { length: lines },
    (_, i) => `12:${String(i % 60).padStart(2, "0")}:04 ${session} SMS submitted successfully to +998 90 ••• •• ${10 + (i % 90)}`,
  );
}

function trouble({ directory, fleet, clock }: World): void {
  const now = clock.now();
  const see = (name: string, change: Partial<SessionStatus>) => {
    const session = directory.session(name);
    if (session) fleet.see(session.id, change);
  };
  const dead = { pid: null, screenPid: null, cpu: null, memoryBytes: null };
  see("program1_UZ_mobiuz", {
    ...dead,
    state: "crashed",
    why: "ended 10 times in 30 min, its policy has given up",
    exit: crashedExit(now - 120_000),
    restarts: 10,
    lastLines: [
      "Traceback (most recent call last):",
      '  File "program1.py", line 88, in send',
      "ConnectionError: gateway refused the connection",
    ],
  });
  see("program1_ID_telkomsel", {
    ...dead,
    state: "backoff",
    why: "killed by signal 9 (KILL)",
    exit: { code: 137, words: "killed by signal 9 (KILL)", at: now - 4000 },
    restarts: 1,
    nextTryAt: now + 14_000,
  });
  see("program1_KZ_tele2", { state: "silent", why: "alive, but sends nothing although slots are free" });
  see("program1_PK_ufone", { state: "silent", why: "alive, but sends nothing although slots are free" });
  see("program1_LK_dialog", { state: "frozen", why: "its terminal holds it still" });
  see("program1_GE_cellfie", { ...dead, state: "interrupted", why: "somebody pressed Ctrl-C in its screen" });
  see("program1_VN_vinaphone", { state: "starting", why: "its screen is open, the program not yet seen" });
  see("program1_TH_dtac", { state: "stopping", why: "was asked to end", killAt: now + 8000 });
}
