/** The list of pairs as a page shows it: filtered, sorted, cut into parts. Only the rows that are shown are filled with numbers. */

import { PAIR_SORTS, type PairRowProps, type PairSort, type PairView } from "../../views/pairs/props.ts";
import { matches } from "../kernel/words.ts";
import type { Pair } from "../pairs/pair.ts";
import { wordsOfPair } from "../pairs/selection.ts";
import { pairProps } from "./board-model.ts";
import type { PageServices } from "./page.tsx";

type Sources = Pick<PageServices, "directory" | "fleet" | "counters" | "holds">;

export function viewOf(query: Record<string, string>): PairView {
  const sort = PAIR_SORTS.find((name) => name === query.sort) ?? "country";
  const from = /^\d{1,6}$/.test(query.from ?? "") ? Number(query.from) : 0;
  return { query: (query.q ?? "").trim().slice(0, 100), sort, down: query.down === "1", from };
}

export interface PairPart {
  rows: PairRowProps[];
  matching: number;
  total: number;
  view: PairView;
}

export function partOf(sources: Sources, view: PairView, length: number): PairPart {
  const all = sources.directory.pairs();
  const found = view.query === "" ? all : all.filter(matching(view.query, sources));
  const sorted = sortPairs(found, view, sources);
  const from = Math.min(view.from, Math.max(0, Math.ceil(sorted.length / length) - 1) * length);
  return {
    rows: sorted.slice(from, from + length).map((pair) => rowOf(sources, pair)),
    matching: sorted.length,
    total: all.length,
    view: { ...view, from },
  };
}

/** Also by what its sessions are seen to be: "uz crashed". */
function matching(query: string, sources: Sources): (pair: Pair) => boolean {
  const words = (pair: Pair) => pairProps(pair, sources).lamps.map(({ word }) => word);
  return (pair) => matches(query, `${wordsOfPair(pair, sources.directory)} ${words(pair).join(" ")}`);
}

export function rowOf(sources: Sources, pair: Pair): PairRowProps {
  return { pair, shown: pairProps(pair, sources), countryName: sources.directory.country(pair.country).name };
}

/** High priority first, whatever the order: it is a section of its own. What has no value stands last. */
function sortPairs(pairs: readonly Pair[], { sort, down }: PairView, sources: Sources): Pair[] {
  const value = VALUES[sort];
  const keyed = pairs.map((pair, place) => ({ pair, place, key: value(pair, sources) }));
  const turn = down ? -1 : 1;
  keyed.sort((a, b) => {
    const priority = Number(b.pair.priority) - Number(a.pair.priority);
    if (priority !== 0) return priority;
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null) || a.place - b.place;
    const compared = typeof a.key === "string" ? a.key.localeCompare(String(b.key)) : a.key - Number(b.key);
    return compared * turn || a.place - b.place;
  });
  return keyed.map(({ pair }) => pair);
}

const VALUES: Record<PairSort, (pair: Pair, sources: Sources) => string | number | null> = {
  country: (pair, { directory }) => directory.country(pair.country).name,
  pair: (pair) => pair.operatorName,
  sent: (pair, { counters }) => counters.pair(pair.id).sentLastMinute,
  rate(pair, { counters }) {
    const { rate } = counters.pair(pair.id);
    return rate.kind === "rate" ? rate.value : null;
  },
  weight: (pair) => pair.weight,
  limit: (pair) => pair.limit,
  active: (pair) => Number(!pair.active),
};
