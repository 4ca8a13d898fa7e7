/** What the pages show of a session, from what the features know. Pure reading. */

import type { Lever, PermitProps, SessionProps } from "../../views/sessions/props.ts";
import { texts } from "../../views/texts.ts";
import type { Fleet, SessionStatus } from "../fleet/fleet.ts";
import { LAMPS, type LampState, type SessionState } from "../fleet/states.ts";
import { matches } from "../kernel/words.ts";
import type { Directory } from "../pairs/directory.ts";
import { priorityPairs } from "../pairs/guard.ts";
import type { Session } from "../pairs/session.ts";
import type { Counters } from "../results/numbers.ts";
import { lampFor, PROBLEM_RANK, rateTone } from "./board-model.ts";
import type { PageServices } from "./page.tsx";

export interface SessionSources {
  directory: Directory;
  fleet: Pick<Fleet, "status">;
  counters: Counters;
}

const ALIVE: ReadonlySet<SessionState> = new Set(["starting", "running", "silent", "frozen", "orphan", "duplicate"]);
/** Wanted up, but waiting or given up: a start means "try now". */
const RETRIES: ReadonlySet<SessionState> = new Set(["backoff", "crashed", "interrupted", "lost"]);

export function sessionModel(session: Session, sources: SessionSources): SessionProps {
  const { directory, fleet, counters } = sources;
  const status = fleet.status(session.id);
  const numbers = counters.session(session.id);
  const guarded = priorityPairs(directory, session)[0]?.id ?? null;
  const lamp = lampFor(session, status);
  return {
    id: session.id,
    name: session.name,
    program: session.program,
    pairs: session.pairs.map((id) => ({ id, priority: directory.pair(id)?.priority === true })),
    lamp,
    trouble: troubleOf(lamp.state),
    why: status?.why ?? texts.session.unseen,
    wanted: session.desired.state,
    wantedBy: session.desired.by,
    wantedReason: session.desired.reason,
    wantedAt: session.desired.at,
    wantedUntil: session.desired.until,
    startedAt: status?.startedAt ?? null,
    pid: status?.pid ?? null,
    screenPid: status?.screenPid ?? null,
    cpu: status?.cpu ?? null,
    memoryBytes: status?.memoryBytes ?? null,
    restarts: status?.restarts ?? 0,
    runsAs: status?.runsAs ?? null,
    adopted: status?.adopted ?? false,
    restartPending: status?.restartPending ?? false,
    codeChanged: status?.codeChanged ?? null,
    exit: status?.exit ?? null,
    nextTryAt: status?.nextTryAt ?? null,
    killAt: status?.killAt ?? null,
    lastLines: status?.lastLines ?? [],
    total: numbers.total,
    rate: numbers.rate,
    tone: rateTone(numbers.rate, directory.pair(session.pairs[0] ?? "")?.threshold ?? null),
    levers: levers(session, status, guarded),
    thaws: status?.state === "frozen",
    surrenders: status?.state === "backoff" && guarded === null,
    retries: retries(session, status),
  };
}

/** What it asked permits for, beside its results. */
export function permitsOf({ id }: Session, { asked }: Pick<PageServices, "asked">): PermitProps {
  return { ...asked.of(id), since: asked.since };
}

export function retries(session: Session, status: SessionStatus | undefined): boolean {
  return session.desired.state === "up" && status !== undefined && RETRIES.has(status.state);
}

function levers(session: Session, status: SessionStatus | undefined, guarded: string | null): SessionProps["levers"] {
  const up = session.desired.state === "up";
  const alive = status !== undefined && ALIVE.has(status.state);
  const protect: Lever | null = guarded === null ? null : { ready: false, why: texts.session.protected(guarded) };
  return {
    start: !up || retries(session, status) ? { ready: true } : { ready: false, why: texts.session.alreadyUp },
    stop: protect ?? (up || alive ? { ready: true } : { ready: false, why: texts.session.alreadyDown }),
    restart: up && alive ? { ready: true } : { ready: false, why: texts.session.notAlive },
    retire: protect ?? { ready: true },
  };
}

/** Rank of what somebody should look at; all that goes as it should is alike. */
function troubleOf(state: LampState): number {
  const { rank } = LAMPS[state];
  return rank >= PROBLEM_RANK ? rank : 0;
}

/** Trouble first, then by name. lines.js keeps this order as states change. */
export function allSessions(sources: SessionSources): SessionProps[] {
  const all = sources.directory.sessions().map((session) => sessionModel(session, sources));
  return all.sort((a, b) => b.trouble - a.trouble || (a.name < b.name ? -1 : 1));
}

/** By name, program, pair or the word of its state. */
export function sessionMatches(query: string, session: SessionProps): boolean {
  return (
    query === "" ||
    matches(
      query,
      `${session.name} ${session.program} ${session.pairs.map((pair) => pair.id).join(" ")} ${session.lamp.word} ${session.wanted}`,
    )
  );
}
