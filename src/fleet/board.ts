/** The statuses as they were told last, and word of those that a reader would see changed. */

import type { Configured } from "./configured.ts";
import type { SessionStatus } from "./fleet.ts";
import type { Verdict, View } from "./judge.ts";
import { differs, statusOf } from "./status.ts";
import type { Tracks } from "./tracks.ts";

export interface Board {
  statuses: ReadonlyMap<string, SessionStatus>;
  /** The whole fleet as it is judged now: what is not among them has left. */
  show(judged: readonly Judged[], now: number): void;
}

export interface Judged {
  configured: Configured;
  view: View;
  verdict: Verdict;
}

export interface BoardOptions {
  tracks: Tracks;
  /** What changed in the code that a session's run began with. */
  codeChanged: (view: View, configured: Configured) => string | null;
  onChanged: (sessions: readonly string[]) => void;
}

export function openBoard({ tracks, codeChanged, onChanged }: BoardOptions): Board {
  const statuses = new Map<string, SessionStatus>();
  return {
    statuses,
    show(judged, now) {
      const changed: string[] = [];
      const gone = new Set(statuses.keys());
      for (const { configured, view, verdict } of judged) {
        const { session } = view;
        gone.delete(session);
        const { load, lines } = tracks.of(session);
        const status = statusOf(view, verdict, {
          load,
          lastLines: lines?.lines ?? [],
          definition: configured.definition,
          codeChanged: codeChanged(view, configured),
          now,
        });
        if (!differs(statuses.get(session), status)) continue;
        statuses.set(session, status);
        changed.push(session);
      }
      for (const session of gone) statuses.delete(session);
      changed.push(...gone);
      if (changed.length > 0) onChanged(changed);
    },
  };
}
