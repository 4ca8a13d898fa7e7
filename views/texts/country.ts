/** Words of countries and their budgets. */

import { count } from "../format.ts";

export const country = {
  title: "Countries",
  link: "All countries",
  hint: "What all operators of a country may send together, in any window. A country that is not listed has the usual budget: 10 in 60 s.",
  columns: { country: "Country", pairs: "Pairs", limit: "Limit", window: "Window, s" },
  own: "own budget",
  set: "Set the budget of another country",
  code: "Country",
  codeHint: "Two letters, such as UZ.",
  limit: "Limit",
  limitHint: "SMS in any window. 0 stops the country.",
  window: "Window, s",
  emptyTitle: "No countries yet",
  empty: "A country is listed with its first pair, or when it is given a budget of its own.",
  noPairs: "none",
  done: "The budget was changed. It takes effect at once.",
  changed: (name: string) => `Somebody else saved ${name} while you were editing. Nothing was overwritten.`,
  was: (limit: number, window: number) => `Saved now: ${count(limit)} in ${count(window)} s.`,
  filterHint: "UZ, Uzbekistan…",
} as const;
