/** `signalbox strangers`: screens that nobody here started, duplicates first. */

import { LAMPS } from "../fleet/states.ts";
import { EXIT } from "./exit.ts";
import { duration, table } from "./terminal.ts";
import type { Verb } from "./verb.ts";

/** A stranger as GET /api/strangers gives it: the fields the command line reads. */
export interface StrangerAnswer {
  stranger: string;
  state: "stranger" | "shell_idle" | "duplicate" | "dead";
  why: string;
  screen_pid: number;
  name: string;
  started_at: string | null;
  command: string;
  user: string;
  doubles: string | null;
  guess: { program: string | null; pairs: string[] };
  refusal: string | null;
}

const HEAD = ["STATE", "STRANGER", "SCREEN", "USER", "UP", "LOOKS LIKE", "COMMAND"];

export const strangers: Verb = {
  name: "strangers",
  operands: "",
  summary: "List screens that were started by hand",
  about:
    "One line per program in a screen that nobody here started: its address for `signalbox adopt`, the screen's pid and name, how long it has\n" +
    "been up, which program and pair it looks like, and its command with secrets masked. A duplicate runs what a session runs already.",
  examples: ["signalbox strangers", "signalbox adopt 4242-130095 --program program1 --pair IN_vi"],
  async run({ json, terminal, client }) {
    const answer = await client().call<{ strangers: StrangerAnswer[] }>("GET", "/api/strangers");
    if (json) terminal.say(JSON.stringify(answer.strangers));
    else if (answer.strangers.length === 0) terminal.note("There are no strangers: every screen here is a session.");
    else
      for (const line of table(
        HEAD,
        answer.strangers.map((stranger) => row(stranger, Date.now())),
      ))
        terminal.say(line);
    return EXIT.ok;
  },
};

function row(stranger: StrangerAnswer, now: number): string[] {
  const { state, guess } = stranger;
  const look = state === "dead" ? { glyph: "✝", word: "dead" } : LAMPS[state];
  return [
    `${look.glyph} ${look.word}`,
    stranger.stranger,
    `${stranger.screen_pid}.${stranger.name}`,
    stranger.user,
    stranger.started_at === null ? "-" : duration(now - Date.parse(stranger.started_at)),
    [guess.program ?? "", guess.pairs.join(",")].filter(Boolean).join(" ") || "-",
    stranger.command || stranger.why,
  ];
}
