/** Words of the output of a session. */

import { count, duration, plural } from "../format.ts";

export const output = {
  title: "Output",
  titleOf: (name: string) => `Output of ${name}`,
  run: "Run",
  search: "Search in this run",
  searchHint: "error, timeout, +99890••••67…",
  around: "Lines around",
  show: "Show",
  pause: "Pause",
  goOn: "Go on",
  waiting: "Go on: # new",
  earlier: "Load earlier",
  fromBegin: "from the first line that is kept",
  toEnd: "To the end",
  toNewest: "To the newest run",
  download: "Download",
  open: "Search, older runs, download",
  liveHint: "live, at most 200 lines a second; numbers and codes masked",
  earlierHint: "an earlier stretch; numbers and codes masked",
  olderHint: "a run that is over; numbers and codes masked",
  emptyTitle: "No output yet",
  empty: "What the program prints is kept here, run by run.",
  found: (n: number, text: string, shown: number) =>
    `${n === 0 ? "No line holds" : plural(n, "line holds", "lines hold")} “${text}”${shown < n ? `; the newest ${count(shown)} are shown` : ""}.`,
  place: (line: number) => `Around line ${count(line)}`,
  choice: (isNewest: boolean, of: { startedMsAgo: number; ended: string | null } | null) =>
    `${isNewest ? "newest" : "older"}${of ? `: began ${duration(of.startedMsAgo)} ago, ${of.ended ?? "runs"}` : ""}`,
} as const;
