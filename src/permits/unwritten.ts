/**
 * What was found out about permits and is not on disk yet. Everything of one turn is written in one transaction; a failed one is kept and
 * tried again, so that the mark never runs ahead of the reports.
 */

import { messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { After } from "./deadlines.ts";
import type { Grants, LimitNote, Settlement } from "./grants.ts";

const RETRY_MS = 1_000;

export interface Unwritten {
  /** What the next transaction holds so far: add to it, then `writeSoon`. */
  next(): Settlement;
  /** Results were settled up to this one; it never goes back. */
  moveMark(seq: number): void;
  /** At the end of this turn, when there is something to write. */
  writeSoon(): void;
  /** Resolves when the one under way is on disk or was tried; null: none is. */
  writing(): Promise<void> | null;
}

export interface UnwrittenOptions {
  grants: Pick<Grants, "settle">;
  log: Log;
  after: After;
  /** Limits in force that are not on disk: they go with the first uncontrolled send under them. */
  unnoted: () => LimitNote[];
}

export function openUnwritten({ grants, log, after, unnoted }: UnwrittenOptions): Unwritten {
  let next = nothing();
  let writing: Promise<void> | null = null;

  function writeSoon(): void {
    if (next.mark !== null || next.abandoned.length > 0) writing ??= Promise.resolve().then(write);
  }

  async function write(): Promise<void> {
    const batch = next;
    next = nothing();
    if (batch.uncontrolled.length > 0) batch.limits.push(...unnoted());
    try {
      await grants.settle(batch);
    } catch (error) {
      log.error(`permits: settling failed, next try in ${RETRY_MS} ms`, { error: messageOf(error), reports: batch.reports.length });
      next = merge(batch, next);
      after(RETRY_MS, writeSoon);
      writing = null;
      return;
    }
    writing = null;
    writeSoon();
  }

  return {
    next: () => next,
    moveMark(seq) {
      next.mark = Math.max(next.mark ?? 0, seq);
    },
    writeSoon,
    writing: () => writing,
  };
}

function nothing(): Settlement {
  return { reports: [], abandoned: [], uncontrolled: [], mark: null, limits: [] };
}

function merge(first: Settlement, second: Settlement): Settlement {
  return {
    reports: [...first.reports, ...second.reports],
    abandoned: [...first.abandoned, ...second.abandoned],
    uncontrolled: [...first.uncontrolled, ...second.uncontrolled],
    mark: second.mark ?? first.mark,
    limits: [...first.limits, ...second.limits],
  };
}
