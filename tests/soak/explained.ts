/** Whether the history explains what was seen: each list holds what it does not explain, in sentences, and is empty when it does. */

import { SPARE_NAME } from "../../src/adapters/screen/commands.ts";
import { PUT_BACK } from "../../src/fleet/operation.ts";
import type { Chronicle, Deed, Kill } from "./chronicle.ts";
import type { ActRow, Rows, RunRow } from "./rows.ts";
import type { Life, Watcher } from "./watcher.ts";

/** A look of the watcher, a look of Signalbox, and two busy cores. */
const SLACK_MS = 3_000;
/** From the order of a start to its program, on a machine that starts many. */
const START_MS = 12_000;
const HOUSE = "signalbox";

const clock = (ms: number) => new Date(ms).toISOString().slice(11, 23);
const nameOf = (row: RunRow) => `${row.run} of ${row.session}`;

/** Every program that was seen has its row, which says when, by whom and why it began, and ended when it was seen to end. */
export function unexplainedLives({ lives }: Watcher, { runs }: Rows, chronicle: Chronicle): string[] {
  const rows = new Map(runs.map((row) => [row.run, row]));
  return lives
    .filter(({ role, run }) => role === "program" && run !== null)
    .flatMap((life): string[] => {
      const row = rows.get(life.run!);
      if (!row) return [`process ${life.pid} of ${life.run}, seen ${clock(life.firstAt)}, has no row`];
      return [...startTold(life, row), ...endTold(life, row, chronicle)].map((fault) => `process ${life.pid}, ${nameOf(row)}: ${fault}`);
    });
}

function startTold(life: Life, row: RunRow): string[] {
  const lateMs = life.firstAt - row.started_at;
  return [
    ...(row.session === life.session ? [] : [`its environment says ${life.session}`]),
    ...(lateMs > -SLACK_MS && lateMs < START_MS ? [] : [`seen ${clock(life.firstAt)}, its row says ${clock(row.started_at)}`]),
  ];
}

function endTold({ pid, goneAt }: Life, row: RunRow, chronicle: Chronicle): string[] {
  if (goneAt === null) return row.ended_at === null ? [] : [`lives, and its row ended ${clock(row.ended_at)}`];
  if (row.ended_at === null) return [`gone since ${clock(goneAt)}, and its row has no end`];
  // What nobody wrote down is known once Signalbox is back.
  const back = chronicle.outages.find(({ of, from, to }) => of === "signalbox" && goneAt >= from - SLACK_MS && goneAt <= (to ?? goneAt));
  const latest = Math.max(goneAt, back?.to ?? 0) + SLACK_MS;
  return [
    ...(row.pid === pid ? [] : [`its row says process ${row.pid}`]),
    ...(row.ended_at > goneAt - SLACK_MS && row.ended_at < latest ? [] : [`gone ${clock(goneAt)}, its row says ${clock(row.ended_at)}`]),
  ];
}

/** Every row says who and why it began: a person with an act of theirs, or Signalbox with what it answered to. */
export function unexplainedStarts({ runs, acts }: Rows): string[] {
  const bySession = actsBySession(acts);
  return runs.flatMap((row, i): string[] => {
    const previous = runs[i - 1]?.session === row.session ? runs[i - 1] : undefined;
    const all = bySession.get(row.session) ?? [];
    const own = all.filter(({ at }) => at <= row.started_at + 50);
    const told =
      own.some((act) => act.actor === row.started_by && act.reason === row.reason) ||
      // Its program began before it was adopted, and the act names the process too.
      all.some((act) => act.verb === "session.adopt" && act.actor === row.started_by && act.reason?.startsWith(row.reason ?? "?"));
    if (row.started_by !== HOUSE)
      return told ? [] : [`${nameOf(row)} was started by ${row.started_by} (${row.reason}), and no act says so`];
    if (row.reason === null) return [`${nameOf(row)} was started by ${HOUSE} for no reason`];
    const known = told || row.reason === previous?.exit_words || / is high priority$|^wanted up by /.test(row.reason);
    return known ? [] : [`${nameOf(row)} was started by ${HOUSE} because of "${row.reason}", which nothing explains`];
  });
}

