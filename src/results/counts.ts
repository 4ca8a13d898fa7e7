/** What a counts report adds: as it stands, or the difference to the last one when it is cumulative. Pure. */

import type { CountsItem } from "./journal.ts";

/** The last cumulative report of a (program, session, pair), as far as it was counted. */
export interface LastCounts {
  at: number;
  sent: number;
  delivered: number;
  failed: number;
  errors: Record<string, number>;
}

export interface Addition {
  delivered: number;
  /** Failures by error code; `null` for those without one. */
  failed: { code: string | null; n: number }[];
  /** To be kept for the next difference. */
  next: LastCounts;
}

export function addition(item: CountsItem, last: LastCounts | null): Addition {
  const whole = { delivered: item.delivered, failed: byCode(item.failed, item.errors), next: lastOf(item) };
  if (!item.cumulative || last === null) return whole;
  // An older report that comes late lies within what the newer one said.
  if (item.at < last.at) return { delivered: 0, failed: [], next: last };
  // A count that shrank began anew: all of it is new.
  if (item.sent < last.sent) return whole;
  const sent = item.sent - last.sent;
  // A success rate that fell may take back deliveries counted before; numbers never go down, the next report makes up for it.
  const delivered = Math.min(sent, Math.max(0, item.delivered - last.delivered));
  const failed = sent - delivered;
  const errors: Record<string, number> = {};
  for (const [code, n] of Object.entries(item.errors)) errors[code] = Math.max(0, n - (last.errors[code] ?? 0));
  return {
    delivered,
    failed: byCode(failed, errors),
    next: { at: item.at, sent: item.sent, delivered: last.delivered + delivered, failed: last.failed + failed, errors: item.errors },
  };
}

function lastOf({ at, sent, delivered, failed, errors }: CountsItem): LastCounts {
  return { at, sent, delivered, failed, errors };
}

/** Splits failures by their codes, most frequent first; codes beyond the number of failures (retries) are left out. */
function byCode(failed: number, errors: Record<string, number>): Addition["failed"] {
  const parts: Addition["failed"] = [];
  let rest = failed;
  for (const [code, n] of Object.entries(errors).sort((a, b) => b[1] - a[1])) {
    const part = Math.min(rest, n);
    if (part > 0) parts.push({ code, n: part });
    rest -= part;
  }
  if (rest > 0) parts.push({ code: null, n: rest });
  return parts;
}
