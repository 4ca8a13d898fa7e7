/** What the pages show of actions on many sessions, and what their forms mean. Pure reading. */

import type { AskManyProps, ChosenProps, OperationProps } from "../../views/operations/props.ts";
import { texts } from "../../views/texts.ts";
import { countsOf, type Operation } from "../fleet/operation.ts";
import { ACTIONS, type Action, type Candidate, countryOf, isPriority, type Preview } from "../fleet/selection.ts";
import type { SelectionFilter } from "../fleet/selection-filter.ts";
import { LAMPS, type SessionState } from "../fleet/states.ts";
import type { Directory } from "../pairs/directory.ts";
import { lampFor } from "./board-model.ts";
import { type Fields, one } from "./form.ts";

export function actionOf(fields: Fields): Action {
  return ACTIONS.find((action) => action === one(fields, "action")) ?? "restart";
}

/** As the form says it; nothing chosen means every session, because the page shows them all before anything is done. */
export function filterOf(fields: Fields): SelectionFilter {
  const filter: SelectionFilter = {};
  const q = one(fields, "q").slice(0, 100);
  if (q) filter.q = q;
  for (const name of ["program", "country", "tag"] as const) if (one(fields, name)) filter[name] = one(fields, name);
  const state = one(fields, "state");
  if (Object.hasOwn(LAMPS, state)) filter.state = state as SessionState;
  const sessions = one(fields, "sessions").split(",").filter(Boolean);
  if (sessions.length > 0) filter.sessions = sessions;
  if (one(fields, "pending") === "on") filter.restart_pending = true;
  if (one(fields, "code") === "on") filter.code_changed = true;
  return Object.keys(filter).length > 0 ? filter : { all: true };
}

/** "country UZ, state crashed". */
export function filterWords(filter: SelectionFilter): string {
  return Object.entries(filter)
    .map(([name, value]) => {
      if (value === true) return name.replace("_", " ");
      if (name === "sessions" && Array.isArray(value) && value.length > 3) return `${value.length} sessions by name`;
      return `${name === "q" ? "words" : name.replace("_", " ")} ${Array.isArray(value) ? value.join(", ") : String(value)}`;
    })
    .join(", ");
}

export function askManyProps(
  fields: Fields,
  preview: Preview,
  directory: Directory,
  more: { errors: Record<string, string>; notice: string | null },
): AskManyProps {
  const choice = (value: string) => ({ value, label: value });
  const tags = new Set(directory.pairs().flatMap((pair) => pair.tags));
  const values: Fields = { settle: "10", ...fields, typed: "" };
  return {
    action: preview.action,
    form: { values, errors: more.errors },
    hash: preview.hash,
    touched: preview.touched.map((candidate) => chosen(candidate, candidate.status?.why ?? texts.session.unseen)),
    refused: preview.refused.map(({ candidate, why }) => chosen(candidate, why)),
    unchanged: preview.unchanged.map(({ candidate, why }) => chosen(candidate, why)),
    spread: preview.spread.map(({ country, sessions }) => ({ name: directory.country(country).name, sessions })),
    choices: {
      program: directory.programs().map(({ name }) => choice(name)),
      country: directory.countries().map(({ code, name }) => ({ value: code, label: `${name} (${code})` })),
      tag: [...tags].sort().map(choice),
      state: (Object.keys(LAMPS) as (keyof typeof LAMPS)[]).map((state) => ({ value: state, label: LAMPS[state].word })),
    },
    notice: more.notice,
  };
}

function chosen(candidate: Candidate, why: string): ChosenProps {
  const { session, pairs, status } = candidate;
  return { name: session.name, country: countryOf(candidate), priority: isPriority(pairs), lamp: lampFor(session, status), why };
}

export function operationProps(operation: Operation): OperationProps {
  const { id, action, rolling, filter, by, reason, until, state, why, createdAt, endedAt, undoes, undoneBy } = operation;
  return {
    ...{ id, action, rolling, by, reason, until, state, why, createdAt, endedAt, undoes, undoneBy },
    selection: filterWords(filter),
    counts: countsOf(operation),
    steps: operation.steps.map(({ name, country, priority, state, why }) => ({ name, country, priority, state, why })),
    undoable: (action === "start" || action === "stop") && undoneBy === null,
  };
}

const SPANS: Record<string, number> = { "15m": 900_000, "1h": 3_600_000, "4h": 14_400_000 };

/** What a form's `until` and `until_at` mean: wall ms, null for ever, undefined: not to be understood, or past. Times are UTC. */
export function untilOf(fields: Fields, now: number): number | null | undefined {
  const chosen = one(fields, "until");
  if (chosen === "") return null;
  if (SPANS[chosen] !== undefined) return now + SPANS[chosen];
  const typed = /^(\d{4}-\d{2}-\d{2})[ T](\d{1,2}:\d{2})(?: ?UTC|Z)?$/.exec(one(fields, "until_at"));
  const at = typed ? Date.parse(`${typed[1]}T${typed[2]!.padStart(5, "0")}:00Z`) : Number.NaN;
  return at > now ? at : undefined;
}
