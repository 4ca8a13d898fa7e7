/** What the board shows, from what the features know. Pure reading: no clock of its own, nothing kept. */

import type { BoardProps, BudgetProps, FiguresProps, LampProps, LineProps, PairProps, Sort, TallyProps } from "../../views/board/props.ts";
import type { Fleet, SessionStatus } from "../fleet/fleet.ts";
import { LAMPS, type LampState, lampOf, type SessionState, type Tone } from "../fleet/states.ts";
import { matches } from "../kernel/words.ts";
import type { Directory } from "../pairs/directory.ts";
import type { Pair } from "../pairs/pair.ts";
import type { Session } from "../pairs/session.ts";
import type { Breaches } from "../permits/breaches.ts";
import type { Holds } from "../permits/holds.ts";
import type { CountryProof, Permits } from "../permits/permit.ts";
import type { ErrorClasses } from "../results/error-classes.ts";
import type { Counters, Rate } from "../results/numbers.ts";
import { pareto } from "../results/pareto.ts";

export interface BoardSources {
  directory: Directory;
  fleet: Pick<Fleet, "state">;
  permits: Pick<Permits, "proof">;
  breaches: Pick<Breaches, "current">;
  counters: Counters;
  errorClasses: Pick<ErrorClasses, "classify">;
  holds: Pick<Holds, "of">;
}

/** From this rank on somebody should look: interrupted and worse. Paused, probing and held are the policy's own doing. */
export const PROBLEM_RANK = LAMPS.interrupted.rank;
/** Under this a pair without a threshold of its own is coloured. */
export const DEFAULT_THRESHOLD = 0.7;

export const SORTS: readonly Sort[] = ["trouble", "country", "volume", "rate"];

/** `lineOf` may give a line as it was, if nothing it shows has changed. */
export function boardModel(
  sources: BoardSources,
  now: number,
  sort: Sort = "trouble",
  query = "",
  lineOf = (_country: string, make: () => LineProps) => make(),
): BoardProps {
  const { directory } = sources;
  const pairs = directory.pairs();
  const sessions = directory.sessions();
  const lamps = sessions.map((session) => heldLamp(session, session.pairs, sources));
  const byCountry = new Map<string, Pair[]>();
  for (const pair of pairs) {
    const own = byCountry.get(pair.country);
    if (own) own.push(pair);
    else byCountry.set(pair.country, [pair]);
  }
  const lines = [...byCountry].map(([code, own]) => lineOf(code, () => lineProps(code, own, sources, now)));
  const possible = lines.reduce((sum, { budget }) => sum + Math.floor((budget.limit * 60_000) / budget.windowMs), 0);
  const always = lines.flatMap((line) => line.pairs.filter((pair) => pair.priority));
  const shown = lines.flatMap((line) => filterLine(line, query));
  return {
    now,
    tally: tallyOf(lamps),
    figures: figures(sources, possible, lamps),
    always: always.filter((pair) => matches(query, wordsOf(pair))),
    lines: sortLines(shown, sort),
    totals: { pairs: pairs.length, countries: lines.length, sessions: sessions.length, programs: directory.programs().length },
    sort,
    query,
  };
}

/** A session nobody has looked at yet is not "running": it is what its wish makes likely, until the first look. */
export function stateOf(session: Session, seen: SessionState | undefined): SessionState {
  return seen ?? (session.desired.state === "up" ? "starting" : "stopped");
}

export function lampFor(session: Session, status: SessionStatus | undefined): LampProps {
  return lamp(session.name, stateOf(session, status?.state));
}

/** On the board a program that runs and may not send is held: for one of its pairs, or, as a session, when it may not for any. */
function heldLamp(session: Session, pairs: readonly string[], { fleet, holds }: Pick<BoardSources, "fleet" | "holds">): LampProps {
  const state = stateOf(session, fleet.state(session.id));
  return lamp(session.name, pairs.every((id) => holds.of(id) !== null) ? lampOf(state, ["held"]) : state);
}

function lamp(session: string, state: LampState): LampProps {
  const { word, tone } = LAMPS[state];
  return { session, state, word, tone };
}

export function pairProps(pair: Pair, sources: Pick<BoardSources, "directory" | "counters" | "fleet" | "holds">): PairProps {
  const numbers = sources.counters.glance(pair.id);
  return {
    id: pair.id,
    country: pair.country,
    operatorName: pair.operatorName,
    priority: pair.priority,
    active: pair.active,
    lamps: sources.directory.sessionsOfPair(pair.id).map((session) => heldLamp(session, [pair.id], sources)),
    rate: numbers.rate,
    tone: rateTone(numbers.rate, pair.threshold),
    sentLastMinute: numbers.sentLastMinute,
    p90Ms: numbers.latency?.p90Ms ?? null,
  };
}

