/** Words of crash cards. */

import { plural } from "../format.ts";

export const crash = {
  title: "Crashes",
  empty: "No session is down against its wish.",
  emptyTitle: "No crashes",
  hint: (sessions: number, groups: number) =>
    `${plural(sessions, "session is", "sessions are")} down against their wish, for ${plural(groups, "reason", "reasons")}`,
  pairs: (n: number) => plural(n, "session", "sessions"),
  where: "at",
  exit: "Exit",
  last: "Last exit",
  first: "First exit",
  restarts: "Exits in the window",
  nextTry: "Next try in",
  gaveUp: "given up",
  lines: (session: string) => `Last lines of ${session}`,
  sessions: "Sessions",
  startNow: "Try all now",
  giveUp: "Give up",
  stop: "Stop",
  more: (n: number) => `and ${n} more`,
} as const;
