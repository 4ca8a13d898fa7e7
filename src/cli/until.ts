/** A time in the future as people type it: `30m`, `2h`, `1d`, or RFC 3339. */

import { usage } from "./exit.ts";
import type { Flag } from "./verb.ts";

export const untilFlag: Flag = {
  type: "string",
  short: "u",
  value: "<when>",
  about: "turns round by itself then: 30m, 2h, 1d or 2026-01-31T14:30:00Z",
};

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** RFC 3339. Throws a usage error. */
export function untilTime(text: string, now: number, flag = "--until"): string {
  const span = /^(\d{1,6})([smhd])$/.exec(text);
  const at = span
    ? now + Number(span[1]) * UNIT_MS[span[2]!]!
    : /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(text)
      ? Date.parse(text)
      : Number.NaN;
  if (!(at > now))
    throw usage(`${flag} takes a time to come, like 30m, 2h, 1d or ${new Date(now + 7_200_000).toISOString().slice(0, 19)}Z, not ${text}`);
  return new Date(at).toISOString();
}
