/** Strangers that are not there: whatever a test puts into the list; adopted, they leave it. */

import type { Stranger } from "../../src/fleet/stranger.ts";
import type { Strangers } from "../../src/fleet/strangers.ts";
import { conflict } from "../../src/kernel/errors.ts";
import { openTopic } from "../../src/kernel/topic.ts";
import type { Session } from "../../src/pairs/session.ts";

export interface StrangersDouble extends Strangers {
  put(...strangers: Stranger[]): void;
}

export function strangersDouble(): StrangersDouble {
  let list: Stranger[] = [];
  const changed = openTopic<void>();
  const double: StrangersDouble = {
    list: () => list,
    look: async () => {},
    async adopt({ address, program, pairs, name }, actor) {
      const found = list.find((stranger) => stranger.address === address);
      if (!found) throw conflict(`Process ${address} is no stranger any more`, "gone");
      list = list.filter((stranger) => stranger !== found);
      const session: Session = {
        id: `s_${address}`,
        node: "sms-1",
        name: name ?? `${program}_${pairs[0]}`,
        program,
        pairs: [...pairs],
        desired: { state: "up", by: actor.name, reason: null, at: 0, until: null },
        retiredAt: null,
        version: 1,
        createdAt: 0,
      };
      return session;
    },
    async adoptMany(wishes, actor) {
      return Promise.all(
        wishes.map(async (wish) => ({ address: wish.address, adopted: true as const, session: await double.adopt(wish, actor) })),
      );
    },
    release: async () => {},
    changed,
    put(...strangers) {
      list = strangers;
      changed.publish();
    },
  };
  return double;
}

export function strangerOf(more: Partial<Stranger> = {}): Stranger {
  return {
    address: "4243-130095",
    state: "stranger",
    why: "started by hand",
    screenPid: 4242,
    name: "program1 IN vi",
    pid: 4243,
    startedAt: Date.UTC(2026, 0, 5, 11),
    command: "python3 program1.py --country IN --operator vi --token ••••",
    folder: "/opt/sms",
    user: "root",
    variables: ["HOME", "LANG", "PATH", "STY"],
    otherScreen: null,
    guess: { program: null, pairs: [], by: null },
    doubles: null,
    refusal: null,
    ...more,
  };
}