/** Every end was asked for by somebody with a reason, or is what the soak did to it from outside. */
export function unexplainedEnds({ runs, acts }: Rows, chronicle: Chronicle): string[] {
  const bySession = actsBySession(acts);
  return runs.flatMap((row): string[] => {
    if (row.ended_at === null) return [];
    const fault = endFault(row, bySession.get(row.session) ?? [], chronicle);
    return fault === null ? [] : [`${nameOf(row)} ended ${clock(row.ended_at)}: ${row.outcome}, ${row.exit_words}; ${fault}`];
  });
}

function endFault(row: RunRow, acts: readonly ActRow[], chronicle: Chronicle): string | null {
  const endedAt = row.ended_at!;
  if (row.outcome === "stopped" || row.outcome === "unhealthy") return askedFault(row, acts);
  const own = chronicle.kills.filter(({ run, at }) => run === row.run && at <= endedAt + SLACK_MS);
  if (own.some((kill) => fits(kill, row))) return null;
  if (own.length > 0) return `it got ${own.map(({ what, signal }) => `${signal} for its ${what}`).join(", ")}`;
  const away = chronicle.wasAway("gateway", endedAt, 12_000) ? "gateway" : chronicle.wasAway("signalbox", endedAt, 12_000) ? HOUSE : null;
  if (away !== null && row.exit_code === 1 && /refused|reset|timed out|closed|remote end/i.test(row.last_lines)) return null;
  return `nobody did that to it; its last lines: ${row.last_lines.slice(-300)}`;
}

function askedFault({ ended_by, end_reason, ended_at }: RunRow, acts: readonly ActRow[]): string | null {
  if (ended_by === null) return "nobody stands as who asked for it";
  const before = acts.filter(({ at }) => at <= ended_at! + 50);
  if (end_reason === "retired" || end_reason === "released")
    return before.some(
      ({ verb, actor }) => verb === (end_reason === "released" ? "session.release" : "session.retire") && actor === ended_by,
    )
      ? null
      : `${ended_by} ${end_reason} it, and no act says so`;
  const told = before.some(({ actor, reason }) => actor === ended_by && reason === end_reason);
  return told || (ended_by === HOUSE && end_reason !== null) ? null : `${ended_by} asked for it (${end_reason}), and no act says so`;
}

const NUMBERS = { INT: 2, KILL: 9, SEGV: 11, TERM: 15 } as const;
const HANGUP = 129;

/** Of what goes with its terminal nobody reads the code, or it is that of HUP. */
function fits({ what, signal }: Kill, { outcome, exit_code }: RunRow): boolean {
  if (what === "program") return exit_code === 128 + NUMBERS[signal] || exit_code === null;
  return outcome === "terminal_gone" || exit_code === HANGUP || exit_code === 143;
}

/** What was killed from outside while it lived stands in the history as ended. */
export function unheardKills({ runs }: Rows, { kills }: Chronicle): string[] {
  const rows = new Map(runs.map((row) => [row.run, row]));
  return kills.flatMap(({ run, at, what, signal, pid }): string[] => {
    if (run === "by hand") return [];
    const row = rows.get(run);
    if (row && (row.ended_at !== null || (what === "program" && row.pid !== null && row.pid !== pid))) return [];
    return [`${clock(at)}: ${signal} for the ${what} of ${run} (process ${pid}), ${row ? "whose row has no end" : "which has no row"}`];
  });
}

