/** `signalbox history`: what happened to a session, and who did it. */

import { exactly } from "./arguments.ts";
import { EXIT, usage } from "./exit.ts";
import { duration, table } from "./terminal.ts";
import type { Verb } from "./verb.ts";
import { sessionPath } from "./wish.ts";

export interface MomentAnswer {
  at: string;
  /** As the page of the session has it. */
  title: string;
  by: "person" | "token" | "signalbox" | "program" | "outside";
  who: string | null;
  why: string | null;
  end: { lasted_seconds: number; last_lines: string[] } | null;
}

interface Page {
  moments: MomentAnswer[];
  next_cursor: string | null;
}

const MAX_MOMENTS = 500;
const HEAD = ["TIME", "WHAT", "BY", "LASTED", "WHY"];

export const history: Verb = {
  name: "history",
  operands: "<session>",
  summary: "Show what happened to a session, and who did it",
  about:
    "Newest first: starts, ends with their code in words, wishes, freezes, edits of its program and its pairs. BY is who did it: a person, a token,\n" +
    "signalbox, the program itself, or something outside of both. Times are UTC. With --lines, the last lines of output under each end.\n" +
    "--json names each event as the audit does (session.stop), beside the words.",
  flags: {
    number: { type: "string", short: "n", value: "<number>", about: "so many; 50 unless told" },
    lines: { type: "boolean", short: "l", about: "the last lines of output of each run as well" },
    cursor: { type: "string", value: "<cursor>", about: "go on where a page before ended: its next_cursor" },
  },
  examples: ["signalbox history program1_UZ_uzmobile", "signalbox history program1_UZ_uzmobile -n 5 --lines"],
  async run({ operands, flags, json, terminal, client }) {
    exactly(history, operands, 1);
    const query = new URLSearchParams({ limit: String(count(flags.number)) });
    if (typeof flags.cursor === "string") query.set("cursor", flags.cursor);
    const page = await client().call<Page>("GET", `${sessionPath(operands[0]!)}/timeline?${query}`);
    if (json) terminal.say(JSON.stringify(page));
    else if (page.moments.length === 0) terminal.note("Nothing has happened to it yet.");
    else {
      for (const line of told(page.moments, flags.lines === true)) terminal.say(line);
      if (page.next_cursor) terminal.note(`There is more: --cursor ${page.next_cursor}`);
    }
    return EXIT.ok;
  },
};

export function told(moments: readonly MomentAnswer[], withLines: boolean): string[] {
  const [head = "", ...lines] = table(HEAD, moments.map(row));
  return [
    head,
    ...lines.flatMap((line, i) => [line, ...(withLines ? (moments[i]?.end?.last_lines ?? []) : []).map((text) => `  | ${text}`)]),
  ];
}

function row({ at, title, by, who, why, end }: MomentAnswer): string[] {
  return [
    at.slice(0, 19).replace("T", " "),
    title,
    who ?? (by === "program" ? "itself" : by),
    end ? duration(end.lasted_seconds * 1000) : "",
    why ?? "",
  ];
}

function count(text: string | boolean | undefined): number {
  if (text === undefined) return 50;
  const moments = Number(text);
  if (!Number.isInteger(moments) || moments < 1 || moments > MAX_MOMENTS)
    throw usage(`--number must be a whole number from 1 to ${MAX_MOMENTS}`);
  return moments;
}
