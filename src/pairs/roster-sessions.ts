/** Adding, renaming and deleting sessions; each has a name and a program's pairs to itself. */

import { type Actor, act } from "../kernel/act.ts";
import { conflict, invalid } from "../kernel/errors.ts";
import { timeId } from "../kernel/id.ts";
import { type Change, pairOf, programOf, sessionOf } from "./directory.ts";
import { priorityPairs, refuseIfPriority } from "./guard.ts";
import type { Pair } from "./pair.ts";
import type { Program } from "./program.ts";
import type { Roster, RosterGround, RunsAs } from "./roster.ts";
import { defaultSessionName, type Session } from "./session.ts";
import { takesOnePair } from "./template.ts";

export type NewSessionFor = (program: Program, pairs: readonly Pair[], name: string | undefined, actor: Actor) => Session;

type SessionActs = Pick<Roster, "addSession" | "retireSession" | "releaseSession" | "renameSession">;

export function sessionActs({ directory, clock, node }: RosterGround, runsAs: RunsAs): SessionActs & { newSessionFor: NewSessionFor } {
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

  async function leave(session: Session, verb: "session.retire" | "session.release", actor: Actor): Promise<void> {
    const now = clock.now();
    const left = act(actor, now, verb, `session:${session.id}`, { detail: { name: session.name } });
    await directory.commit([{ kind: "session", value: { ...session, retiredAt: now, retiredBy: actor.name } }], [left]);
  }

  return {
    newSessionFor,

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
  };
}

const MOST_FORMER_NAMES = 20;
