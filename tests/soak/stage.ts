/** What every deed of the soak works on, and the one way to ask Signalbox for something so that it is remembered what was asked. */

import { EXIT, Failed } from "../../src/cli/exit.ts";
import type { Sample } from "../cast/sample.ts";
import type { Chance } from "./chance.ts";
import type { Chronicle, Deed } from "./chronicle.ts";
import type { Watcher } from "./watcher.ts";

/** A session as the API tells it, as far as the soak looks. */
export interface Told {
  id: string;
  name: string;
  program: string;
  pairs: string[];
  priority: boolean;
  desired: { state: "up" | "down"; by: string; reason: string | null; until: string | null };
  state: string;
  why: string;
  run: string | null;
  pid: number | null;
  screen_pid: number | null;
  observed_at: string | null;
}

/** A program that was started by hand. */
export interface Hand {
  screenPid: number;
  pid: number;
  name: string;
  program: string;
  pair: string;
  /** It was started as a second copy of what a session runs. */
  double: boolean;
}

export interface Stage {
  sample: Sample;
  watcher: Watcher;
  chronicle: Chronicle;
  chance: Chance;
  hands: Hand[];
  /** Names under which a second copy was started by hand. */
  doubled: Set<string>;
  /** Answers that no operator should ever get: a 500, a 503. */
  failures: string[];
  /** What the API told and /proc did not, with since when; and what went on for too long. */
  differences: Map<string, number>;
  lies: Set<string>;
  /** Pairs are numbered on. */
  pairs: number;
}

/** As the API tells them; what it tells is held against /proc each time. */
export async function told(stage: Stage): Promise<Told[]> {
  const { sessions } = await stage.sample.api.call<{ sessions: Told[] }>("GET", "/api/sessions");
  compare(stage, sessions);
  return sessions;
}

/** A look of the watcher and one of Signalbox lie between what is and what is told; whatever differs for longer is a fault. */
const MAY_DIFFER_MS = 3_000;

function compare({ watcher, hands, chronicle, differences, lies }: Stage, sessions: readonly Told[]): void {
  const now = Date.now();
  const backAt = chronicle.outages.findLast((outage) => outage.of === "signalbox")?.to ?? 0;
  const before = new Map(differences);
  differences.clear();
  const pids = new Map<string, number[]>();
  for (const { session, pid } of watcher.programs()) pids.set(session!, [...(pids.get(session!) ?? []), pid]);
  for (const { id, name, pid, state } of sessions) {
    const own = pids.get(id) ?? [];
    if (pid === null ? own.length === 0 : own.includes(pid) || hands.some((hand) => hand.pid === pid)) continue;
    const key = `${name} is told as process ${pid}, and in /proc it is ${own.join(", ") || "none"}`;
    const since = Math.max(before.get(key) ?? now, backAt);
    differences.set(key, since);
    if (now - since > MAY_DIFFER_MS) lies.add(`${key}, for ${Math.round((now - since) / 1000)} s (${state})`);
  }
}

export async function one({ sample }: Stage, name: string): Promise<Told> {
  return sample.api.call<Told>("GET", `/api/sessions/${name}`);
}

/** A wish that turns round in this very moment is nobody's to change: who was first could not be told. */
export function isCalm({ desired: { until } }: Told): boolean {
  return until === null || Math.abs(Date.parse(until) - Date.now()) > 3_000;
}

/** Null: refused, or Signalbox went away while it was asked. */
export async function ask<T>(stage: Stage, what: string, audit: Deed["audit"], call: () => Promise<T>): Promise<T | null> {
  const deed: Deed = { at: Date.now(), what, audit, outcome: "open" };
  stage.chronicle.deeds.push(deed);
  try {
    const answer = await call();
    deed.outcome = "done";
    return answer;
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const away = !(error instanceof Failed) || error.code === EXIT.notRunning || words.includes("closed the connection");
    if (!away) deed.outcome = "refused";
    if (!away && error.code === EXIT.failure) stage.failures.push(`${what}: ${words}`);
    return null;
  }
}

/** The same over the command line: what it says on its error output stands for the answer. */
export async function type(stage: Stage, what: string, audit: Deed["audit"], ...argv: string[]): Promise<boolean> {
  const done = await ask(stage, what, audit, async () => {
    const { code, err } = await stage.sample.run(...argv);
    if (code !== EXIT.ok) throw new Failed(code as Failed["code"], err.trim());
    return true;
  });
  return done ?? false;
}
