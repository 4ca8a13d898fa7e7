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
  fleet: Pick<Fleet, "status">;
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

export function boardModel(sources: BoardSources, now: number, sort: Sort = "trouble", query = ""): BoardProps {
  const { directory } = sources;
  const pairs = directory.pairs();
  const sessions = directory.sessions();
  const lamps = new Map(sessions.map((session) => [session.id, heldLamp(session, session.pairs, sources)]));
  const byCountry = new Map<string, PairProps[]>();
  const always: PairProps[] = [];
  for (const pair of pairs) {
    const props = pairProps(pair, sources);
    byCountry.set(pair.country, [...(byCountry.get(pair.country) ?? []), props]);
    if (pair.priority) always.push(props);
  }
  let possible = 0;
  const lines: LineProps[] = [];
  for (const [code, own] of byCountry) {
    const proof = sources.permits.proof(code);
    possible += Math.floor((proof.limit * 60_000) / proof.windowMs);
    const broken = sources.breaches.current(code) !== null;
    lines.push(lineProps(code, directory.country(code).name, own, budgetProps(proof, now, broken)));
  }
  const shown = lines.flatMap((line) => filterLine(line, query));
  return {
    now,
    tally: tallyOf(lamps.values()),
    figures: figures(sources, possible, [...lamps.values()]),
    always: always.filter((pair) => matches(query, wordsOf(pair))),
    lines: sortLines(shown, sort),
    totals: { pairs: pairs.length, countries: lines.length, sessions: sessions.length, programs: directory.programs().length },
    sort,
    query,
  };
}

/** A session nobody has looked at yet is not "running": it is what its wish makes likely, until the first look. */
export function lampStateOf(session: Session, status: SessionStatus | undefined): SessionState {
  return status?.state ?? (session.desired.state === "up" ? "starting" : "stopped");
}

export function lampFor(session: Session, status: SessionStatus | undefined): LampProps {
  return lamp(session.name, lampStateOf(session, status));
}

/** On the board a program that runs and may not send is held: for one of its pairs, or, as a session, when it may not for any. */
function heldLamp(session: Session, pairs: readonly string[], { fleet, holds }: Pick<BoardSources, "fleet" | "holds">): LampProps {
  const state = lampStateOf(session, fleet.status(session.id));
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

function lineProps(code: string, name: string, pairs: PairProps[], budget: BudgetProps): LineProps {
  const rates = pairs.flatMap((pair) => (pair.rate.kind === "rate" ? [pair.rate] : []));
  return {
    code,
    name,
    budget,
    pairs: [...pairs].sort((a, b) => Number(b.priority) - Number(a.priority)),
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
