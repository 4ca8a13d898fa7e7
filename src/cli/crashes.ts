/** `signalbox crashes`: sessions that are down against their wish, by reason. */

import { EXIT } from "./exit.ts";
import { duration } from "./terminal.ts";
import type { Verb } from "./verb.ts";

interface Group {
  title: string;
  where: string | null;
  exit_words: string;
  count: number;
  restarts: number;
  last_at: string;
  next_try_at: string | null;
  sessions: { name: string }[];
  last_lines: string[];
}

export const crashes: Verb = {
  name: "crashes",
  operands: "",
  summary: "List why sessions are down against their wish, alike ones together",
  about: "One block for each reason: how many sessions, the error, the line it came from, when it is tried again, and which sessions.",
  flags: { lines: { type: "boolean", short: "l", about: "the last lines of the newest of each as well" } },
  examples: ["signalbox crashes", "signalbox crashes --lines"],
  async run({ flags, json, terminal, client }) {
    const { groups } = await client().call<{ groups: Group[] }>("GET", "/api/crashes");
    if (json) terminal.say(JSON.stringify(groups));
    else if (groups.length === 0) terminal.note("No session is down against its wish.");
    else for (const group of groups) for (const line of block(group, Date.now(), flags.lines === true)) terminal.say(line);
    return EXIT.ok;
  },
};

export function block(group: Group, now: number, withLines: boolean): string[] {
  const next = group.next_try_at === null ? "given up" : `next try in ${duration(Date.parse(group.next_try_at) - now)}`;
  return [
    `${group.count === 1 ? "1 session" : `${group.count} sessions`}: ${group.title}`,
    ...(group.where ? [`  at ${group.where}`] : []),
    `  ${group.exit_words}, last ${duration(now - Date.parse(group.last_at))} ago, ${group.restarts} exits in the window, ${next}`,
    `  ${group.sessions.map(({ name }) => name).join(" ")}`,
    ...(withLines ? group.last_lines.map((line) => `  | ${line}`) : []),
  ];
}
