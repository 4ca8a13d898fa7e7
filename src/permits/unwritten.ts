/**
 * What was found out about permits and is not on disk yet. Nobody waits for it, and what ends us before finds it again in the journal: so it
 * goes along with the next permit, in one transaction, or alone a quarter of a second later. A failed one is kept and tried again, so that
 * the mark never runs ahead of the reports.
 */

import { messageOf } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { After } from "./deadlines.ts";
import type { Grants, Settlement } from "./grants.ts";
import type { Limiter } from "./limiter.ts";

const GATHER_MS = 250;
const RETRY_MS = 500;
/** As much is worth a transaction at once: one that is too long makes permits wait. */
const ENOUGH = 100;

type Findings = Omit<Settlement, "limits">;

export interface Unwritten {
  /** What the next transaction holds so far: add to it, then `writeSoon`. */
  next(): Findings;
  /** Results were settled up to this one; it never goes back. */
  moveMark(seq: number): void;
  /** A little later, when there is something to write. */
  writeSoon(): void;
  /** With what is written in this turn: a slot that a report freed early is not given out again before that report is on disk. */
  writeAlong(): void;
  /** Resolves when what is there now is on disk or was tried. */
  flush(): Promise<void>;
}

export interface UnwrittenOptions {
  grants: Pick<Grants, "settle">;
  log: Log;
  after: After;
  /** Limits in force that are not on disk go with the first uncontrolled send under them. */
  limiter: Pick<Limiter, "unnoted" | "giveBack">;
}

export function openUnwritten({ grants, log, after, limiter }: UnwrittenOptions): Unwritten {
  let next = nothing();
  let writing: Promise<void> | null = null;
  let disarm: (() => void) | null = null;
  let failed = false;

  function isNothing(): boolean {
    return next.mark === null && next.abandoned.length === 0;
  }

  function writeSoon(): void {
    if (isNothing() || writing) return;
    if (!failed && next.reports.length + next.uncontrolled.length >= ENOUGH) begin();
    else disarm ??= after(failed ? RETRY_MS : GATHER_MS, begin);
  }

  function begin(): void {
    if (writing) return;
    disarm?.();
    disarm = null;
    writing = Promise.resolve().then(write);
  }

  async function write(): Promise<void> {
    const batch = { ...next, limits: next.uncontrolled.length > 0 ? limiter.unnoted() : [] };
    next = nothing();
    try {
      await grants.settle(batch);
      failed = false;
    } catch (error) {
      // Said when it begins, not with each permit of a full disk.
      if (!failed)
        log.error("permits: settling failed, tried again until it is on disk", { error: messageOf(error), reports: batch.reports.length });
      next = merge(batch, next);
      limiter.giveBack(batch.limits);
      failed = true;
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
    writeAlong() {
      if (!isNothing()) begin();
    },
    async flush() {
      await writing;
      if (!isNothing()) begin();
      await writing;
    },
  };
}

function nothing(): Findings {
  return { reports: [], abandoned: [], uncontrolled: [], mark: null };
}

function merge(first: Findings, second: Findings): Findings {
  return {
    reports: [...first.reports, ...second.reports],
    abandoned: [...first.abandoned, ...second.abandoned],
    uncontrolled: [...first.uncontrolled, ...second.uncontrolled],
    mark: second.mark ?? first.mark,
  };
}
