/** Words that stand on every page, or on several. */

import { count } from "../format.ts";

export const everywhere = {
  product: "Signalbox",
  skip: "Skip to the content",
  navigation: "Pages",
  nav: {
    history: "History",
    board: "Board",
    sessions: "Sessions",
    pairs: "Pairs",
    messages: "Messages",
    programs: "Programs",
    permits: "Permits",
    strangers: "Strangers",
  },
  logout: "Log out",
  role: { viewer: "viewer", operator: "operator", admin: "admin" },
  asOf: (time: string) => `as of ${time} UTC`,
  asOfTitle: "Without JavaScript this page shows one moment; reload it for the next",
  close: "Close",
  cancel: "Cancel",
  save: "Save",
  edit: "Edit",
  never: "never",
  none: "–",
  filter: "Filter",
  yes: "yes",
  no: "no",
  noMatch: "Nothing matches this filter.",
  clearFilter: "Show all",
  rate: {
    of: (n: number) => `of ${count(n)}`,
    n: (n: number) => `n=${n}`,
    insufficient: (n: number, needed: number) =>
      n === 0 ? `no mature message yet, ${needed} needed for a rate` : `insufficient sample: ${n} of ${needed} needed`,
    title: (value: string, range: string, n: number, window: string, basis: string) =>
      `${value}% delivered of ${count(n)} (95% interval ${range}%), submitted within ${window}, ${basis}`,
    basis: { receipts: "by delivery receipts", attempts: "by success or failure of each attempt: this program has no receipts" },
    empty: "no rate yet",
    few: "too few",
  },
  chart: { table: "As a table", asTable: "The table below says the same." },
  first: {
    program: "First an admin defines a program: the script that sends.",
    pair: "Add a pair: a country and an operator, such as UZ and uzmobile. Its sessions start within a second.",
    addPair: "Add a pair",
    addProgram: "Add a program",
  },
  form: {
    failed: "Not saved. Look at the marked fields.",
    optional: "optional",
    kept: "keeps its value",
    number: "must be a number",
    whole: "must be a whole number",
    required: "must not be empty",
  },
} as const;
