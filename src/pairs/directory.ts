/** Countries, pairs, programs, sessions and gateways as they are configured: read from memory, written through to the documents, told on a topic. */

import type { Act } from "../kernel/act.ts";
import { notFound } from "../kernel/errors.ts";
import { type InTurn, openTurn } from "../kernel/in-turn.ts";
import { openTopic, type Topic } from "../kernel/topic.ts";
import { type Country, defaultCountry } from "./country.ts";
import type { DocumentChange, DocumentKind, Documents } from "./documents.ts";
import type { Gateway } from "./gateway.ts";
import type { Pair } from "./pair.ts";
import { LATER_FIELDS, type Program } from "./program.ts";
import type { Session } from "./session.ts";

interface Kinds {
  country: Country;
  pair: Pair;
  program: Program;
  session: Session;
  gateway: Gateway;
}
type Kind = keyof Kinds;

/** One thing to be stored: its new value carries the version it was read with (0 when new). `gone` removes it instead. */
export type Change = { [K in Kind]: { kind: K; value: Kinds[K]; gone?: boolean } }[Kind];

/** What changed: kinds and ids, for whoever follows. */
export type Changed = readonly { kind: Kind; id: string }[];

export interface Directory {
  /** Every country that has a pair or a setting of its own. */
  countries(): Country[];
  /** The country as configured, or with the default budget. */
  country(code: string): Country;
  /** Pairs that are not retired, by country and name. */
  pairs(): Pair[];
  /** By id; retired ones too. */
  pair(id: string): Pair | undefined;
  gateways(): Gateway[];
  gateway(id: string): Gateway | undefined;
  programs(): Program[];
  program(name: string): Program | undefined;
  /** Sessions that are not retired, by name. */
  sessions(): Session[];
  /** By id or name; by a former name when no session has it now. */
  session(idOrName: string): Session | undefined;
  sessionsOfPair(pairId: string): Session[];
  /**
   * Stores all with their acts or nothing; throws `conflict` when somebody was quicker. Values come back with their new version. `beside`
   * are documents that are nobody's here to read, stored with them.
   */
  commit(changes: readonly Change[], acts: readonly Act[], beside?: readonly DocumentChange[]): Promise<void>;
  /** For what is stored because of what was looked at: nobody else who asks for a turn changes it meanwhile. */
  inTurn: InTurn;
  changed: Topic<Changed>;
}

/** What something stored before these fields were known has. */
const LATER: Partial<Record<DocumentKind, Record<string, unknown>>> = { program: LATER_FIELDS, pair: { gateway: null } };

const KINDS: readonly DocumentKind[] = ["country", "pair", "program", "session", "gateway"];

export async function openDirectory(documents: Documents): Promise<Directory> {
  const maps: { [K in Kind]: Map<string, Kinds[K]> } = {
    country: new Map(),
    pair: new Map(),
    program: new Map(),
    session: new Map(),
    gateway: new Map(),
  };
  const names = new Map<string, string>();
  const formerNames = new Map<string, string>();
  const changed = openTopic<Changed>();
  let sorted: { pairs: Pair[]; sessions: Session[]; byPair: Map<string, Session[]> } | null = null;

  function keep(kind: Kind, id: string, body: Kinds[Kind], version: number): void {
    const value = { ...body, version };
    const before = maps[kind].get(id);
    (maps[kind] as Map<string, Kinds[Kind]>).set(id, value);
    if (kind === "session") {
      const session = value as Session;
      if (before) for (const name of namesOf(before as Session)) forgetName(name, id);
      if (session.retiredAt === null) {
        names.set(session.name, id);
        for (const name of session.formerNames ?? []) formerNames.set(name, id);
      }
    }
    sorted = null;
  }

  function forgetName(name: string, id: string): void {
    for (const map of [names, formerNames]) if (map.get(name) === id) map.delete(name);
  }

  for (const document of await documents.load(KINDS)) {
    const body = { ...LATER[document.kind], ...document.body };
    keep(document.kind as Kind, document.id, body as unknown as Kinds[Kind], document.version);
  }

  function order() {
    if (sorted) return sorted;
    const pairs = [...maps.pair.values()].filter((pair) => pair.retiredAt === null);
    pairs.sort((a, b) => a.country.localeCompare(b.country) || a.operatorName.localeCompare(b.operatorName));
    const sessions = [...maps.session.values()].filter((session) => session.retiredAt === null);
    sessions.sort((a, b) => a.name.localeCompare(b.name));
    const byPair = new Map<string, Session[]>();
    for (const session of sessions) for (const pair of session.pairs) byPair.set(pair, [...(byPair.get(pair) ?? []), session]);
    sorted = { pairs, sessions, byPair };
    return sorted;
  }

  const country = (code: string): Country => maps.country.get(code) ?? defaultCountry(code);

  return {
    changed,
    countries: () => [...new Set([...maps.country.keys(), ...order().pairs.map((pair) => pair.country)])].sort().map(country),
    country,
    pairs: () => order().pairs,
    pair: (id) => maps.pair.get(id),
    gateways: () => [...maps.gateway.values()].sort((a, b) => a.id.localeCompare(b.id)),
    gateway: (id) => maps.gateway.get(id),
    programs: () => [...maps.program.values()].filter((program) => program.retiredAt === null).sort((a, b) => a.name.localeCompare(b.name)),
    program: (name) => maps.program.get(name),
    sessions: () => order().sessions,
    session: (idOrName) => maps.session.get(idOrName) ?? maps.session.get(names.get(idOrName) ?? formerNames.get(idOrName) ?? ""),
    sessionsOfPair: (pairId) => order().byPair.get(pairId) ?? [],
    inTurn: openTurn(),
    async commit(changes, acts, beside = []) {
      const stored: DocumentChange[] = changes.map((change) => {
        const { version, ...body } = change.value;
        return { kind: change.kind, id: idOf(change), expected: version, body: change.gone ? null : body };
      });
      await documents.commit([...stored, ...beside], acts);
      for (const change of changes)
        if (change.gone) maps[change.kind].delete(idOf(change));
        else keep(change.kind, idOf(change), change.value, change.value.version + 1);
      changed.publish(changes.map((change) => ({ kind: change.kind, id: idOf(change) })));
    },
  };
}

const namesOf = (session: Session) => [session.name, ...(session.formerNames ?? [])];

function idOf(change: Change): string {
  switch (change.kind) {
    case "country":
      return change.value.code;
    case "program":
      return change.value.name;
    default:
      return change.value.id;
  }
}

/** The pair, or `not_found`; retired ones are not there. */
export function pairOf(directory: Directory, id: string): Pair {
  const pair = directory.pair(id);
  if (!pair || pair.retiredAt !== null) throw notFound(`Pair ${id}`);
  return pair;
}

export function programOf(directory: Directory, name: string): Program {
  const program = directory.program(name);
  if (!program || program.retiredAt !== null) throw notFound(`Program ${name}`);
  return program;
}

export function sessionOf(directory: Directory, idOrName: string): Session {
  const session = directory.session(idOrName);
  if (!session || session.retiredAt !== null) throw notFound(`Session ${idOrName}`);
  return session;
}
