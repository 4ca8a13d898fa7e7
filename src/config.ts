/**
 * Every setting, checked once: flags, then environment, then file, then default. The only reader of the environment.
 * An unknown key or a bad value refuses the start and says which key, where it came from and what would be accepted.
 */

import { accessSync, constants, existsSync, readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { addresses, folder, oneOf, orNull, type Reader, text, webUrl, whole, yesNo } from "./config/reader.ts";
import { AppError, type FieldError, messageOf } from "./kernel/errors.ts";

export const DEFAULT_FILE = "/etc/signalbox/signalbox.toml";

/** What Signalbox and its client hand to programs: theirs, not settings, and so never refused. */
const FOR_PROGRAMS = /^SIGNALBOX_(URL|TOKEN|TOKEN_FILE|ENDPOINT_FILE|RUN|SESSION|SESSION_NAME|PAIRS|SPOOL|CLIENT)$/;
const MAX_SOCKET_PATH = 107; // bytes of sun_path, unix(7)

/** What each may be, and what it does. */
export const settings = {
  node: {
    read: text("a short name of letters, digits, dots and dashes", (name) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name)),
    about: "Name of this machine among several Signalboxes",
  },
  dataDir: { read: folder, about: "Where the store, the output of runs and the extracted shim live" },
  runtimeDir: { read: folder, about: "Small files of live runs and the control socket; on tmpfs a full disk loses no exit code" },
  screenDir: { read: orNull(folder), about: "Folder of screen's sockets; unset: screen's own choice for this user" },
  watchAllScreens: { read: yesNo, about: "Show screens of other users too; only a Signalbox that runs as root can adopt them" },
  listen: {
    read: text(
      "an address and port, like 127.0.0.1:8080 or [::1]:8080; port 0 takes a free one",
      (address) => parseListen(address) !== null,
    ),
    about: "Address and port of the pages and the API",
  },
  publicUrl: { read: orNull(webUrl), about: "Address people use when a proxy stands in front; unset: the address listened on" },
  trustedProxies: { read: addresses, about: "Addresses of proxies whose X-Forwarded-For is believed" },
  controlSocket: { read: socket, about: "Unix socket of the command line" },
  logLevel: { read: oneOf("debug", "info", "warn", "error"), about: "Least severity that is logged" },
  logFormat: {
    read: oneOf("json", "text"),
    about: "`json`: one object a line, for the journal; `text`: for people, and the default on a terminal",
  },
  timeZone: { read: text("an IANA time zone, like Asia/Tashkent", isTimeZone), about: "Days are those of this IANA time zone" },
  leaseMs: { read: whole(100, 60_000), about: "How long a permit may be used after it was granted, ms" },
  priorityFloorPct: { read: whole(0, 100), about: "Of a country's slots, how many in a hundred are high priority's while it waits" },
  houseLimit: {
    read: orNull(whole(1, 1_000_000)),
    about: "At most this many SMS of all countries together in any window; unset: no limit",
  },
  houseWindowSeconds: { read: whole(1, 86_400), about: "That window, seconds" },
  grantsKeepDays: { read: whole(3, 3_650), about: "How long granted permits stay for the ledger, days" },
  outputMaxBytes: { read: whole(65_536, 1_073_741_824), about: "Output kept of one run, bytes; the oldest part goes first" },
  outputKeepRuns: { read: whole(1, 1000), about: "Past runs of a session whose output is kept" },
  metricsFromLoopback: { read: yesNo, about: "Answer /metrics to this machine without a token, while public_url is unset" },
} satisfies Record<string, { read: Reader<unknown>; about: string }>;

export type Setting = keyof typeof settings;
export type Config = { readonly [Name in Setting]: ReturnType<(typeof settings)[Name]["read"]> };

/** Where a value came from: `--listen`, `SIGNALBOX_LISTEN`, `/etc/signalbox/signalbox.toml line 3`, `default`. */
export type Origins = Record<Setting, string>;

export interface Sources {
  /** By setting: what the command line said. */
  flags: Partial<Record<Setting, string | boolean>>;
  environment: Record<string, string | undefined>;
  /** The file asked for with --config; without it the default one is read when it exists. */
  file?: string;
  /** The text of a file, or undefined when there is none. */
  readFile?: (path: string) => string | undefined;
  machine?: Machine;
}

