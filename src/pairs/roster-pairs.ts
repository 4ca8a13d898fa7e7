/** Adding, changing and retiring pairs, and the budgets of countries. */

import { act } from "../kernel/act.ts";
import type { Country } from "./country.ts";
import { type Change, pairOf, programOf } from "./directory.ts";
import { refuseIdle, refuseIfIdled, refuseIfPriority } from "./guard.ts";
import { born } from "./many.ts";
import { changePair, type Pair } from "./pair.ts";
import type { Roster, RosterGround } from "./roster.ts";
import type { NewSessionFor } from "./roster-sessions.ts";
import { checkVersion } from "./roster-version.ts";

export function pairActs(
  { directory, clock }: RosterGround,
  newSessionFor: NewSessionFor,
): Pick<Roster, "addPair" | "changePair" | "setPriority" | "retirePair" | "changeCountry"> {
  return {
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
  };
}
