/** Our own executable on a stage: built once, started on a folder of its own, driven as admin over its control socket. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openClient } from "../../src/cli/client.ts";
import { PAIRS } from "./bodies.ts";
import { ready } from "./peer.ts";
import { printed, type Stage, type Started } from "./stage.ts";

const root = join(import.meta.dir, "../..");
export const binary = join(root, "dist/signalbox");

export interface Box {
  url: string;
  started: Started;
  dataDir: string;
  screenDir: string;
  /** As admin over the control socket; throws on anything but 2xx. */
  api<T>(method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<T>;
  stop(): Promise<void>;
}

/** Always the newest source: a figure of a stale binary would be a lie. */
export async function buildSignalbox(stage: Stage): Promise<void> {
  await stage.run([join(root, "scripts/build")], { cwd: root });
}

export async function startSignalbox(stage: Stage, options: { name?: string; env?: Record<string, string> } = {}): Promise<Box> {
  const name = options.name ?? "box";
  const dataDir = stage.subfolder(`${name}-data`);
  const screenDir = stage.subfolder(`${name}-screens`);
  // Undone after Signalbox has been stopped: it would start them again.
  stage.defer(() => endScreens(screenDir));
  const started = stage.start(serveArguments(dataDir, screenDir), { env: { ...unitEnvironment(), ...options.env } });
  const url = (await printed(started, /http:\/\/127\.0\.0\.1:\d+/))[0];
  await ready(`${url}/readyz`);
  const client = openClient([join(dataDir, "run/control.sock")]);
  return {
    url,
    started,
    dataDir,
    screenDir,
    api: (method, path, body) => client.call(method, path, body),
    stop: () => started.stop(),
  };
}

/** What `Environment=` of the systemd unit sets: a fleet is measured as it is run. */
function unitEnvironment(): Record<string, string> {
  const unit = readFileSync(join(root, "systemd/signalbox.service"), "utf8");
  const lines = [...unit.matchAll(/^Environment=(.*)$/gm)].flatMap(([, settings]) => [...settings!.matchAll(/(\w+)=(\S*)/g)]);
  return Object.fromEntries(lines.map(([, name, value]) => [name!, value!]));
}

export function serveArguments(dataDir: string, screenDir: string, listen = "127.0.0.1:0"): string[] {
  return [
    binary,
    "serve",
    "--data-dir",
    dataDir,
    "--screen-dir",
    screenDir,
    "--listen",
    listen,
    "--log-format",
    "text",
    "--log-level",
    "info",
  ];
}

/** A lasting token of one program, as `signalbox token create` makes it. */
export async function programToken(box: Box, program: string): Promise<string> {
  await box.api("POST", "/api/programs", { name: program, template: ["sleep", "60"], folder: "/" });
  const made = await box.api<{ token: string }>("POST", "/api/tokens", {
    name: `bench-${program}`,
    program,
    scopes: ["permits", "results"],
  });
  return made.token;
}

export async function registerPairs(box: Box, pairs = PAIRS): Promise<void> {
  for (const { country, operator } of pairs) await box.api("POST", "/api/pairs", { country, operator });
}

export function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
}

/** Ends the screens of a stage's own socket folder and what runs in them. */
export async function endScreens(screenDir: string): Promise<void> {
  if (!existsSync(screenDir)) return;
  const screens = readdirSync(screenDir).flatMap((name) => Number(/^(\d+)\./.exec(name)?.[1] ?? Number.NaN) || []);
  endAll(screens);
}

/** Ends a process and all it started. */
export function endTree(pid: number): void {
  endAll([pid]);
}

/** Held still before their children are counted: what forks meanwhile would leave some behind. */
function endAll(pids: readonly number[]): void {
  for (const pid of pids) kill(pid, "SIGSTOP");
  for (const pid of withAllBelow(pids)) kill(pid);
}

function withAllBelow(pids: readonly number[]): number[] {
  const children = childrenByParent();
  const below = (pid: number): number[] => (children.get(pid) ?? []).flatMap((child) => [child, ...below(child)]);
  return pids.flatMap((pid) => [pid, ...below(pid)]);
}

export function kill(pid: number, signal: "SIGKILL" | "SIGSTOP" = "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It was gone already.
  }
}

function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = parentOf(Number(entry));
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  return children;
}

function parentOf(pid: number): number | null {
  try {
    return Number(statFields(pid)[1]);
  } catch {
    return null;
  }
}

/** /proc/pid/stat from the state on: the name before it may hold spaces and brackets. */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

const TICKS_PER_SECOND = 100; // USER_HZ, proc(5)

/** User and system time a process has used, s. */
export function cpuSeconds(pid: number): number {
  const fields = statFields(pid);
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? Number.NaN) / 1024;
}
