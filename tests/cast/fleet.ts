/** A fleet of one's own over real screens and a real store; `again` is the next Signalbox after this one was killed. */

import { afterAll } from "bun:test";
import { systemClock } from "../../src/adapters/linux/libc.ts";
import type { ScreenOptions } from "../../src/adapters/screen/terminals.ts";
import { sqliteDocuments } from "../../src/adapters/sqlite/documents.ts";
import { sqliteRuns } from "../../src/adapters/sqlite/runs.ts";
import type { SessionStatus } from "../../src/fleet/fleet.ts";
import { type FleetOptions, type OpenFleet, openFleet } from "../../src/fleet/open-fleet.ts";
import type { Terminals } from "../../src/fleet/terminals.ts";
import { quiet } from "../../src/kernel/log.ts";
import { type DesiredDoor, openDesiredDoor } from "../../src/pairs/desired.ts";
import { type Directory, openDirectory } from "../../src/pairs/directory.ts";
import type { Documents } from "../../src/pairs/documents.ts";
import type { ProgramInput } from "../../src/pairs/input.ts";
import { newPair } from "../../src/pairs/input.ts";
import { openRoster, type Roster } from "../../src/pairs/roster.ts";
import type { Session } from "../../src/pairs/session.ts";
import type { Vault } from "../../src/pairs/vault.ts";
import { anna, sleeper } from "./people.ts";
import { ownScreens } from "./screens.ts";
import { ownStore } from "./store.ts";
import { until } from "./until.ts";

export async function ownFleet(name: string, more: { screen?: Partial<ScreenOptions>; fleet?: Partial<FleetOptions>; vault?: Vault } = {}) {
  const clock = systemClock();
  const screens = ownScreens(name);
  const store = await ownStore(name);
  const documents: Documents = sqliteDocuments(store);
  const history = sqliteRuns(store);
  let closed = false;

  const stage = {
    clock,
    screens,
    store,
    documents,
    history,
    directory: undefined as unknown as Directory,
    roster: undefined as unknown as Roster,
    desired: undefined as unknown as DesiredDoor,
    terminals: undefined as unknown as Terminals,
    fleet: undefined as unknown as OpenFleet,

    async open(): Promise<void> {
      stage.directory = await openDirectory(documents);
      stage.roster = openRoster(stage.directory, clock, "here", more.vault);
      stage.desired = openDesiredDoor(stage.directory, clock);
      stage.terminals = screens.open(more.screen);
      const { directory, desired, roster, terminals } = stage;
      const discovery = screens.discovery();
      const writeActs: FleetOptions["writeActs"] = (acts) => documents.commit([], acts);
      stage.fleet = await openFleet({
        directory,
        desired,
        roster,
        terminals,
        discovery,
        history,
        clock,
        log: quiet,
        writeActs,
        ...more.fleet,
      });
      stage.fleet.start();
      closed = false;
    },

    async close(): Promise<void> {
      if (closed) return;
      closed = true;
      await stage.fleet.stop();
      stage.terminals.close();
    },

    /** A program and a session of it for each pair, wanted up. */
    async add(input: Partial<Record<keyof ProgramInput, unknown>> & { name: string }, ...pairs: string[]): Promise<Session[]> {
      await stage.roster.addProgram(sleeper(input.name, { folder: screens.folder, ...input }), anna);
      const sessions: Session[] = [];
      for (const id of pairs) {
        if (!stage.directory.pair(id)) await stage.roster.addPair(newPair.parse({ country: id.slice(0, 2), operator: id.slice(3) }), anna);
        sessions.push(await stage.roster.addSession({ program: input.name, pairs: [id] }, anna));
      }
      return sessions;
    },

    status(session: Session): SessionStatus | undefined {
      return stage.fleet.status(session.id);
    },

    /** Waits until a session is seen in a state, and gives its status. */
    seen(session: Session, state: SessionStatus["state"], withinMs?: number): Promise<SessionStatus> {
      const look = () => {
        const status = stage.fleet.status(session.id);
        return status?.state === state ? status : null;
      };
      return until(`${session.name} is ${state} (is ${stage.fleet.status(session.id)?.state})`, look, withinMs);
    },
  };
  await stage.open();
  afterAll(() => stage.close());
  return stage;
}
