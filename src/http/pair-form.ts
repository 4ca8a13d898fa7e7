/** The form of a pair: what it shows, what it asks for, and where it differs from what somebody else saved meanwhile. */

import type { ConflictProps, Difference } from "../../views/pairs/props.ts";
import { texts } from "../../views/texts.ts";
import { type PairChange, pairChange } from "../pairs/input.ts";
import type { Pair } from "../pairs/pair.ts";
import { checked, type Fields, type FormErrors, one, ticked, words as typedWords } from "./form.ts";

const words = texts.pair;

const LABELS = {
  operator_name: words.operatorName,
  weight: words.weight,
  threshold: words.threshold,
  limit: words.limit,
  window_seconds: words.window,
  gateway: words.gateway,
  mccmnc: words.mccmnc,
  tags: words.tags,
  active: words.columns.active,
};
type Name = keyof typeof LABELS;
const ALL = Object.keys(LABELS) as Name[];
/** What a row of the list asks for. */
const IN_ROW: readonly Name[] = ["weight", "threshold", "limit", "tags", "active"];

/** A pair as its form shows it. */
export function pairFields(pair: Pair): Record<Name, string> {
  return {
    operator_name: pair.operatorName,
    weight: String(pair.weight),
    threshold: pair.threshold === null ? "" : percentOf(pair.threshold),
    limit: pair.limit === null ? "" : String(pair.limit),
    window_seconds: pair.windowSeconds === null ? "" : String(pair.windowSeconds),
    gateway: pair.gateway ?? "",
    mccmnc: pair.mccmnc.join(" "),
    tags: pair.tags.join(" "),
    active: pair.active ? "on" : "",
  };
}

/** 0.7 is 70, 0.705 is 70.5: the whole number, so that saving the form unchanged changes nothing. */
export function percentOf(share: number): string {
  return String(Math.round(share * 1e8) / 1e6);
}

export function shareOf(percent: number): number {
  return Math.round(percent * 1e6) / 1e8;
}

export const isInline = (fields: Fields): boolean => one(fields, "inline") === "on";

const namesOf = (fields: Fields): readonly Name[] => (isInline(fields) ? IN_ROW : ALL);

/** What a row's form begins with. */
export function rowFields(pair: Pair): Record<string, string> {
  return only(IN_ROW, pairFields(pair));
}

function only(names: readonly Name[], values: Record<Name, string>): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, values[name]]));
}

/** Where a conflict was shown and somebody chose what is saved, that stands for what was typed. */
export function resolved(fields: Fields, pair: Pair): Fields {
  const saved = pairFields(pair);
  const taken = namesOf(fields).filter((name) => one(fields, `take.${name}`) === "now");
  return { ...fields, ...only(taken, saved) };
}

/** Field by field where what was typed differs from what is saved now. */
export function conflictOf(pair: Pair, fields: Fields): ConflictProps {
  const saved = pairFields(pair);
  const names = namesOf(fields);
  const differences = names.flatMap((name): Difference[] => {
    const [was, now, yours] = [one(fields, `base.${name}`), saved[name], one(fields, name)];
    if (now === yours) return [];
    const shown = { was: worded(name, was), now: worded(name, now), yours: worded(name, yours) };
    // Only what nobody else touched is taken from here unasked.
    return [{ name, label: LABELS[name], ...shown, take: now === was ? "yours" : "now" }];
  });
  const typed = Object.fromEntries(names.map((name) => [name, one(fields, name)]));
  return { id: pair.id, version: pair.version, differences, typed, saved: only(names, saved), inline: isInline(fields) };
}

const worded = (name: Name, value: string) => (name !== "active" ? value : value === "on" ? texts.yes : texts.no);

/** What the form asks to be changed, or undefined with the reasons in `errors`. */
export function pairChangeFrom(fields: Fields, errors: FormErrors): PairChange | undefined {
  const threshold = errors.number(fields, "threshold");
  const asked: Record<Name, unknown> = {
    operator_name: one(fields, "operator_name"),
    weight: errors.number(fields, "weight") ?? 100,
    threshold: threshold === undefined ? null : shareOf(threshold),
    limit: errors.number(fields, "limit") ?? null,
    window_seconds: errors.number(fields, "window_seconds") ?? null,
    gateway: one(fields, "gateway") || null,
    mccmnc: typedWords(fields, "mccmnc"),
    tags: typedWords(fields, "tags"),
    active: ticked(fields, "active"),
  };
  const input = Object.fromEntries(namesOf(fields).map((name) => [name, asked[name]]));
  const limits = Number(asked.threshold) > 1 || Number(asked.threshold) < 0;
  if (limits) errors.add("threshold", words.thresholdWrong);
  return checked(pairChange, input, errors);
}
