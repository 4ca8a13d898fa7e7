/**
 * The mobile networks of the world: suggests names, and warns of a network that is not operational or a name that looks like a typo.
 * Never refuses: the list is public knowledge, and the operator in front of it may know better.
 */

import { distance } from "fastest-levenshtein";
import type { FieldError } from "../kernel/errors.ts";
import { matches } from "../kernel/words.ts";
import { countryName } from "./country.ts";

/** One network as the public list has it. */
export interface Network {
  /** ISO 3166-1 codes it belongs to; mostly one. */
  countries: readonly string[];
  /** A string: `405037` is not `40537`, and MCCs of test networks begin with a zero. */
  mccmnc: string;
  /** "Vi India Maharashtra & Goa". */
  name: string;
  brand: string;
  operational: boolean;
  /** In the list's own words: "Operational", "Not operational", "Reserved". */
  status: string;
}

/** An operator name and the networks behind it. */
export interface Suggestion {
  name: string;
  mccmnc: string[];
  /** At least one of its networks works. */
  operational: boolean;
  status: string;
}

export interface Catalogue {
  /** Operators of a country by name, the working ones first; `words` filters as everywhere. */
  operators(country: string, words?: string): Suggestion[];
  /** The networks with this MCC and MNC; some numbers are shared by several countries. */
  networks(mccmnc: string): readonly Network[];
  /** What looks wrong with a pair's name and networks. */
  warnings(pair: NamedPair): FieldError[];
}

export interface NamedPair {
  country: string;
  operator: string;
  operatorName: string;
  mccmnc: readonly string[];
}

/** As `mcc-mnc-list` keeps it. */
export interface ListedNetwork {
  countryCode: string | null;
  mcc: string;
  mnc: string;
  brand: string | null;
  operator: string | null;
  status: string | null;
}

export function catalogueOf(listed: readonly ListedNetwork[]): Catalogue {
  const byCountry = new Map<string, Network[]>();
  const byNumber = new Map<string, Network[]>();
  for (const network of named(listed.flatMap(readNetwork))) {
    for (const country of network.countries) push(byCountry, country, network);
    push(byNumber, network.mccmnc, network);
  }
  const known = new Map<string, KnownName[]>();
  const knownIn = (country: string): KnownName[] => {
    const names = known.get(country) ?? knownNames(byCountry.get(country) ?? []);
    known.set(country, names);
    return names;
  };

  return {
    networks: (mccmnc) => byNumber.get(mccmnc) ?? [],
    operators(country, words = "") {
      const byName = new Map<string, Network[]>();
      for (const network of byCountry.get(country) ?? []) push(byName, network.name, network);
      return [...byName]
        .map(([name, networks]) => suggestionOf(name, networks))
        .filter(({ name, mccmnc }) => words === "" || matches(words, `${name} ${mccmnc.join(" ")}`))
        .sort((a, b) => Number(b.operational) - Number(a.operational) || a.name.localeCompare(b.name));
    },
    warnings(pair) {
      const numbers = pair.mccmnc.flatMap((mccmnc) => numberWarning(pair.country, mccmnc, byNumber.get(mccmnc)));
      const alike = nearest(pair.operatorName, knownIn(pair.country));
      return alike === null
        ? numbers
        : [...numbers, { field: "operator_name", message: `${pair.operatorName} is near to ${alike}, a known operator there: a typo?` }];
    },
  };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const before = map.get(key);
  if (before) before.push(value);
  else map.set(key, [value]);
}

const OPERATIONAL = new Set(["operational", "temporary operational"]);

interface Read extends Network {
  operator: string;
}

function readNetwork({ countryCode, mcc, mnc, brand, operator, status }: ListedNetwork): Read[] {
  // Ranges ("100 - 190") and unknown ones ("?") are nothing a pair can have.
  if (!/^\d{3}$/.test(mcc) || !/^\d{2,3}$/.test(mnc)) return [];
  const countries = [...new Set((countryCode ?? "").split("/").map((code) => code.slice(0, 2)))].filter((code) => countryName(code));
  const name = brand || operator || "";
  if (countries.length === 0 || name === "") return [];
  const word = status ?? "Unknown";
  const operational = OPERATIONAL.has(word.toLowerCase());
  return [{ countries, mccmnc: mcc + mnc, name, brand: name, operator: operator ?? "", operational, status: word }];
}

/** Circles share a brand and are told apart by their second name ("AirTel" + "Gujarat"); a company behind one brand is not what people say. */
function named(networks: readonly Read[]): Network[] {
  const behind = new Map<string, Set<string>>();
  for (const { countries, brand, operator } of networks) {
    const key = `${countries.join()} ${brand}`;
    behind.set(key, (behind.get(key) ?? new Set()).add(operator));
  }
  return networks.map(({ operator, ...network }) => {
    const circles = (behind.get(`${network.countries.join()} ${network.brand}`)?.size ?? 1) > 1;
    return circles && operator !== "" && operator !== network.brand ? { ...network, name: `${network.brand} ${operator}` } : network;
  });
}

function suggestionOf(name: string, networks: readonly Network[]): Suggestion {
  const working = networks.filter(({ operational }) => operational);
  const status = (working[0] ?? networks[0])?.status ?? "Unknown";
  return { name, mccmnc: networks.map(({ mccmnc }) => mccmnc).sort(), operational: working.length > 0, status };
}

function numberWarning(country: string, mccmnc: string, networks: readonly Network[] = []): FieldError[] {
  const field = "mccmnc";
  if (networks.length === 0) return [{ field, message: `${mccmnc} is in no public list of networks` }];
  const own = networks.filter(({ countries }) => countries.includes(country));
  const [first] = own.length > 0 ? own : networks;
  if (own.length === 0) {
    const where = first!.countries.map((code) => countryName(code) ?? code).join(", ");
    return [{ field, message: `${mccmnc} belongs to ${first!.name} in ${where}` }];
  }
  if (own.some(({ operational }) => operational)) return [];
  return [{ field, message: `${mccmnc} (${first!.name}) is listed as ${first!.status.toLowerCase()}` }];
}

interface KnownName {
  name: string;
  plain: string;
  words: readonly string[];
}

function knownNames(networks: readonly Network[]): KnownName[] {
  const names = new Set(networks.flatMap(({ name, brand }) => [name, ...brand.split(";")]).map((name) => name.trim()));
  return [...names].map((name) => ({ name, plain: plain(name), words: wordsOf(name) })).filter(({ plain }) => plain !== "");
}

/** The known name that this one is near to but not a way to write it, or null. */
function nearest(typedName: string, known: readonly KnownName[]): string | null {
  const typed = plain(typedName);
  if (typed.length < 4) return null;
  const words = wordsOf(typedName);
  // The same, part of a known name, or one with a word more.
  if (known.some((name) => name.plain === typed || within(words, name.words) || within(name.words, words))) return null;
  let found: { name: string; far: number } | null = null;
  const most = typed.length < 6 ? 1 : 2;
  for (const name of known) {
    if (Math.abs(name.plain.length - typed.length) > most) continue;
    const far = distance(typed, name.plain);
    if (far <= most && (found === null || far < found.far)) found = { name: name.name, far };
  }
  return found?.name ?? null;
}

const within = (some: readonly string[], all: readonly string[]) => some.length > 0 && some.every((word) => all.includes(word));

const wordsOf = (text: string) =>
  text
    .normalize("NFKD")
    .toLowerCase()
    .split(/[^\p{L}\p{N}\p{M}]+/u)
    .map(plain)
    .filter(Boolean);

function plain(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}
