/** Whether every session is what was asked for it: wish, `screen -ls`, /proc and the API, held against each other. Lists of faults. */

import { readdirSync, readFileSync } from "node:fs";
import { childrenOf } from "../../src/adapters/linux/processes.ts";
import { SPARE_NAME } from "../../src/adapters/screen/commands.ts";
import { isWantedUp, type Rows, wishesOf } from "./rows.ts";
import { type Stage, type Told, told } from "./stage.ts";
import { type Life, type Listed, runBelow } from "./watcher.ts";

/** The store's wishes against those the audit tells. */
export function wrongWishes(rows: Rows, now: number): string[] {
  const asked = wishesOf(rows.acts);
  return rows.sessions
    .filter(({ retiredAt }) => retiredAt === null)
    .flatMap((session): string[] => {
      const { id, name, desired, pairs } = session;
      const wish = asked.get(id);
      const high = rows.pairs.some((pair) => pairs.includes(pair.id) && pair.priority && pair.retiredAt === null);
      const late = desired.until !== null && desired.until < now - 5_000 && !(desired.state === "up" && high);
      return [
        ...(wish?.state === desired.state && wish.until === desired.until
          ? []
          : [`${name} is wanted ${desired.state} (until ${desired.until}), the audit says ${wish?.state} (until ${wish?.until})`]),
        ...(late ? [`the wish for ${name} ended ${new Date(desired.until!).toISOString()} and did not turn`] : []),
      ];
    });
}

export async function unlikeTheWish(stage: Stage, rows: Rows): Promise<string[]> {
  const { watcher, sample, hands } = stage;
  await watcher.looked();
  const listed = (await watcher.list()).filter(({ dead }) => !dead);
  const byApi = new Map((await told(stage)).map((session) => [session.id, session]));
  const living = new Map<string, Life[]>();
  for (const life of watcher.programs()) living.set(life.session!, [...(living.get(life.session!) ?? []), life]);
  const known = new Set(rows.sessions.map(({ id }) => id));
  return [
    ...rows.sessions.flatMap((session) => {
      const own = living.get(session.id) ?? [];
      const seen = byApi.get(session.id);
      const adopted = hands.find(({ pid }) => pid === seen?.pid);
      const pids = adopted ? [adopted.pid] : own.map(({ pid }) => pid);
      const faults = isWantedUp(session, rows)
        ? upFaults(session.name, pids, listed, seen)
        : downFaults(pids, seen, session.retiredAt !== null);
      return faults.map((fault) => `${session.name}: ${fault}`);
    }),
    ...[...living.keys()].filter((id) => !known.has(id)).map((id) => `a program of ${id} runs, and there is no such session`),
    ...[...byApi.values()].filter(({ id }) => !known.has(id)).map(({ name }) => `the API tells of ${name}, the store does not`),
    ...(sample.pid() === 0 ? ["Signalbox does not run"] : []),
  ];
}

function upFaults(name: string, pids: readonly number[], listed: readonly Listed[], seen: Told | undefined): string[] {
  const screens = listed.filter((each) => each.screenPid === seen?.screen_pid);
  return [
    ...(pids.length === 1 ? [] : [`wanted up, ${pids.length} programs of it run (${pids.join(", ")})`]),
    ...(screens.length === 1 && screens[0]!.name === name ? [] : [`wanted up, screen -ls has no ${seen?.screen_pid}.${name}`]),
    ...(seen?.state === "running" || seen?.state === "silent" ? [] : [`wanted up, the API says ${seen?.state}: ${seen?.why}`]),
    ...(seen && seen.pid === pids[0] ? [] : [`the API says process ${seen?.pid}, /proc ${pids[0]}`]),
  ];
}

function downFaults(pids: readonly number[], seen: Told | undefined, retired: boolean): string[] {
  return [
    ...(pids.length === 0 ? [] : [`not wanted up, and ${pids.join(", ")} run`]),
    ...(retired
      ? seen
        ? ["retired, and the API tells of it"]
        : []
      : seen?.state === "stopped"
        ? []
        : [`not wanted up, the API says ${seen?.state}`]),
  ];
}

/** Processes of these screens that belong to nobody who may run. */
export async function orphans({ watcher, sample, hands }: Stage, rows: Rows): Promise<string[]> {
  await watcher.looked();
  const running = new Set(watcher.programs().map(({ run }) => run));
  const wanted = new Set(rows.sessions.filter((session) => isWantedUp(session, rows)).map(({ id }) => id));
  const byHand = new Set(hands.flatMap(({ pid, screenPid }) => [pid, screenPid]));
  const own = new Set([sample.pid(), sample.gatewayPid(), process.pid]);
  const waiting = (await watcher.list()).filter(({ name, dead }) => name === SPARE_NAME && !dead).slice(0, 1);
  const spare = new Set(waiting.flatMap(({ screenPid }) => withAllBelow(screenPid)));
  return readdirSync("/proc").flatMap((entry): string[] => {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || own.has(pid) || byHand.has(pid)) return [];
    const settings = text(pid, "environ").split("\0");
    if (!settings.includes(`SCREENDIR=${sample.screens}`)) return [];
    const value = (name: string) => settings.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
    const waited = settings.includes("SIGNALBOX_SPARE=1") ? runBelow(pid) : null;
    const run = value("SIGNALBOX_RUN") ?? waited?.run;
    // A run of a session that is wanted, with everything it brought.
    if (run !== undefined && running.has(run) && wanted.has(value("SIGNALBOX_SESSION") ?? waited?.session ?? "")) return [];
    // The one screen that waits for the next run, and what waits in it.
    if (settings.includes("SIGNALBOX_SPARE=1") && run === undefined && spare.has(pid)) return [];
    const command = text(pid, "cmdline").replaceAll("\0", " ");
    // `screen -ls` of the watcher itself, for an instant; and what is already dead.
    return command === "" || command.startsWith("screen -ls") ? [] : [`process ${pid} of ${run ?? "nobody"}: ${command.slice(0, 100)}`];
  });
}

function withAllBelow(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(withAllBelow)];
}

interface StrangerTold {
  screen_pid: number;
  name: string;
  state: string;
  pid: number | null;
}

/** Whom Signalbox calls a stranger against whom somebody started by hand; and what a dead screen of ours left in the folder. */
export async function falseStrangers(stage: Stage): Promise<string[]> {
  const { strangers } = await stage.sample.api.call<{ strangers: StrangerTold[] }>("GET", "/api/strangers");
  const adopted = new Set((await told(stage)).map(({ pid }) => pid));
  const free = stage.hands.filter(({ pid }) => !adopted.has(pid));
  return [
    ...strangers
      .filter(({ screen_pid }) => !free.some((hand) => hand.screenPid === screen_pid))
      .map(({ screen_pid, name, state, pid }) => `${screen_pid}.${name} (process ${pid}) is called ${state}`),
    ...free
      .filter(({ screenPid }) => !strangers.some(({ screen_pid }) => screen_pid === screenPid))
      .map(({ screenPid, name }) => `${screenPid}.${name} was started by hand and is not told`),
  ];
}

/** What rests after its exits does so for a reason that its rows tell. */
export function idleForNothing(rows: Rows, resting: readonly Told[]): string[] {
  return resting.flatMap(({ id, name, state, why }): string[] => {
    const own = rows.runs.filter(({ session }) => session === id);
    const last = own.at(-1);
    const told = last?.ended_at != null && /policy|gave up|given up|Ctrl-C|cannot mend/.test(why);
    return told ? [] : [`${name} is ${state}: ${why}; its last row: ${last?.outcome}, ${last?.exit_words}`];
  });
}

function text(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}
