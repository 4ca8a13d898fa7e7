/** Whose token still counts. */

import type { OpenFleet } from "../fleet/open-fleet.ts";
import type { Directory } from "../pairs/directory.ts";

const RUN_GRACE_MS = 600_000;

/** A run's token counts while it is the session's newest run, and ten minutes after its end. Run ids are in order of birth. */
export function isRunKnown(fleet: OpenFleet, directory: Directory, run: string, sessionId: string, now: number): boolean {
  const session = directory.session(sessionId);
  if (!session) return false;
  const status = fleet.status(sessionId);
  if (!status?.run || run > status.run) return true;
  return run === status.run && (status.exit === null || now - status.exit.at < RUN_GRACE_MS);
}
