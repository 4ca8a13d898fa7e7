/**
 * Calls on their way to a Worker. What is asked for in one turn leaves as one message, and so shares one commit. A patient call waits a
 * moment for company: a fleet reports every now and then, and each commit of its own costs a wake, a sync and twice as much of the
 * processor as what it writes. Where many ask, or one asks again and again, nobody waits.
 */

import type { Call } from "./protocol.ts";

export interface OutgoingOptions {
  send(calls: Call[]): void;
  /** Monotonic ms. */
  now(): number;
  /** Runs it after so many ms unless disarmed. */
  after(ms: number, run: () => void): () => void;
}

export interface Outgoing {
  push(call: Call, isPatient: boolean): void;
  /** The Worker answered: whoever asks right now goes on asking. */
  answered(): void;
  /** What waits leaves now. */
  flush(): void;
}

/** A patient call waits no longer than this. */
export const PATIENCE_MS = 15;
/** So many are company enough. */
const ENOUGH = 8;
/** Who asks so soon after an answer would wait each time. */
const AGAIN_MS = 3;

export function openOutgoing({ send, now, after }: OutgoingOptions): Outgoing {
  let calls: Call[] = [];
  let isLeaving = false;
  let disarm: (() => void) | null = null;
  let answeredAt = Number.NEGATIVE_INFINITY;

  function flush(): void {
    disarm?.();
    disarm = null;
    isLeaving = false;
    if (calls.length === 0) return;
    const leaving = calls;
    calls = [];
    send(leaving);
  }

  return {
    push(call, isPatient) {
      calls.push(call);
      if (isLeaving) return;
      if (isPatient && calls.length < ENOUGH && now() - answeredAt >= AGAIN_MS) {
        disarm ??= after(PATIENCE_MS, flush);
        return;
      }
      isLeaving = true;
      queueMicrotask(flush);
    },
    answered() {
      answeredAt = now();
    },
    flush,
  };
}
