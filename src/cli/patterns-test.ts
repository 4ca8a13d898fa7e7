/** `signalbox patterns test`: patterns tried over lines, before or after they are set. Stores nothing. */

import { readFileSync } from "node:fs";
import { exactly } from "./arguments.ts";
import { EXIT, usage } from "./exit.ts";
import { pathOf } from "./patterns.ts";
import { givenPatterns } from "./patterns-set.ts";
import type { Verb } from "./verb.ts";

interface Tried {
  lines: { text: string; pattern: number | null; state: string | null; groups: Record<string, string>; n: number }[];
  matched: number;
  counted: Record<string, number>;
  left_out: number;
}

export const patternsTest: Verb = {
  name: "patterns test",
  operands: "<program>",
  summary: "Try patterns over lines: what matches, what would be counted",
  about: [
    "Over the last lines of a session, or those of a file. Tries the patterns in force, or others with --file or --preset.",
    "Exit code 1 when no line matches.",
  ].join("\n"),
  flags: {
    session: { type: "string", short: "s", value: "<session>", about: "the session whose last lines are taken" },
    lines: { type: "string", value: "<path>", about: "a file of lines; - reads the standard input" },
    tail: { type: "string", short: "n", value: "<n>", about: "so many lines of the session (200)" },
    file: { type: "string", short: "f", value: "<path>", about: "text file with patterns to try, instead of those in force" },
    preset: { type: "string", value: "<name>", about: "a preset to try, instead of those in force" },
  },
  examples: [
    "signalbox patterns test program1 --session program1_UZ_uzmobile",
    "signalbox patterns test program1 --preset phrases --lines old.log",
  ],
  async run(call) {
    const { operands, flags, json, terminal, client } = call;
    exactly(patternsTest, operands, 1);
    if ((flags.session === undefined) === (flags.lines === undefined)) throw usage("say on what: --session or --lines; one of them");
    const tried = await client().call<Tried>("POST", `${pathOf(operands[0]!)}/test`, {
      session: flags.session,
      lines: typeof flags.lines === "string" ? linesOf(flags.lines) : undefined,
      tail: flags.tail === undefined ? undefined : Number(flags.tail),
      patterns: givenPatterns(call),
    });
    if (json) terminal.say(JSON.stringify(tried));
    else {
      for (const { text, pattern, state, groups } of tried.lines) {
        const taken = Object.entries(groups).map(([name, value]) => `${name}=${value}`);
        terminal.say(`${pattern === null ? "-" : `${pattern} ${state}`}\t${[text, ...taken].join("\t")}`);
      }
      const counted = Object.entries(tried.counted).map(([state, n]) => `${n} ${state}`);
      terminal.note(`${tried.matched} of ${tried.lines.length} lines matched; would count ${counted.join(", ") || "nothing"}.`);
      if (tried.left_out > 0) terminal.note(`${tried.left_out} lines were not looked at: the time was over.`);
    }
    return tried.matched > 0 ? EXIT.ok : EXIT.failure;
  },
};

function linesOf(path: string): string[] {
  try {
    const lines = readFileSync(path === "-" ? 0 : path, "utf8").split(/\r?\n/);
    if (lines.at(-1) === "") lines.pop();
    return lines;
  } catch (error) {
    throw usage(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
