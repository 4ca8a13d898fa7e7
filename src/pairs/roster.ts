/** Adding, changing and retiring countries, pairs, programs and sessions. Every change is guarded, versioned and carries its act. */

import type { Actor } from "../kernel/act.ts";
import type { Clock } from "../kernel/clock.ts";
import type { InTurn } from "../kernel/in-turn.ts";
import type { Country } from "./country.ts";
import type { Directory } from "./directory.ts";
import type { NewPair, NewSession, PairChange, ProgramInput } from "./input.ts";
import type { Pair } from "./pair.ts";
import type { Program } from "./program.ts";
import { pairActs } from "./roster-pairs.ts";
import { programActs } from "./roster-programs.ts";
import { sessionActs } from "./roster-sessions.ts";
import type { Session } from "./session.ts";
import { noVault, type Vault } from "./vault.ts";

export interface Roster {
  /** With `programs`, a session of each is created for the pair and wanted up. */
  addPair(input: NewPair, actor: Actor, programs?: readonly string[]): Promise<Pair>;
  /** `version` (If-Match) refuses with 409 `changed` when somebody was quicker. */
  changePair(id: string, change: PairChange, actor: Actor, version?: number): Promise<Pair>;
  setPriority(id: string, priority: boolean, actor: Actor, reason?: string): Promise<Pair>;
  /** Ends its traffic, stops sessions that serve nothing else, keeps its numbers. */
  retirePair(id: string, actor: Actor, reason?: string): Promise<void>;
  changeCountry(code: string, change: { limit?: number; window_seconds?: number }, actor: Actor, version?: number): Promise<Country>;
  addProgram(input: ProgramInput, actor: Actor): Promise<Program>;
  changeProgram(name: string, input: ProgramInput, actor: Actor, version?: number): Promise<Program>;
  retireProgram(name: string, actor: Actor): Promise<void>;
  addSession(input: NewSession, actor: Actor, birth?: Birth): Promise<Session>;
  retireSession(idOrName: string, actor: Actor): Promise<void>;
  /** It leaves like a retired one, but what it ran goes on without it: no stop, so high priority does not refuse it. */
  releaseSession(idOrName: string, actor: Actor): Promise<void>;
  /** Another label for the same session: id, wish, history and numbers stay. Throws `conflict` with reason `exists` when the name is in use. */
  renameSession(idOrName: string, name: string, actor: Actor): Promise<Session>;
}

/** The name under which a session's living run was started; null: none lives, or nobody can tell. */
export type RunsAs = (session: string) => string | null;

/** A session that does not begin with a start. */
export interface Birth {
  verb: "session.adopt";
  reason: string;
  /** Called when everything is checked, right before the session is written down; what it returns undoes it when that fails. */
  begin: (session: Session) => () => void;
}

export interface RosterGround {
  directory: Directory;
  clock: Clock;
  /** Where sessions that are added run. */
  node: string;
}

/** Without a vault programs can have no secrets. */
export function openRoster(directory: Directory, clock: Clock, node: string, vault: Vault = noVault, runsAs: RunsAs = () => null): Roster {
  const ground: RosterGround = { directory, clock, node };
  const { newSessionFor, ...sessions } = sessionActs(ground, runsAs);
  return oneAtATime(directory.inTurn, { ...pairActs(ground, newSessionFor), ...programActs(ground, vault), ...sessions });
}

/**
 * What one looks at stays so until its change is stored: a country that gets limit 0 in the instant in which a pair of it is given high
 * priority would else leave such a pair without a way to send.
 */
function oneAtATime(inTurn: InTurn, roster: Roster): Roster {
  const turned = Object.entries(roster).map(([name, act]: [string, (...given: unknown[]) => Promise<unknown>]) => [
    name,
    (...given: unknown[]) => inTurn(() => act(...given)),
  ]);
  return Object.fromEntries(turned) as Roster;
}