/** What defaults depend on. */
export interface Machine {
  hostname: string;
  root: boolean;
  timeZone: string;
  /** Whether somebody reads what we log as it comes. */
  terminal?: boolean;
  /** Whether the folder exists and is ours to write, or could be made. */
  writable: (path: string) => boolean;
}

export const SETTINGS = Object.keys(settings) as Setting[];
export const fileKey = (setting: string): string => setting.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
export const flagOf = (setting: string): string => fileKey(setting).replaceAll("_", "-");
export const variableOf = (setting: string): string => `SIGNALBOX_${fileKey(setting).toUpperCase()}`;

/** Throws `invalid` with one line per wrong setting. */
export function loadConfig(sources: Sources): { config: Config; origins: Origins } {
  const machine = sources.machine ?? thisMachine();
  const problems: FieldError[] = [];
  const values: Record<string, unknown> = {};
  const origins = Object.fromEntries(SETTINGS.map((name) => [name, "default"])) as Origins;
  const take = (name: Setting, value: unknown, origin: string) => {
    values[name] = value === "" ? null : value;
    origins[name] = origin;
  };

  takeFile(sources, take, problems);
  takeEnvironment(sources.environment, take, problems);
  if (values.screenDir === undefined && sources.environment.SCREENDIR) origins.screenDir = "SCREENDIR";
  for (const name of SETTINGS) if (sources.flags[name] !== undefined) take(name, sources.flags[name], `--${flagOf(name)}`);

  const config: Partial<Record<Setting, unknown>> = {};
  const given = { ...defaults(values, sources.environment, machine), ...values };
  for (const name of SETTINGS) {
    try {
      config[name] = settings[name].read(given[name]);
    } catch (error) {
      problems.push({ field: fileKey(name), message: `${messageOf(error)} (found ${shown(values[name])}, from ${origins[name]})` });
    }
  }
  if (problems.length > 0) {
    const lines = problems.map((problem) => `  ${problem.field} ${problem.message}`);
    throw new AppError("invalid", `The configuration cannot be used:\n${lines.join("\n")}`, { errors: problems });
  }
  return { config: config as Config, origins };
}

/** `127.0.0.1:8080` as host and port, or null. */
export function parseListen(text: string): { host: string; port: number } | null {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text);
  const port = Number(found?.[3]);
  if (!found || port > 65_535) return null;
  return { host: found[1] ?? found[2]!, port };
}

type Take = (name: Setting, value: unknown, origin: string) => void;

function takeFile({ file, environment, readFile = readIfThere }: Sources, take: Take, problems: FieldError[]): void {
  const asked = file ?? environment.SIGNALBOX_CONFIG;
  const path = asked ?? DEFAULT_FILE;
  let text: string | undefined;
  try {
    text = readFile(path);
  } catch (error) {
    problems.push({ field: path, message: `cannot be read: ${error instanceof Error ? error.message : error}` });
    return;
  }
  if (text === undefined) {
    if (asked !== undefined) problems.push({ field: path, message: "does not exist; --config must name a TOML file" });
    return;
  }
  let table: Record<string, unknown>;
  try {
    table = Bun.TOML.parse(text) as Record<string, unknown>;
  } catch (error) {
    problems.push({ field: path, message: `is not TOML: ${error instanceof Error ? error.message : error}` });
    return;
  }
  for (const [key, value] of Object.entries(table)) {
    const name = SETTINGS.find((setting) => fileKey(setting) === key);
    const origin = `${path}${lineOf(text, key)}`;
    if (name) take(name, value, origin);
    else problems.push({ field: key, message: `is no setting (from ${origin})${nearest(key, SETTINGS.map(fileKey))}` });
  }
}

function takeEnvironment(environment: Sources["environment"], take: Take, problems: FieldError[]): void {
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith("SIGNALBOX_") || variable === "SIGNALBOX_CONFIG" || value === undefined) continue;
    const name = SETTINGS.find((setting) => variableOf(setting) === variable);
    if (name) take(name, value, variable);
    else if (!FOR_PROGRAMS.test(variable))
      problems.push({ field: variable, message: `is no setting (from the environment)${nearest(variable, SETTINGS.map(variableOf))}` });
  }
}

