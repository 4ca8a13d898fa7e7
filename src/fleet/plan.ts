/** What to do now so that the fleet becomes what was asked for, each deed with its reason. Pure. */

import { isRestart, type Jitter, judge, phaseOf, type TimeWords, type Verdict, type View } from "./judge.ts";

export type Action =
  | { kind: "start"; session: string; by: string; reason: string | null }
  /** The stop signal now, KILL when `killAt` has passed. */
  | { kind: "stop" | "restart" | "cure"; session: string; run: string; by: string; reason: string | null; killAt: number }
  | { kind: "kill"; session: string; run: string; why: string }
  /** A wish has run out and turns into its opposite. */
  | { kind: "flip"; session: string; to: "up" | "down" };

export interface PlanOptions {
  jitter: Jitter;
  timeWords: TimeWords;
  /**
   * Starts in flight, overall: a machine that boots must not start 200 interpreters at once. Of one country at most all but one of them,
   * so that no crash loop in one, however slow its starts, keeps the others waiting.
   */
  maxStarting: number;
  /** The country served last: the next start goes to the one after it. */
  lastCountry: string;
}

export interface Plan {
  actions: Action[];
  verdicts: Map<string, Verdict>;
  lastCountry: string;
  /** When time alone makes the next difference. */
  dueAt: number | null;
}

export function plan(views: readonly View[], now: number, options: PlanOptions): Plan {
  const verdicts = new Map<string, Verdict>();
  for (const view of views) verdicts.set(view.session, judge(view, now, options.jitter, options.timeWords));
  const starts = chooseStarts(views, verdicts, now, options);
  const actions: Action[] = [
    ...flips(views, now),
    ...ends(views, verdicts, now),
    ...restarts(views, verdicts, now, options.maxStarting),
    ...starts.map(({ view, need }): Action => ({ kind: "start", session: view.session, by: need.by, reason: need.reason })),
  ];
  return { actions, verdicts, lastCountry: starts.at(-1)?.view.country ?? options.lastCountry, dueAt: earliest(views, verdicts, now) };
}

function flips(views: readonly View[], now: number): Action[] {
  return views.flatMap(({ session, desired, wanted }): Action[] => {
    if (desired.until === null || now < desired.until) return [];
    // High priority outlives the end of a wish; it turns once the priority is gone.
    if (desired.state === "up" && wanted.priority) return [];
    return [{ kind: "flip", session, to: desired.state === "up" ? "down" : "up" }];
  });
}

function ends(views: readonly View[], verdicts: ReadonlyMap<string, Verdict>, now: number): Action[] {
  return views.flatMap(({ session, run, program }): Action[] => {
    const need = verdicts.get(session)?.need;
    if (!run || !need) return [];
    if (need.kind === "kill") return [{ kind: "kill", session, run: run.run, why: need.why }];
    if (need.kind !== "stop") return [];
    return [{ kind: "stop", session, run: run.run, by: need.by, reason: need.reason, killAt: now + program.stopTimeoutMs }];
  });
}

/**
 * Of the sessions of one high-priority pair only one is down for a restart at a time; the others wait for it to be up again. What a
 * schedule restarts waits for its whole country as well, and for room among the starts.
 */
function restarts(views: readonly View[], verdicts: Map<string, Verdict>, now: number, maxStarting: number): Action[] {
  const busy = new Set<string>();
  const countries = new Set<string>();
  let between = 0;
  for (const view of views) {
    if (!isBetween(view, verdicts.get(view.session)!)) continue;
    for (const pair of view.priorityPairs) busy.add(pair);
    countries.add(view.country);
    between++;
  }
  return views.flatMap((view): Action[] => {
    const verdict = verdicts.get(view.session)!;
    const { need } = verdict;
    if (!view.run || !isRestart(need)) return [];
    const held = view.priorityPairs.find((pair) => busy.has(pair));
    if (held !== undefined) {
      verdicts.set(view.session, { ...verdict, why: `to be restarted by ${need.by}, waits for the other session of ${held}` });
      return [];
    }
    if (need.kind === "scheduled" && (countries.has(view.country) || between >= maxStarting)) {
      const waits = countries.has(view.country) ? `another session of ${view.country}` : "other restarts";
      verdicts.set(view.session, { ...verdict, why: `to be restarted as scheduled, waits for ${waits}` });
      return [];
    }
    for (const pair of view.priorityPairs) busy.add(pair);
    countries.add(view.country);
    between++;
    const { by, reason } = need;
    const kind = need.kind === "cure" ? "cure" : "restart";
    return [{ kind, session: view.session, run: view.run.run, by, reason, killAt: now + view.program.stopTimeoutMs }];
  });
}

/** Wanted up, and on its way there or back. */
function isBetween({ wanted }: View, { state, need }: Verdict): boolean {
  return wanted.up && (state === "starting" || state === "stopping" || need?.kind === "start");
}

type Candidate = { view: View; need: Extract<Verdict["need"], { kind: "start" }> };

/** One start per country in turn, high priority first within it, as many as there is room for. */
function chooseStarts(views: readonly View[], verdicts: ReadonlyMap<string, Verdict>, now: number, options: PlanOptions): Candidate[] {
  const inFlight = new Map<string, number>();
  let room = options.maxStarting;
  for (const view of views) {
    if (!view.opening && !(view.run && phaseOf(view.run, now) === "starting")) continue;
    inFlight.set(view.country, (inFlight.get(view.country) ?? 0) + 1);
    room--;
  }
  if (room <= 0) return [];
  const mostOfOne = Math.max(1, options.maxStarting - 1);
  const byCountry = new Map<string, Candidate[]>();
  for (const view of views) {
    const need = verdicts.get(view.session)?.need;
    if (need?.kind !== "start") continue;
    const siblings = byCountry.get(view.country) ?? [];
    siblings.push({ view, need });
    byCountry.set(view.country, siblings);
  }
  const countries = [...byCountry.keys()].sort();
  const first = countries.findIndex((country) => country > options.lastCountry);
  const turn = first < 0 ? countries : [...countries.slice(first), ...countries.slice(0, first)];
  // Within a country first who matters most, then who did not just fail.
  const rank = ({ view }: Candidate) => (view.wanted.priority ? 0 : 2) + (verdicts.get(view.session)?.state === "backoff" ? 1 : 0);
  for (const [country, candidates] of byCountry) {
    candidates.sort((a, b) => rank(a) - rank(b));
    candidates.length = Math.min(candidates.length, Math.max(0, mostOfOne - (inFlight.get(country) ?? 0)));
  }
  const chosen: Candidate[] = [];
  for (let round = 0; room > 0 && turn.some((country) => byCountry.get(country)![round]); round++) {
    for (const country of turn) {
      const candidate = byCountry.get(country)![round];
      if (candidate && room-- > 0) chosen.push(candidate);
    }
  }
  return chosen;
}

function earliest(views: readonly View[], verdicts: ReadonlyMap<string, Verdict>, now: number): number | null {
  let dueAt: number | null = null;
  const consider = (at: number | null) => {
    if (at !== null && (dueAt === null || at < dueAt)) dueAt = at;
  };
  for (const view of views) {
    consider(verdicts.get(view.session)!.dueAt);
    if (view.desired.until !== null && view.desired.until > now) consider(view.desired.until);
  }
  return dueAt;
}
