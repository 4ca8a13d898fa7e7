/**
 * Every setting, checked once: flags, then environment, then file, then default. The only reader of the environment.
 * An unknown key or a bad value refuses the start and says which key, where it came from and what would be accepted.
 */

import { accessSync, constants, existsSync, readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { AppError, type FieldError } from "./kernel/errors.ts";
import { DEFAULT_FILE, fileKey, flagOf, SETTINGS, type Setting, variableOf } from "./setting.ts";

/** What Signalbox and its client hand to programs: theirs, not settings, and so never refused. */
const FOR_PROGRAMS = /^SIGNALBOX_(URL|TOKEN|TOKEN_FILE|ENDPOINT_FILE|RUN|SESSION|SESSION_NAME|PAIRS|SPOOL|CLIENT)$/;
const MAX_SOCKET_PATH = 107; // bytes of sun_path, unix(7)

const folder = z
  .string("must be a folder")
  .min(1, "must be a folder")
  .transform((path) => resolve(path));
const whole = (least: number, most: number) =>
  z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)], `must be a whole number from ${least} to ${most}`)
    .refine((n) => Number.isInteger(n) && n >= least && n <= most, `must be a whole number from ${least} to ${most}`);
const yesNo = z.union(
  [z.boolean(), z.stringbool({ truthy: ["true", "yes", "on", "1"], falsy: ["false", "no", "off", "0"] })],
  "must be true or false",
);

export const settings = {
  node: z
    .string("must be a short name")
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, "must be a short name of letters, digits, dots and dashes")
    .describe("Name of this machine among several Signalboxes"),
  dataDir: folder.describe("Where the store, the output of runs and the extracted shim live"),
  runtimeDir: folder.describe("Small files of live runs and the control socket; on tmpfs a full disk loses no exit code"),
  screenDir: folder.nullable().describe("Folder of screen's sockets; unset: screen's own choice for this user"),
  watchAllScreens: yesNo.describe("Show screens of other users too; only a Signalbox that runs as root can adopt them"),
  listen: z
    .string("must be an address and port, like 127.0.0.1:8080")
    .refine((text) => parseListen(text) !== null, "must be an address and port, like 127.0.0.1:8080 or [::1]:8080; port 0 takes a free one")
    .describe("Address and port of the pages and the API"),
  publicUrl: z
    .url({ protocol: /^https?$/, error: "must be a URL, like https://signalbox.example.com" })
    .transform((url) => url.replace(/\/+$/, ""))
    .nullable()
    .describe("Address people use when a proxy stands in front; unset: the address listened on"),
  trustedProxies: z
    .union([z.array(z.string()), z.string().transform((text) => text.split(","))], "must be addresses, like 127.0.0.1, 10.0.0.2")
    .transform((list) => list.map((address) => address.trim()).filter((address) => address !== ""))
    .refine((list) => list.every(isAddress), "must be addresses, like 127.0.0.1, 10.0.0.2")
    .describe("Addresses of proxies whose X-Forwarded-For is believed"),
  controlSocket: folder
    .refine(
      (path) => Buffer.byteLength(path) <= MAX_SOCKET_PATH,
      `must be at most ${MAX_SOCKET_PATH} bytes long: a longer path cannot be a Unix socket`,
    )
    .describe("Unix socket of the command line"),
  logLevel: z.enum(["debug", "info", "warn", "error"], "must be debug, info, warn or error").describe("Least severity that is logged"),
  logFormat: z
    .enum(["json", "text"], "must be json or text")
    .describe("`json`: one object a line, for the journal; `text`: for a terminal"),
  timeZone: z
    .string("must be an IANA time zone, like Asia/Tashkent")
    .refine(isTimeZone, "must be an IANA time zone, like Asia/Tashkent")
    .describe("Days are those of this IANA time zone"),
  leaseMs: whole(100, 60_000).describe("How long a permit may be used after it was granted, ms"),
  outputMaxBytes: whole(65_536, 1_073_741_824).describe("Output kept of one run, bytes; the oldest part goes first"),
  outputKeepRuns: whole(1, 1000).describe("Past runs of a session whose output is kept"),
  metricsFromLoopback: yesNo.describe("Answer /metrics to this machine without a token, while public_url is unset"),
} satisfies Record<Setting, z.ZodType>;

const schema = z.strictObject(settings);
export type Config = Readonly<z.output<typeof schema>>;

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
  /** Whether the folder exists and is ours to write, or could be made. */
  writable: (path: string) => boolean;
}

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

  const parsed = schema.safeParse({ ...defaults(values, sources.environment, machine), ...values }, { jitless: true }); // parsed once: not worth compiling
  if (!parsed.success)
    for (const issue of parsed.error.issues) {
      const name = issue.path[0] as Setting;
      problems.push({ field: fileKey(name), message: `${issue.message} (found ${shown(values[name])}, from ${origins[name]})` });
    }
  if (problems.length > 0 || !parsed.success) {
    const lines = problems.map((problem) => `  ${problem.field} ${problem.message}`);
    throw new AppError("invalid", `The configuration cannot be used:\n${lines.join("\n")}`, { errors: problems });
  }
  return { config: parsed.data, origins };
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
    logFormat: "json",
    timeZone: machine.timeZone,
    leaseMs: 2000,
    outputMaxBytes: 10_485_760,
    outputKeepRuns: 20,
    metricsFromLoopback: true,
  };
}

/** The process's own environment: main.ts and scripts pass this on; nothing else reads it. */
export const environment = (): Record<string, string | undefined> => process.env;

function thisMachine(): Machine {
  return {
    hostname: hostname(),
    root: process.getuid?.() === 0,
    timeZone: zoneOf(environment().TZ),
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

// Not node:net's isIP: that module takes a twentieth of a start.
function isAddress(text: string): boolean {
  return z.union([z.ipv4(), z.ipv6()]).safeParse(text).success;
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