/** Red only when even the upper bound is under the threshold: the interval decides, never the point alone. */
export function rateTone(rate: Rate, threshold: number | null): Tone {
  if (rate.kind === "insufficient") return "quiet";
  const least = threshold ?? DEFAULT_THRESHOLD;
  if (rate.upper < least) return "stop";
  return rate.value < least ? "caution" : "go";
}

export function budgetProps(proof: CountryProof, now: number, broken: boolean): BudgetProps {
  return {
    used: proof.used,
    limit: proof.limit,
    windowMs: proof.windowMs,
    waiting: proof.waiting,
    broken,
    freeAt: proof.nextFreeMs > 0 ? Math.round(now + proof.nextFreeMs) : null,
    grantsAt: proof.grants.map((grant) => Math.round(now - grant.ageMs)),
    at: now,
  };
}

function lineProps(code: string, own: readonly Pair[], sources: BoardSources, now: number): LineProps {
  const pairs = own.map((pair) => pairProps(pair, sources));
  const rates = pairs.flatMap((pair) => (pair.rate.kind === "rate" ? [pair.rate] : []));
  return {
    code,
    name: sources.directory.country(code).name,
    budget: budgetProps(sources.permits.proof(code), now, sources.breaches.current(code) !== null),
    pairs: pairs.sort((a, b) => Number(b.priority) - Number(a.priority)),
    trouble: troubleOf(pairs),
    volume: pairs.reduce((sum, pair) => sum + pair.sentLastMinute, 0),
    rate: rates.length > 0 ? Math.round(Math.min(...rates.map((rate) => rate.value)) * 1000) / 1000 : 2,
  };
}

/** Rank of the worst sign, then how many: one crash stands above ten retries. */
export function troubleOf(pairs: readonly PairProps[]): number {
  const seen = new Map<string, number>();
  let worst = 0;
  for (const pair of pairs) {
    for (const own of pair.lamps) seen.set(own.session, LAMPS[own.state].rank);
    worst = Math.max(worst, pair.tone === "stop" ? LAMPS.degraded.rank : pair.tone === "caution" ? LAMPS.paused.rank : 0);
  }
  const ranks = [...seen.values()];
  worst = Math.max(worst, ...ranks.filter((rank) => rank > LAMPS.starting.rank));
  return worst * 1000 + Math.min(999, ranks.filter((rank) => rank >= PROBLEM_RANK).length);
}

export function sortLines(lines: readonly LineProps[], sort: Sort): LineProps[] {
  const by: Record<Sort, (a: LineProps, b: LineProps) => number> = {
    trouble: (a, b) => b.trouble - a.trouble,
    country: () => 0,
    volume: (a, b) => b.volume - a.volume,
    rate: (a, b) => a.rate - b.rate,
  };
  return [...lines].sort((a, b) => by[sort](a, b) || (a.code < b.code ? -1 : 1));
}

export function tallyOf(lamps: Iterable<LampProps>): TallyProps[] {
  const counts = new Map<LampState, number>();
  for (const own of lamps) counts.set(own.state, (counts.get(own.state) ?? 0) + 1);
  const states = [...counts.keys()].sort((a, b) => Number(b === "running") - Number(a === "running") || LAMPS[b].rank - LAMPS[a].rank);
  return states.map((state) => ({
    state,
    word: LAMPS[state].word,
    tone: LAMPS[state].tone,
    n: counts.get(state) ?? 0,
  }));
}

function figures(
  { counters, errorClasses }: Pick<BoardSources, "counters" | "errorClasses">,
  possible: number,
  lamps: LampProps[],
): FiguresProps {
  const fleet = counters.fleet();
  return {
    sentLastMinute: fleet.sentLastMinute,
    possible,
    rate: fleet.rate,
    rateTone: rateTone(fleet.rate, null),
    failed: fleet.last15.failed + fleet.last15.undelivered,
    errors: pareto(fleet.errors, errorClasses).map(({ name, share }) => ({ name, share })),
    latency: fleet.latency,
    problems: lamps.filter((own) => LAMPS[own.state].rank >= PROBLEM_RANK).sort((a, b) => LAMPS[b.state].rank - LAMPS[a.state].rank),
  };
}

function wordsOf(pair: PairProps, country = pair.country): string {
  return [country, pair.id, pair.operatorName, ...pair.lamps.map((own) => `${own.session}: ${own.word}`)].join(" ");
}

function filterLine(line: LineProps, query: string): LineProps[] {
  if (query === "") return [line];
  const pairs = line.pairs.filter((pair) => matches(query, wordsOf(pair, `${line.code} ${line.name}`)));
  return pairs.length > 0 ? [{ ...line, pairs }] : [];
}
