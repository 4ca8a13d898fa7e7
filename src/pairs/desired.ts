/** The one door for wanted state: nothing else changes what a session is asked to be. */

import { type Act, type Actor, act } from "../kernel/act.ts";
import type { Clock } from "../kernel/clock.ts";
import { type Directory, sessionOf } from "./directory.ts";
import { priorityPairs, refuseIfPriority } from "./guard.ts";
import type { Desired, Session } from "./session.ts";

export interface Wish {
  state: "up" | "down";
  reason?: string | null;
  until?: number | null;
}

export interface DesiredDoor {
  /** Idempotent: asking for what is already asked changes nothing and writes no act. Throws `not_found`, 409 `high_priority`. */
  set(session: string, wish: Wish, actor: Actor): Promise<Session>;
  /** No retry shall follow this run; the wish stays up. Throws `not_found`, 409 `high_priority`. */
  surrender(session: string, run: string, actor: Actor, reason?: string | null): Promise<void>;
}

export function openDesiredDoor(directory: Directory, clock: Clock): DesiredDoor {
  return {
    async set(idOrName, wish, actor) {
      const session = sessionOf(directory, idOrName);
      if (wish.state === "down") refuseIfPriority(priorityPairs(directory, session), "cannot be stopped");
      const until = wish.until ?? null;
      if (session.desired.state === wish.state && session.desired.until === until) return session;
      const { value, written } = wished(session, wish, actor, clock.now());
      await directory.commit([{ kind: "session", value }], [written]);
      return sessionOf(directory, session.id);
    },

    async surrender(idOrName, run, actor, reason) {
      const session = sessionOf(directory, idOrName);
      refuseIfPriority(priorityPairs(directory, session), "cannot be given up");
      const now = clock.now();
      await directory.commit(
        [{ kind: "session", value: { ...session, surrender: { run, by: actor.name, at: now } } }],
        [act(actor, now, "session.surrender", `session:${session.id}`, { reason, detail: { name: session.name, run } })],
      );
    },
  };
}

function wished(session: Session, wish: Wish, actor: Actor, now: number): { value: Session; written: Act } {
  const desired: Desired = { state: wish.state, by: actor.name, reason: wish.reason ?? null, at: now, until: wish.until ?? null };
  const verb = wish.state === "up" ? "session.start" : "session.stop";
  return {
    value: { ...session, desired },
    written: act(actor, now, verb, `session:${session.id}`, { reason: wish.reason, detail: { name: session.name, until: desired.until } }),
  };
}
