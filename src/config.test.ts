import { expect, test } from "bun:test";
import { DEFAULT_FILE, loadConfig, type Machine, parseListen, type Sources } from "./config.ts";

const machine: Machine = { hostname: "sms1", root: true, timeZone: "UTC", writable: () => true };
const load = (sources: Partial<Sources>) => loadConfig({ flags: {}, environment: {}, readFile: () => undefined, machine, ...sources });

function refusalOf(sources: Partial<Sources>): string {
  try {
    load(sources);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("was accepted");
}

test("flags win over the environment, that over the file, that over the default; each value says where it came from", () => {
  const { config, origins } = load({
    flags: { leaseMs: "3000" },
    environment: { SIGNALBOX_LEASE_MS: "4000", SIGNALBOX_OUTPUT_KEEP_RUNS: "5" },
    readFile: (path) => (path === DEFAULT_FILE ? '# ours\nlease_ms = 5000\noutput_keep_runs = 6\nlog_level = "debug"\n' : undefined),
  });
  expect([config.leaseMs, config.outputKeepRuns, config.logLevel, config.listen]).toEqual([3000, 5, "debug", "127.0.0.1:8080"]);
  expect([origins.leaseMs, origins.outputKeepRuns, origins.logLevel, origins.listen]).toEqual([
    "--lease-ms",
    "SIGNALBOX_OUTPUT_KEEP_RUNS",
    `${DEFAULT_FILE} line 4`,
    "default",
  ]);
});

const bad: [string, Partial<Sources>, string][] = [
  [
    "a misspelt key of the file",
    { readFile: () => '\nlisen = "x"\n' },
    `lisen is no setting (from ${DEFAULT_FILE} line 2); did you mean listen?`,
  ],
  ["a misspelt variable", { environment: { SIGNALBOX_LOGLEVEL: "info" } }, "did you mean SIGNALBOX_LOG_LEVEL?"],
  [
    "a word where a number belongs",
    { environment: { SIGNALBOX_LEASE_MS: "2s" } },
    'lease_ms must be a whole number from 100 to 60000 (found "2s", from SIGNALBOX_LEASE_MS)',
  ],
  [
    "a number out of range",
    { flags: { outputKeepRuns: "0" } },
    'output_keep_runs must be a whole number from 1 to 1000 (found "0", from --output-keep-runs)',
  ],
  ["a fraction", { readFile: () => "lease_ms = 2000.5" }, "lease_ms must be a whole number"],
  ["a port without address", { flags: { listen: "8080" } }, "listen must be an address and port, like 127.0.0.1:8080"],
  ["a port that is none", { flags: { listen: "localhost:99999" } }, "listen must be an address and port"],
  ["an unknown level", { flags: { logLevel: "loud" } }, "log_level must be debug, info, warn or error"],
  ["an unknown time zone", { flags: { timeZone: "Mars/Base" } }, "time_zone must be an IANA time zone, like Asia/Tashkent"],
  ["a socket path no kernel takes", { flags: { controlSocket: `/${"x".repeat(120)}` } }, "control_socket must be at most 107 bytes long"],
  ["neither yes nor no", { environment: { SIGNALBOX_METRICS_FROM_LOOPBACK: "maybe" } }, "metrics_from_loopback must be true or false"],
  ["a URL that is none", { flags: { publicUrl: "example.com" } }, "public_url must be a URL, like https://"],
  ["a proxy that is no address", { flags: { trustedProxies: "10.0.0.1, proxy" } }, "trusted_proxies must be addresses"],
  ["an address with a number too large", { flags: { trustedProxies: "10.0.0.256" } }, "trusted_proxies must be addresses"],
  ["a number in a list of proxies", { readFile: () => "trusted_proxies = [1]" }, "trusted_proxies must be addresses"],
  ["a word that only sounds like one", { environment: { SIGNALBOX_METRICS_FROM_LOOPBACK: "constructor" } }, "must be true or false"],
  ["a name no node has", { flags: { node: "a; rm -rf" } }, "node must be a short name"],
  ["a file that is no TOML", { readFile: () => "a = = b" }, `${DEFAULT_FILE} is not TOML`],
  ["a file that was asked for and is not there", { file: "/nowhere.toml" }, "/nowhere.toml does not exist"],
];
test.each(bad)("%s is refused with what would be accepted", (_, sources, sentence) => {
  expect(refusalOf(sources)).toContain(sentence);
});

const good: [string, Partial<Sources>, object][] = [
  ["proxies as a list", { readFile: () => 'trusted_proxies = ["10.0.0.1", " ::1 "]' }, { trustedProxies: ["10.0.0.1", "::1"] }],
  ["proxies with commas", { flags: { trustedProxies: "10.0.0.1, fe80::1," } }, { trustedProxies: ["10.0.0.1", "fe80::1"] }],
  ["a public URL, without its last slash", { flags: { publicUrl: "https://sms.example.com/" } }, { publicUrl: "https://sms.example.com" }],
  ["yes in capitals", { environment: { SIGNALBOX_METRICS_FROM_LOOPBACK: "No" } }, { metricsFromLoopback: false }],
  ["yes as TOML has it", { readFile: () => "watch_all_screens = true" }, { watchAllScreens: true }],
  ["a number as TOML has it", { readFile: () => "lease_ms = 500" }, { leaseMs: 500 }],
  ["a folder beside this one", { flags: { dataDir: "data" } }, { dataDir: `${process.cwd()}/data` }],
  ["an empty text as unset", { environment: { SIGNALBOX_SCREEN_DIR: "" } }, { screenDir: null }],
];
test.each(good)("%s is understood", (_, sources, expected) => {
  expect(load(sources).config).toMatchObject(expected);
});

test("everything that is wrong is said at once", () => {
  const said = refusalOf({ flags: { listen: "x", leaseMs: "y" }, environment: { SIGNALBOX_NOPE: "1" } });
  expect(said.split("\n")).toHaveLength(4);
});

test("what Signalbox hands to programs is no setting, so the command line works inside a session too", () => {
  load({ environment: { SIGNALBOX_RUN: "r1", SIGNALBOX_TOKEN_FILE: "/x", SIGNALBOX_PAIRS: "[]" } });
});

test("only the usual data folder uses /run/signalbox: another Signalbox must not meet its runs", () => {
  expect(load({}).config.controlSocket).toBe("/run/signalbox/control.sock");
  expect(load({ flags: { dataDir: "/srv/second" } }).config.controlSocket).toBe("/srv/second/run/control.sock");
  expect(load({ machine: { ...machine, writable: () => false } }).config.runtimeDir).toBe("/var/lib/signalbox/run");
});

test("a user who is not root keeps the data at home", () => {
  const user = { ...machine, root: false };
  expect(load({ machine: user, environment: { HOME: "/home/anna" } }).config.dataDir).toBe("/home/anna/.local/share/signalbox");
});

test("screen's own folder is respected", () => {
  const { config, origins } = load({ environment: { SCREENDIR: "/tmp/screens" } });
  expect([config.screenDir, origins.screenDir]).toEqual(["/tmp/screens", "SCREENDIR"]);
});

test("addresses to listen on", () => {
  expect(parseListen("[::1]:8080")).toEqual({ host: "::1", port: 8080 });
  expect(parseListen("localhost:0")).toEqual({ host: "localhost", port: 0 });
  expect(parseListen("::1:8080")).toBeNull();
  expect(parseListen("127.0.0.1")).toBeNull();
});

test("at a terminal the log is for people, elsewhere for the journal", () => {
  const formatOn = (terminal: boolean) =>
    loadConfig({ flags: {}, environment: {}, readFile: () => undefined, machine: { ...machine, terminal } }).config.logFormat;
  expect([formatOn(true), formatOn(false)]).toEqual(["text", "json"]);
});
