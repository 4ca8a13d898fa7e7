/**
 * Which program and pairs a stranger probably runs: its name and its command are looked up among those that are configured, never split.
 * Pure. Two answers that fit equally well are no answer.
 */

import type { Directory } from "../pairs/directory.ts";
import type { Pair } from "../pairs/pair.ts";
import type { Program } from "../pairs/program.ts";

export interface Guess {
  program: string | null;
  pairs: string[];
  /** What the pair was read from. */
  by: "command" | "name" | null;
}

export interface Guesser {
  guess(name: string, commands: readonly (readonly string[])[]): Guess;
}

export const NO_GUESS: Guess = { program: null, pairs: [], by: null };

export function openGuesser(directory: Pick<Directory, "programs" | "pairs">): Guesser {
  const programs = directory.programs();
  const pairs = directory.pairs().filter((pair) => pair.retiredAt === null);
  const names = namesOf(programs, pairs);
  const pairOf = pairFinder(pairs);
  return {
    guess(name, commands) {
      const named = names.get(plain(name)) ?? NO_GUESS;
      const read = byCommand(commands, programs, pairOf);
      const fits = read.filter((each) => named.program === null || each.program === named.program);
      const best = one(fits.length > 0 ? fits : read);
      if (!best) return named;
      if (best.pairs.length > 0) return best;
      // The command says which program, the name says which pair.
      return { ...best, ...(named.pairs.length > 0 ? { pairs: named.pairs, by: "name" } : {}) };
    },
  };
}

/** Every label that people write for a program, a pair, or both: `program1 IN vi`, `program1_IN_vi`, `IN vi`. */
function namesOf(programs: readonly Program[], pairs: readonly Pair[]): Map<string, Guess> {
  const names = new Map<string, Guess | null>();
  const add = (label: string, guess: Guess) => {
    const key = plain(label);
    const before = names.get(key);
    const same = before && before.program === guess.program && before.pairs[0] === guess.pairs[0];
    names.set(key, before === undefined || same ? guess : null);
  };
  for (const { name } of programs) add(name, { program: name, pairs: [], by: "name" });
  for (const pair of pairs) {
    for (const label of labelsOf(pair)) {
      add(label, { program: null, pairs: [pair.id], by: "name" });
      for (const { name } of programs) add(`${name} ${label}`, { program: name, pairs: [pair.id], by: "name" });
    }
  }
  return new Map([...names].flatMap(([key, guess]) => (guess ? [[key, guess] as const] : [])));
}

function labelsOf({ country, operator, operatorName }: Pair): string[] {
  // People write UK for what ISO 3166 calls GB.
  const countries = country === "GB" ? ["GB", "UK"] : [country];
  return countries.flatMap((code) => [`${code} ${operator}`, `${code} ${operatorName}`]);
}

/** Spaces, underscores, dots and dashes are one thing to the people who type names. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[\s_.-]+/g, " ")
    .trim();
}

type PairFinder = (country: string, operator: string) => string | null;

function pairFinder(pairs: readonly Pair[]): PairFinder {
  const known = new Map(pairs.flatMap((pair) => labelsOf(pair).map((label) => [plain(label), pair.id] as const)));
  return (country, operator) => known.get(plain(`${country} ${operator}`)) ?? null;
}

function byCommand(commands: readonly (readonly string[])[], programs: readonly Program[], pairOf: PairFinder): Guess[] {
  return programs.flatMap((program): Guess[] => {
    for (const command of commands) {
      const read = matched(program.template, command);
      if (!read) continue;
      const found = pairsFrom(read, pairOf);
      return [{ program: program.name, pairs: found, by: found.length > 0 ? "command" : null }];
    }
    return [];
  });
}

function one(guesses: readonly Guess[]): Guess | null {
  const whole = guesses.filter((guess) => guess.pairs.length > 0);
  const fits = whole.length > 0 ? whole : guesses;
  return fits.length === 1 ? fits[0]! : null;
}

type Read = Record<string, string>;

function pairsFrom(read: Read, pairOf: PairFinder): string[] {
  const listed = (read.pairs ?? read.pair ?? "").split(",").filter(Boolean);
  const ids = listed.length > 0 ? listed.map((id) => pairOf(...halves(id))) : [pairOf(read.country ?? "", read.operator ?? "")];
  // One of several that is unknown makes the whole a guess about something else.
  return ids.every((id) => id !== null) ? ids.filter((id) => id !== null) : [];
}

/** A pair id has a country of two letters in front: that is its form, whatever the operator holds. */
function halves(id: string): [string, string] {
  return [id.slice(0, 2), id.slice(3)];
}

/** What stands where the template has placeholders, or null when the command is another one. */
export function matched(template: readonly string[], command: readonly string[]): Read | null {
  return inOrder(template, command) ?? byFlags(template, command);
}

function inOrder(template: readonly string[], command: readonly string[]): Read | null {
  const read: Read = {};
  // More behind it is somebody's addition.
  return template.every((part, i) => command[i] !== undefined && partFits(part, command[i], read)) ? read : null;
}

/** The same script with the same flags in any order, more or fewer of them: as somebody typed it. */
function byFlags(template: readonly string[], command: readonly string[]): Read | null {
  const scripts = template.filter((part, i) => (i > 0 || template.length === 1) && !part.startsWith("-") && !part.includes("{"));
  if (scripts.length === 0 || !scripts.every((script) => command.some((part) => sameFile(script, part)))) return null;
  const read: Read = {};
  template.forEach((part, i) => {
    const before = template[i - 1];
    if (!part.includes("{")) return;
    if (part.startsWith("-")) command.some((candidate) => partFits(part, candidate, read));
    else if (before?.startsWith("-")) {
      const at = command.indexOf(before);
      const joined = command.find((candidate) => candidate.startsWith(`${before}=`));
      if (at >= 0 && command[at + 1] !== undefined) partFits(part, command[at + 1]!, read);
      else if (joined !== undefined) partFits(part, joined.slice(before.length + 1), read);
    }
  });
  return read;
}

function partFits(part: string, argument: string, read: Read): boolean {
  if (!part.includes("{")) return part === argument || sameFile(part, argument);
  // Text and names of placeholders in turn.
  const pieces = part.split(/\{([a-z_]+)\}/);
  const names = pieces.filter((_, i) => i % 2 === 1);
  const pattern = pieces.map((piece, i) => (i % 2 === 0 ? RegExp.escape(piece) : "(.+?)")).join("");
  const found = new RegExp(`^${pattern}$`).exec(argument);
  names.forEach((name, i) => {
    if (found) read[name] = found[i + 1]!;
  });
  return found !== null;
}

/** `python3` and `/usr/bin/python3`, `program1.py` and `./program1.py`. Flags are no files. */
function sameFile(a: string, b: string): boolean {
  return !a.startsWith("-") && last(a) === last(b);
}

const last = (path: string) => path.slice(path.lastIndexOf("/") + 1);
