/** `signalbox ps`: the board as a table, trouble first. */

import { LAMPS } from "../fleet/states.ts";
import { EXIT } from "./exit.ts";
import { lampWord, type SessionAnswer } from "./sessions.ts";
import { duration, table } from "./terminal.ts";
import type { Verb } from "./verb.ts";

const HEAD = ["STATE", "NAME", "PROGRAM", "PAIRS", "PID", "UP", "RESTARTS", "SENT", "DELIVERED", "FAILED", "RATE", "WHY"];

export const ps: Verb = {
  name: "ps",
  operands: "[word]",
  summary: "List the sessions, trouble first",
  about:
    "One line per session: the state it is seen in, its pairs, its program's pid, how long it has been up, restarts within its policy's window,\n" +
    "messages sent, delivered and failed (or not delivered), and the success rate over mature messages (- while the sample is insufficient).\n" +
    "With a word: only the sessions whose name, program, pairs or state hold it.",
  examples: ["signalbox ps", "signalbox ps UZ_", "signalbox ps retrying", "signalbox ps --json"],
  async run({ operands, json, terminal, client }) {
    const answer = await client().call<{ sessions: SessionAnswer[] }>("GET", "/api/sessions");
    const word = operands.join(" ").toLowerCase();
    const shown = answer.sessions.filter((session) => wordsOf(session).includes(word));
    shown.sort((a, b) => rank(b) - rank(a) || a.name.localeCompare(b.name));
    if (json) terminal.say(JSON.stringify(shown));
    else if (shown.length === 0) terminal.note(word ? `No session matches "${word}".` : "There are no sessions yet.");
    else
      for (const line of table(
        HEAD,
        shown.map((session) => row(session, Date.now())),
      ))
        terminal.say(line);
    return EXIT.ok;
  },
};

export function row(session: SessionAnswer, now: number): string[] {
  const { rate, total } = session;
  return [
    `${LAMPS[session.state]?.glyph ?? "?"} ${lampWord(session)}`,
    session.name,
    session.program,
    session.pairs.join(","),
    session.pid === null ? "-" : String(session.pid),
    session.pid === null || session.started_at === null ? "-" : duration(now - Date.parse(session.started_at)),
    String(session.restarts),
    String(total.sent),
    String(total.delivered),
    String(total.failed + total.undelivered),
    rate.kind === "rate" ? `${(rate.value * 100).toFixed(1)}%` : "-",
    session.state === "running" ? "" : session.why,
  ];
}

function wordsOf(session: SessionAnswer): string {
  return `${session.name} ${session.program} ${session.pairs.join(" ")} ${lampWord(session)}`.toLowerCase();
}

const rank = (session: SessionAnswer) => LAMPS[session.state]?.rank ?? 0;
