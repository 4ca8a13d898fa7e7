/** The help pages, made from the verbs themselves. */

import { DEFAULT_FILE } from "../config.ts";
import { COMMON } from "./arguments.ts";
import { EXIT, usage } from "./exit.ts";
import type { Flag, Verb } from "./verb.ts";

export function overview(verbs: readonly Verb[]): string[] {
  const shown = verbs.filter((verb) => !verb.hidden);
  const width = Math.max(...shown.map((verb) => verb.name.length + verb.operands.length + 1));
  return [
    "Signalbox runs, paces, measures and watches the programs that send SMS.",
    "",
    "usage: signalbox <verb> [operands] [flags]",
    "",
    ...shown.map((verb) => `  ${`${verb.name} ${verb.operands}`.padEnd(width)}  ${verb.summary}`),
    "",
    '"signalbox help <verb>" tells more of each.',
    ...endings(),
  ];
}

export function page(verb: Verb): string[] {
  return [
    "NAME",
    `    signalbox ${verb.name} - ${verb.summary}`,
    "",
    "SYNOPSIS",
    ["    signalbox", verb.name, verb.operands, "[flags]"].filter(Boolean).join(" "),
    ...(verb.about ? ["", "DESCRIPTION", ...verb.about.split("\n").map((line) => (line ? `    ${line}` : ""))] : []),
    "",
    "FLAGS",
    ...flagLines({ ...verb.flags, ...COMMON }),
    `    Every setting is a flag too (--data-dir, --control-socket ...): docs/settings.md. Their file is ${DEFAULT_FILE}.`,
    ...(verb.examples ? ["", "EXAMPLES", ...verb.examples.map((line) => `    ${line}`)] : []),
    ...endings(),
  ];
}

function flagLines(flags: Record<string, Flag>): string[] {
  const named = Object.entries(flags).map(([name, flag]) => ({
    left: `${flag.short ? `-${flag.short}, ` : ""}--${name}${flag.value ? ` ${flag.value}` : ""}`,
    about: flag.about,
  }));
  const width = Math.max(...named.map(({ left }) => left.length));
  return named.map(({ left, about }) => `    ${left.padEnd(width)}  ${about}`);
}

function endings(): string[] {
  return [
    "",
    "EXIT STATUS",
    `    ${EXIT.ok} done   ${EXIT.failure} failed   ${EXIT.usage} wrong usage   ${EXIT.notRunning} Signalbox is not running   ` +
      `${EXIT.refused} refused or in conflict   ${EXIT.notFound} does not exist   ${EXIT.config} bad configuration`,
  ];
}

export function helpVerb(verbs: () => readonly Verb[]): Verb {
  const verb: Verb = {
    name: "help",
    operands: "[verb]",
    summary: "Show this overview, or the page of one verb",
    async run({ operands, terminal }) {
      const name = operands.join(" ");
      const family = verbs().filter((candidate) => candidate.name === name || candidate.name.startsWith(`${name} `));
      if (name && family.length === 0) throw usage(`there is no verb ${JSON.stringify(name)}: "signalbox help" lists them`);
      const lines = !name ? overview(verbs()) : family.length === 1 ? page(family[0]!) : overview(family);
      for (const line of lines) terminal.say(line);
      return EXIT.ok;
    },
  };
  return verb;
}
