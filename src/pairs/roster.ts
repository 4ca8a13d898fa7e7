/** Adding, changing and retiring countries, pairs, programs and sessions. Every change is guarded, versioned and carries its act. */

import { type Actor, act } from "../kernel/act.ts";
import type { Clock } from "../kernel/clock.ts";
import { AppError, conflict, invalid } from "../kernel/errors.ts";
import { timeId } from "../kernel/id.ts";
import type { InTurn } from "../kernel/in-turn.ts";
import type { Country } from "./country.ts";
import { type Change, type Directory, pairOf, programOf, sessionOf } from "./directory.ts";
import { priorityPairs, refuseIdle, refuseIfIdled, refuseIfPriority } from "./guard.ts";
import type { NewPair, NewSession, PairChange, ProgramInput } from "./input.ts";
import { born } from "./many.ts";
import { changePair, type Pair } from "./pair.ts";
import { type Program, programFrom } from "./program.ts";
import { defaultSessionName, type Session } from "./session.ts";
import { takesOnePair } from "./template.ts";
import { noVault, sealSecrets, type Vault } from "./vault.ts";

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

/** Without a vault programs can have no secrets. */
export function openRoster(directory: Directory, clock: Clock, node: string, vault: Vault = noVault, runsAs: RunsAs = () => null): Roster {
  function newSessionFor(program: Program, pairs: readonly Pair[], name: string | undefined, actor: Actor): Session {
    if (pairs.length > 1 && takesOnePair(program.template))
      throw invalid(`${program.name} takes one pair per session: its command names {country}, {operator} or {pair}`, [
        { field: "pairs", message: "must hold one pair for this program; or use {pairs} in the program's command" },
      ]);
    const label = name ?? defaultSessionName(program.name, pairs[0]!.id);
    refuseTaken(label, null);
    const ids = pairs.map((pair) => pair.id);
    const twin = directory.sessions().find((other) => other.program === program.name && other.pairs.some((id) => ids.includes(id)));
    if (twin) throw conflict(`${twin.name} already runs ${program.name} for ${twin.pairs.join(", ")}`, "exists");
    const now = clock.now();
    return {
      id: timeId("s", now),
      node,
      name: label,
      program: program.name,
      pairs: ids,
      desired: { state: "up", by: actor.name, reason: null, at: now, until: null },
      retiredAt: null,
      version: 0,
      createdAt: now,
    };
  }

  /** A former name is free again once the program that was started under it has ended: until then its reports would be another's. */
  function refuseTaken(name: string, id: string | null): void {
    const holder = directory.session(name);
    if (!holder || holder.id === id) return;
    if (holder.name === name || holder.id === name) throw conflict(`There is already a session ${name}`, "exists");
    if (runsAs(holder.id) === name)
      throw conflict(`${name} is what ${holder.name} was started as, and its program still runs: restart ${holder.name} first`, "exists");
  }

  function secretsOf(input: ProgramInput, before: Readonly<Record<string, string>>): Record<string, string> {
    const secrets = sealSecrets(vault, input.name, before, input.secrets);
    const twice = Object.keys(secrets).find((name) => name in input.environment);
    if (twice !== undefined)
      throw invalid(`${twice} is both a setting and a secret`, [
        { field: "secrets", message: `${twice} is in the environment too; keep one` },
      ]);
    return secrets;
  }

  async function leave(session: Session, verb: "session.retire" | "session.release", actor: Actor): Promise<void> {
    const now = clock.now();
    const left = act(actor, now, verb, `session:${session.id}`, { detail: { name: session.name } });
    await directory.commit([{ kind: "session", value: { ...session, retiredAt: now, retiredBy: actor.name } }], [left]);
  }

  function checkVersion(what: string, found: number, asked: number | undefined): void {
    if (asked !== undefined && asked !== found)
      throw new AppError(
        "conflict",
        `${what} was changed by somebody else (version ${found}, yours ${asked}). Look at it again, then save.`,
        { reason: "changed" },
      );
  }

  return oneAtATime(directory.inTurn, {
    async addPair(input, actor, programs = []) {
      const now = clock.now();
      const pair = born(directory, { kind: "create", input, priority: false }, now);
      const { id } = pair;
      const sessions = [...new Set(programs)].map((name) => newSessionFor(programOf(directory, name), [pair], undefined, actor));
      await directory.commit(
        [{ kind: "pair", value: pair }, ...sessions.map((value): Change => ({ kind: "session", value }))],
        [
          act(actor, now, "pair.create", `pair:${id}`, { detail: { ...input } }),
          ...sessions.map((session) =>
            act(actor, now, "session.create", `session:${session.id}`, { detail: { name: session.name, pairs: session.pairs } }),
          ),
        ],
      );
      return pairOf(directory, id);
    },

    async changePair(id, change, actor, version) {
      const pair = pairOf(directory, id);
      checkVersion(`Pair ${id}`, pair.version, version);
      refuseIfIdled(pair, change);
      const now = clock.now();
      const value = changePair(pair, change, now);
      await directory.commit([{ kind: "pair", value }], [act(actor, now, "pair.update", `pair:${id}`, { detail: { ...change } })]);
      return pairOf(directory, id);
    },

    async setPriority(id, priority, actor, reason) {
      const pair = pairOf(directory, id);
      if (pair.priority === priority) return pair;
      if (priority) refuseIdle(pair, directory.country(pair.country));
      const now = clock.now();
      const value: Pair = { ...pair, priority, updatedAt: now };
      const verb = priority ? "pair.prioritise" : "pair.deprioritise";
      // High priority is wanted up: a session that was down is asked up in the same act, so that wish and promise agree.
      const woken = priority ? directory.sessionsOfPair(id).filter((session) => session.desired.state === "down") : [];
      const desired = { state: "up" as const, by: actor.name, reason: `${id} was given high priority`, at: now, until: null };
      await directory.commit(
        [{ kind: "pair", value }, ...woken.map((session): Change => ({ kind: "session", value: { ...session, desired } }))],
        [
          act(actor, now, verb, `pair:${id}`, { reason }),
          ...woken.map((session) =>
            act(actor, now, "session.start", `session:${session.id}`, { reason: desired.reason, detail: { name: session.name } }),
          ),
        ],
      );
      return pairOf(directory, id);
    },

    async retirePair(id, actor, reason) {
      const pair = pairOf(directory, id);
      refuseIfPriority([pair], "cannot be retired");
      const now = clock.now();
      const value: Pair = { ...pair, active: false, retiredAt: now, updatedAt: now };
      const idle = directory
        .sessionsOfPair(id)
        .filter((session) => session.pairs.every((other) => other === id || directory.pair(other)?.retiredAt != null));
      const ended = idle.map((session): Change => ({ kind: "session", value: { ...session, retiredAt: now, retiredBy: actor.name } }));
      await directory.commit(
        [{ kind: "pair", value }, ...ended],
        [
          act(actor, now, "pair.retire", `pair:${id}`, { reason }),
          ...idle.map((session) =>
            act(actor, now, "session.retire", `session:${session.id}`, { reason: `pair ${id} retired`, detail: { name: session.name } }),
          ),
        ],
      );
    },

    async changeCountry(code, change, actor, version) {
      const country = directory.country(code);
      checkVersion(`Country ${code}`, country.version, version);
      if (change.limit === 0)
        refuseIfPriority(
          directory.pairs().filter((pair) => pair.country === code),
          "its country cannot have limit 0",
        );
      const value: Country = {
        ...country,
        limit: change.limit ?? country.limit,
        windowSeconds: change.window_seconds ?? country.windowSeconds,
      };
      await directory.commit(
        [{ kind: "country", value }],
        [act(actor, clock.now(), "country.update", `country:${code}`, { detail: { ...change } })],
      );
      return directory.country(code);
    },

    async addProgram(input, actor) {
      const before = directory.program(input.name);
      if (before && before.retiredAt === null) throw conflict(`Program ${input.name} exists already`, "exists");
      const now = clock.now();
      const secrets = secretsOf(input, {});
      const value = { ...programFrom(input, now, undefined, secrets), version: before?.version ?? 0 };
      await directory.commit(
        [{ kind: "program", value }],
        [act(actor, now, "program.create", `program:${input.name}`, { detail: told(input) })],
      );
      return programOf(directory, input.name);
    },

    async changeProgram(name, input, actor, version) {
      const program = programOf(directory, name);
      checkVersion(`Program ${name}`, program.version, version);
      if (input.name !== name) throw invalid("A program keeps its name", [{ field: "name", message: `must be ${name}` }]);
      const now = clock.now();
      const value = programFrom(input, now, program, secretsOf(input, program.secrets));
      const crowded =
        takesOnePair(value.template) && directory.sessions().find((session) => session.program === name && session.pairs.length > 1);
      if (crowded)
        throw invalid(`${crowded.name} serves several pairs; this command takes one`, [{ field: "template", message: "must use {pairs}" }]);
      await directory.commit([{ kind: "program", value }], [act(actor, now, "program.update", `program:${name}`, { detail: told(input) })]);
      return programOf(directory, name);
    },

    async retireProgram(name, actor) {
      const program = programOf(directory, name);
      const sessions = directory.sessions().filter((session) => session.program === name);
      refuseIfPriority(
        sessions.flatMap((session) => priorityPairs(directory, session)),
        `its program ${name} cannot be deleted`,
      );
      const now = clock.now();
      const ended = sessions.map((session): Change => ({ kind: "session", value: { ...session, retiredAt: now, retiredBy: actor.name } }));
      await directory.commit(
        [{ kind: "program", value: { ...program, retiredAt: now, updatedAt: now } }, ...ended],
        [
          act(actor, now, "program.retire", `program:${name}`),
          ...sessions.map((session) =>
            act(actor, now, "session.retire", `session:${session.id}`, {
              reason: `program ${name} deleted`,
              detail: { name: session.name },
            }),
          ),
        ],
      );
    },

    async addSession(input, actor, birth) {
      const program = programOf(directory, input.program);
      const pairs = [...new Set(input.pairs)].map((id) => pairOf(directory, id));
      const value = newSessionFor(program, pairs, input.name, actor);
      const created = act(actor, clock.now(), birth?.verb ?? "session.create", `session:${value.id}`, {
        reason: birth?.reason,
        detail: { name: value.name, pairs: value.pairs },
      });
      const undo = birth?.begin(value);
      try {
        await directory.commit([{ kind: "session", value }], [created]);
      } catch (error) {
        undo?.();
        throw error;
      }
      return sessionOf(directory, value.id);
    },

    async retireSession(idOrName, actor) {
      const session = sessionOf(directory, idOrName);
      refuseIfPriority(priorityPairs(directory, session), "its session cannot be deleted");
      await leave(session, "session.retire", actor);
    },

    releaseSession: (idOrName, actor) => leave(sessionOf(directory, idOrName), "session.release", actor),

    async renameSession(idOrName, name, actor) {
      const session = sessionOf(directory, idOrName);
      if (session.name === name) return session;
      refuseTaken(name, session.id);
      const holder = directory.session(name);
      const changes: Change[] = [];
      // After a restart of ours the name must not lead to two.
      if (holder && holder.id !== session.id)
        changes.push({
          kind: "session",
          value: { ...holder, formerNames: (holder.formerNames ?? []).filter((former) => former !== name) },
        });
      const formerNames = [...(session.formerNames ?? []).filter((former) => former !== name), session.name].slice(-MOST_FORMER_NAMES);
      const renamed = act(actor, clock.now(), "session.rename", `session:${session.id}`, { detail: { name, from: session.name } });
      await directory.commit([...changes, { kind: "session", value: { ...session, name, formerNames } }], [renamed]);
      return sessionOf(directory, session.id);
    },
  });
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

const MOST_FORMER_NAMES = 20;

/** What the audit keeps of a program: environment and secrets by names only. */
function told(input: ProgramInput): Record<string, unknown> {
  return { ...input, environment: Object.keys(input.environment), secrets: Object.keys(input.secrets) };
}
