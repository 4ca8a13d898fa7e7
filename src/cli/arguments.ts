/** argv into a verb and its call. Pure. Every setting is a flag of every verb that reads settings; a flag nobody knows is a usage error. */

import { parseArgs } from "node:util";
import { flagOf, SETTINGS, type Setting } from "../config.ts";
import { type Failed, usage } from "./exit.ts";
import type { Flag, Verb } from "./verb.ts";

export interface Parsed {
  verb: Verb;
  operands: string[];
  /** The verb's own flags. */
  flags: Record<string, string | boolean | undefined>;
  settings: Partial<Record<Setting, string>>;
  file: string | undefined;
  json: boolean;
  help: boolean;
}

/** Flags every verb takes. */
export const COMMON: Record<string, Flag> = {
  config: { type: "string", value: "<file>", about: "settings file; default /etc/signalbox/signalbox.toml" },
  json: { type: "boolean", about: "answer in JSON" },
  help: { type: "boolean", short: "h", about: "this page" },
};

/** Throws a usage error when the verb or a flag is unknown, or a flag lacks its value. */
export function parse(argv: readonly string[], verbs: readonly Verb[]): Parsed {
  const verb = findVerb(argv, verbs);
  if (!verb) throw unknownVerb(argv, verbs);
  const options: Record<string, { type: "boolean" | "string"; short?: string }> = {};
  for (const [name, { type, short }] of Object.entries({ ...COMMON, ...verb.flags })) options[name] = short ? { type, short } : { type };
  for (const setting of SETTINGS) options[flagOf(setting)] ??= { type: "string" };

  const { values, positionals } = parseFlags(argv.slice(verb.name.split(" ").length), options, verb);
  if (verb.operands === "" && positionals.length > 0 && values.help !== true)
    throw usage(`${verb.name} takes no ${JSON.stringify(positionals[0])}: "signalbox help ${verb.name}" lists what it takes`);
  const settings: Partial<Record<Setting, string>> = {};
  for (const setting of SETTINGS) {
    const value = values[flagOf(setting)];
    if (typeof value === "string" && !verb.flags?.[flagOf(setting)]) settings[setting] = value;
  }
  const own = Object.fromEntries(Object.keys(verb.flags ?? {}).map((name) => [name, values[name]]));
  return {
    verb,
    operands: positionals,
    flags: own,
    settings,
    file: typeof values.config === "string" ? values.config : undefined,
    json: values.json === true,
    help: values.help === true,
  };
}

type Values = Record<string, string | boolean | undefined>;

function parseFlags(
  args: string[],
  options: Record<string, { type: "boolean" | "string"; short?: string }>,
  verb: Verb,
): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true }) as { values: Values; positionals: string[] };
  } catch (error) {
    throw usage(`${plain(error)}. "signalbox help ${verb.name}" lists what ${verb.name} takes`);
  }
}

/** The parser's own words, where a person would say it shorter. */
function plain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const ambiguous = /^Option '(-[^ ']+)[^']*' argument is ambiguous/.exec(error.message);
  return ambiguous ? `${ambiguous[1]} needs a value, and what follows it is another flag` : error.message.split(". To specify")[0]!;
}

function findVerb(argv: readonly string[], verbs: readonly Verb[]): Verb | undefined {
  const two = argv.slice(0, 2).join(" ");
  return verbs.find((verb) => verb.name === two) ?? verbs.find((verb) => verb.name === argv[0]);
}

function unknownVerb(argv: readonly string[], verbs: readonly Verb[]): Failed {
  const family = verbs.filter((verb) => verb.name.startsWith(`${argv[0]} `)).map((verb) => verb.name.slice(argv[0]!.length + 1));
  if (family.length > 0) return usage(`${argv[0]} needs one of: ${family.join(", ")}`);
  return usage(`there is no verb ${JSON.stringify(argv[0] ?? "")}: "signalbox help" lists them`);
}

/** The operands, checked for number; the names are for the message. */
export function exactly(verb: Verb, operands: readonly string[], count: number): void {
  if (operands.length !== count) throw usage(`usage: signalbox ${verb.name} ${verb.operands}`.trimEnd());
}

export function atLeastOne(verb: Verb, operands: readonly string[]): void {
  if (operands.length === 0) throw usage(`usage: signalbox ${verb.name} ${verb.operands}`);
}
