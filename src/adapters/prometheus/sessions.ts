/** What is wanted and seen of each session at the scrape. */

import type { Fleet, SessionStatus } from "../../fleet/fleet.ts";
import type { SessionState } from "../../fleet/states.ts";
import type { Directory } from "../../pairs/directory.ts";
import type { Session } from "../../pairs/session.ts";
import { counter, type Family, gauge, type Labels, type Sample } from "./family.ts";

const LABELS = ["session", "program"];
const UP: ReadonlySet<SessionState> = new Set(["running", "silent", "frozen"]);

export function sessionFamilies(directory: Directory, fleet: Fleet, restartsOf: (session: string) => number, now: () => number): Family[] {
  function each(read: (labels: Labels, session: Session, status: SessionStatus | undefined) => Sample): () => Iterable<Sample> {
    return function* () {
      for (const session of directory.sessions())
        yield read({ session: session.name, program: session.program }, session, fleet.status(session.id));
    };
  }
  return [
    gauge(
      "signalbox_session_state",
      "1 for the state each session is seen in",
      [...LABELS, "state"],
      each((labels, _, status) => (status ? [{ ...labels, state: status.state }, 1] : null)),
    ),
    gauge(
      "signalbox_session_up",
      "Whether the program is seen alive",
      LABELS,
      each((labels, _, status) => [labels, isUp(status) ? 1 : 0]),
    ),
    gauge(
      "signalbox_session_desired_up",
      "Whether the session is wanted up",
      LABELS,
      each((labels, { desired }) => [labels, desired.state === "up" ? 1 : 0]),
    ),
    counter(
      "signalbox_session_restarts_total",
      "Runs that followed an earlier one, since Signalbox started",
      LABELS,
      each((labels, { id }) => [labels, restartsOf(id)]),
    ),
    gauge(
      "signalbox_session_uptime_seconds",
      "Age of the present run",
      LABELS,
      each((labels, _, status) => (isUp(status) && status.startedAt != null ? [labels, (now() - status.startedAt) / 1000] : null)),
    ),
  ];
}

function isUp(status: SessionStatus | undefined): status is SessionStatus {
  return status !== undefined && UP.has(status.state);
}
