/** The form of a pair: what it shows, what it asks for, and where it differs from what somebody else saved meanwhile. */

import type { Difference } from "../../views/pairs/props.ts";
import { texts } from "../../views/texts.ts";
import { type PairChange, pairChange } from "../pairs/input.ts";
import type { Pair } from "../pairs/pair.ts";
import { checked, type Fields, type FormErrors, one, ticked, words as typedWords } from "./form.ts";

const words = texts.pair;

/** A pair as its form shows it. */
export function pairFields(pair: Pair): Record<string, string> {
  return {
    operator_name: pair.operatorName,
    weight: String(pair.weight),
    threshold: pair.threshold === null ? "" : String(Math.round(pair.threshold * 1000) / 10),
    limit: pair.limit === null ? "" : String(pair.limit),
    window_seconds: pair.windowSeconds === null ? "" : String(pair.windowSeconds),
    mccmnc: pair.mccmnc.join(" "),
    tags: pair.tags.join(" "),
    active: pair.active ? "on" : "",
  };
}

const LABELS: Record<string, string> = {
  operator_name: words.operatorName,
  weight: words.weight,
  threshold: words.threshold,
  limit: words.limit,
  window_seconds: words.window,
  mccmnc: words.mccmnc,
  tags: words.tags,
  active: words.active,
};

/** Where what was typed differs from what is saved now. */
export function differencesOf(pair: Pair, fields: Fields): Difference[] {
  const saved = pairFields(pair);
  return Object.keys(LABELS).flatMap((name) => {
    const yours = one(fields, name);
    const now = saved[name] ?? "";
    return yours === now ? [] : [{ field: LABELS[name] ?? name, now, yours }];
  });
}

/** What the form asks to be changed, or undefined with the reasons in `errors`. */
export function pairChangeFrom(fields: Fields, errors: FormErrors): PairChange | undefined {
  const threshold = errors.number(fields, "threshold");
  return checked(
    pairChange,
    {
      operator_name: one(fields, "operator_name"),
      weight: errors.number(fields, "weight") ?? 100,
      threshold: threshold === undefined ? null : Math.round(threshold * 10) / 1000,
      limit: errors.number(fields, "limit") ?? null,
      window_seconds: errors.number(fields, "window_seconds") ?? null,
      mccmnc: typedWords(fields, "mccmnc"),
      tags: typedWords(fields, "tags"),
      active: ticked(fields, "active"),
    },
    errors,
  );
}
