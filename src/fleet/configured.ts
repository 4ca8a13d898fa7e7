/** What configuration says of each session, computed when it changes and not with every look. */

import type { Directory } from "../pairs/directory.ts";
import { priorityPairs } from "../pairs/guard.ts";
import type { Pair } from "../pairs/pair.ts";
import type { Program } from "../pairs/program.ts";
import type { Session } from "../pairs/session.ts";
import { definitionOf } from "./order.ts";
import type { Tracks } from "./tracks.ts";
import { type Wanted, wantedOf } from "./wanted.ts";

export interface Configured {
  session: Session;
  program: Program | undefined;
  pairs: Pair[];
  country: string;
  priorityPairs: string[];
  wanted: Wanted;
  definition: string;
}

export interface Configuration {
  /** Sessions that are not retired, and retired ones that have processes left. */
  all(): readonly Configured[];
  of(session: string): Configured | undefined;
  forget(): void;
  /** A run of the session has ended: if it is retired, it leaves the list. */
  ended(session: string): void;
}

export function openConfiguration(directory: Directory, tracks: Tracks): Configuration {
  let known: Map<string, Configured> | null = null;
  let list: Configured[] = [];

  function read(): Map<string, Configured> {
    if (known) return known;
    const leaving = [...tracks].flatMap(([id, track]) => {
      const session = directory.session(id);
      return session && session.retiredAt !== null && (track.run || track.opening || track.leftover) ? [session] : [];
    });
    known = new Map([...directory.sessions(), ...leaving].map((session) => [session.id, configuredOf(directory, session)]));
    list = [...known.values()];
    return known;
  }

  return {
    all() {
      read();
      return list;
    },
    of: (session) => read().get(session),
    forget() {
      known = null;
    },
    ended(session) {
      if (directory.session(session)?.retiredAt !== null) known = null;
    },
  };
}

export function configuredOf(directory: Directory, session: Session): Configured {
  const program = directory.program(session.program);
  const pairs = session.pairs.flatMap((id) => directory.pair(id) ?? []);
  return {
    session,
    program,
    pairs,
    country: pairs[0]?.country ?? "",
    priorityPairs: priorityPairs(directory, session).map((pair) => pair.id),
    wanted: wantedOf(session, program, pairs),
    definition: program ? definitionOf(session, program) : "",
  };
}