/** Every act of the soak stands in the audit, with its reason. */
export function untoldDeeds({ acts }: Rows, { deeds }: Chronicle): string[] {
  return deeds.flatMap(({ at, what, audit, outcome }): string[] => {
    if (audit === null || outcome !== "done") return [];
    const told = acts.some(
      (act) =>
        act.verb === audit.verb &&
        (audit.subject === null || act.subject === audit.subject) &&
        act.reason === audit.reason &&
        Math.abs(act.at - at) < 30_000,
    );
    return told || (audit.subject === null && audit.reason === null)
      ? []
      : [`${clock(at)} ${what}: no ${audit.verb} "${audit.reason}" in the audit`];
  });
}

/** Nothing stands in the audit as done by a person that the soak did not do. */
export function inventedActs({ acts }: Rows, { deeds }: Chronicle, since: number): string[] {
  const reasons = new Set(deeds.flatMap(({ audit }) => audit?.reason ?? []));
  const subjects = new Set(deeds.flatMap(({ audit }) => (audit?.subject ? [`${audit.verb} ${audit.subject}`] : [])));
  const verbs = new Set(deeds.flatMap(({ audit }) => (audit && audit.subject === null ? [audit.verb] : [])));
  return (
    acts
      .filter(({ at, actor }) => at >= since && actor.startsWith("local:"))
      // The steps of an operation say what they are a part of.
      .filter(
        ({ verb, subject, reason }) =>
          !reasons.has((reason ?? "").replace(/^rolling restart: /, "")) && !subjects.has(`${verb} ${subject}`) && !verbs.has(verb),
      )
      // What follows from one act, in the same breath.
      .filter(
        ({ verb, reason }) => !(verb === "session.create" || / retired$| high priority$/.test(reason ?? "") || reason === "sample fleet"),
      )
      .filter((act) => !isPutBack(act, acts, deeds))
      .map(({ at, verb, subject, reason }) => `${clock(at)} ${verb} ${subject} (${reason})`)
  );
}

/** A step of an undo: it gives the session a wish that it had before, with the reason of that, if there was one. */
function isPutBack({ id, at, subject, reason }: ActRow, acts: readonly ActRow[], deeds: readonly Deed[]): boolean {
  const undone = deeds.some(({ what, at: askedAt }) => what.startsWith("undo ") && at >= askedAt && at < askedAt + 60_000);
  return undone && (reason === PUT_BACK || acts.some((before) => before.id < id && before.subject === subject && before.reason === reason));
}

/** Two programs of one session, seen alive in the same look. */
export function doubles({ lives }: Watcher): string[] {
  const bySession = new Map<string, Life[]>();
  for (const life of lives)
    if (life.role === "program" && life.session !== null) bySession.set(life.session, [...(bySession.get(life.session) ?? []), life]);
  return [...bySession].flatMap(([session, own]) => {
    const sorted = own.toSorted((a, b) => a.firstAt - b.firstAt);
    return sorted.slice(1).flatMap((life, i) => {
      const before = sorted[i]!;
      return before.lastAt > life.firstAt
        ? [`${session}: ${before.pid} lived until ${clock(before.lastAt)}, ${life.pid} since ${clock(life.firstAt)}`]
        : [];
    });
  });
}

/** Two living screens of one name, twice in a row: for the blink of an eye the old one may still close. */
export function doubleNames({ listings }: Watcher, allowed: ReadonlySet<string>): string[] {
  let before = new Set<string>();
  return listings.flatMap(({ at, listed }) => {
    const living = listed.filter(({ dead, name }) => !dead && name !== SPARE_NAME).map(({ name }) => name);
    const twice = new Set(living.filter((name, i) => living.indexOf(name) !== i && !allowed.has(name)));
    const found = [...twice].filter((name) => before.has(name)).map((name) => `${clock(at)}: two screens called ${name}`);
    before = twice;
    return found;
  });
}

function actsBySession(acts: readonly ActRow[]): Map<string, ActRow[]> {
  const found = new Map<string, ActRow[]>();
  for (const act of acts) {
    if (!act.subject.startsWith("session:")) continue;
    const session = act.subject.slice("session:".length);
    found.set(session, [...(found.get(session) ?? []), act]);
  }
  return found;
}
