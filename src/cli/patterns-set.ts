/** `signalbox patterns set`: what a program's output is measured by from now on. */

import { readFileSync } from "node:fs";
import { PRESETS } from "../results/patterns/pattern.ts";
import { readPatterns } from "../results/patterns/text.ts";
import { exactly } from "./arguments.ts";
import { EXIT, usage } from "./exit.ts";
import { type PatternsAnswer, pathOf, sayPatterns } from "./patterns.ts";
import type { Call, Verb } from "./verb.ts";

export const patternsSet: Verb = {
  name: "patterns set",
  operands: "<program>",
  summary: "Replace the patterns of a program",
  about: [
    "One pattern a line: a state, a blank, a regular expression (RE2). The first that matches a line counts.",
    "Lines printed before a program had patterns are not counted.",
  ].join("\n"),
  flags: {
    file: { type: "string", short: "f", value: "<path>", about: "text file with the patterns; - reads the standard input" },
    preset: { type: "string", value: "<name>", about: `patterns for common phrases: ${PRESETS.map(({ id }) => id).join(", ")}` },
    none: { type: "boolean", about: "no more measuring by output" },
    ids: { type: "string", value: "<program|run>", about: "message ids are unique for ever (default), or within a run" },
  },
  examples: ["signalbox patterns set program1 --preset phrases", "signalbox patterns set program1 --file patterns.txt"],
  async run(call) {
    const { operands, flags, json, terminal, client } = call;
    exactly(patternsSet, operands, 1);
    const given = givenPatterns(call);
    if (given === undefined) throw usage("say which: --file, --preset or --none; one of them");
    const set = await client().call<PatternsAnswer>("PUT", pathOf(operands[0]!), { patterns: given, ids: flags.ids });
    if (json) terminal.say(JSON.stringify(set));
    else sayPatterns(set, operands[0]!, terminal.say);
    return EXIT.ok;
  },
};

/** Of --file, --preset or --none; undefined: none of them. */
export function givenPatterns({ flags }: Pick<Call, "flags">): { state: string; regex: string }[] | undefined {
  const chosen = [flags.file, flags.preset, flags.none].filter((flag) => flag !== undefined);
  if (chosen.length > 1) throw usage("--file, --preset and --none: one of them");
  if (flags.none) return [];
  if (flags.preset !== undefined) {
    const preset = PRESETS.find(({ id }) => id === flags.preset);
    if (!preset) throw usage(`there is no preset ${flags.preset}; there are ${PRESETS.map(({ id }) => id).join(", ")}`);
    return [...preset.patterns];
  }
  if (typeof flags.file !== "string") return undefined;
  let text: string;
  try {
    text = readFileSync(flags.file === "-" ? 0 : flags.file, "utf8");
  } catch (error) {
    throw usage(`cannot read ${flags.file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { patterns, faults } = readPatterns(text);
  const [fault] = faults;
  if (fault) throw usage(`${flags.file}: line ${fault.line} ${fault.message}`);
  return patterns;
}
