/** Who wants it so, until when and why: "by anna until 2026-01-05 14:30: gateway maintenance". */

import { exact } from "../format.ts";
import { texts } from "../texts.ts";
import type { SessionProps } from "./props.ts";

export function wishWords({ wantedBy, wantedUntil, wantedReason }: SessionProps): string {
  return texts.session.wantedBy(wantedBy, wantedUntil === null ? null : exact(wantedUntil), wantedReason);
}