function defaults(values: Record<string, unknown>, environment: Sources["environment"], machine: Machine): Record<Setting, unknown> {
  const home = environment.HOME ?? "/";
  const usualData = machine.root ? "/var/lib/signalbox" : join(environment.XDG_DATA_HOME ?? join(home, ".local/share"), "signalbox");
  const dataDir = typeof values.dataDir === "string" ? values.dataDir : usualData;
  // Only the Signalbox of the usual data folder owns /run/signalbox: one on another folder must not meet its runs.
  const usual = resolve(dataDir) === "/var/lib/signalbox" && machine.writable("/run/signalbox");
  const runtimeDir = typeof values.runtimeDir === "string" ? values.runtimeDir : usual ? "/run/signalbox" : join(dataDir, "run");
  return {
    node: machine.hostname,
    dataDir,
    runtimeDir,
    screenDir: environment.SCREENDIR ?? null,
    watchAllScreens: false,
    listen: "127.0.0.1:8080",
    publicUrl: null,
    trustedProxies: [],
    controlSocket: join(runtimeDir, "control.sock"),
    logLevel: "info",
    logFormat: machine.terminal ? "text" : "json",
    timeZone: machine.timeZone,
    leaseMs: 2000,
    priorityFloorPct: 30,
    houseLimit: null,
    houseWindowSeconds: 60,
    grantsKeepDays: 90,
    outputMaxBytes: 10_485_760,
    outputKeepRuns: 20,
    metricsFromLoopback: true,
  };
}

/** The process's own environment as it is now: main.ts and scripts pass this on; nothing else reads it. */
export const environment = (): Record<string, string | undefined> => ({ ...process.env });

/** By its name: process.stderr takes ten milliseconds of the start to say the same. */
function isTerminal(fd: number): boolean {
  try {
    return /^\/dev\/(pts\/|tty|console)/.test(readlinkSync(`/proc/self/fd/${fd}`));
  } catch {
    return false;
  }
}

function thisMachine(): Machine {
  return {
    hostname: hostname(),
    root: process.getuid?.() === 0,
    timeZone: zoneOf(environment().TZ),
    terminal: isTerminal(2),
    writable: (path) => {
      try {
        accessSync(existsSync(path) ? path : dirname(path), constants.W_OK);
        return true;
      } catch {
        return false;
      }
    },
  };
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

function lineOf(text: string, key: string): string {
  const index = text.split("\n").findIndex((line) => line.replaceAll(/["'\s]/g, "").startsWith(`${key}=`) || line.trim() === `[${key}]`);
  return index < 0 ? "" : ` line ${index + 1}`;
}

/** Where TZ or /etc/localtime points. Not asked of Intl: its first use costs 12 ms, a quarter of a start. */
function zoneOf(variable: string | undefined): string {
  let path = variable?.replace(/^:/, "") ?? "";
  try {
    path ||= readlinkSync("/etc/localtime");
  } catch {
    return "UTC";
  }
  const name = path.replace(/^.*\/zoneinfo\/(posix\/|right\/)?/, "");
  return existsSync(`/usr/share/zoneinfo/${name}`) ? name : "UTC";
}

function socket(given: unknown): string {
  const path = folder(given);
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return path;
  throw new Error(`must be at most ${MAX_SOCKET_PATH} bytes long: a longer path cannot be a Unix socket`);
}

function isTimeZone(name: string): boolean {
  if (name === zoneOf(environment().TZ)) return true; // the machine's own, and no need of Intl
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

function nearest(key: string, known: readonly string[]): string {
  const best = known.map((name) => ({ name, far: distance(key, name) })).sort((a, b) => a.far - b.far)[0];
  return best && best.far <= Math.max(3, key.length / 4) ? `; did you mean ${best.name}?` : "; docs/settings.md lists them";
}

/** Levenshtein: letters to change, add or drop. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next[j] = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length]!;
}
