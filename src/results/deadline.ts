/**
 * Messages whose final never came: 24 h after we heard of their submit they are `unknown`, journalled like any report, so that every number stays a fold
 * of the journal. Walks behind the journal in small steps; a step that is repeated after a kill finds its messages told already.
 */

import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { HOUSEKEEPING_AFTER_MS, type Loop, openLoop } from "../kernel/loop.ts";
import type { Item, MessageItem } from "./journal.ts";

/** Longer than gateways keep trying for most; what comes later still replaces `unknown`. */
export const DEADLINE_MS = 24 * 3_600_000;

/** Port: where messages without a final are found. Lives where the journal lives. */
export interface Deadlines {
  /** Up to which row of the journal they were looked for. */
  mark(): Promise<number>;
  /**
   * Looks at the rows after `after`, at most `limit`, that arrived before `before` (a report is never older than its message): those of their
   * messages that are still submitted or buffered, and how far it got. An arrival in the future (`now`) tells of a clock that was wrong, and does not hold it up.
   */
  due(after: number, before: number, now: number, limit: number): Promise<{ through: number; messages: Due[] }>;
  setMark(seq: number): Promise<void>;
}

export type Due = Pick<MessageItem, "program" | "messageId" | "pair" | "country">;

const AT_ONCE = 500;

export interface DeadlineOptions {
  deadlines: Deadlines;
  take(items: readonly Item[]): Promise<unknown>;
  clock: Clock;
  log: Log;
}

export function openDeadlineLoop({ deadlines, take, clock, log }: DeadlineOptions): Loop {
  let mark: number | null = null;

  async function run(): Promise<void> {
    mark ??= await deadlines.mark();
    for (;;) {
      const now = clock.now();
      const { through, messages } = await deadlines.due(mark, now - DEADLINE_MS, now, AT_ONCE);
      if (through === mark) return;
      // A final that comes in between wins: the lifecycle judges under the writer's lock.
      await take(messages.map((message) => unknownItem(message, now)));
      await deadlines.setMark(through);
      mark = through;
    }
  }

  return openLoop({ name: "results.deadline", everyMs: 60_000, run, firstAfterMs: HOUSEKEEPING_AFTER_MS, log, now: clock.now });
}

function unknownItem(due: Due, at: number): MessageItem {
  return {
    kind: "message",
    ...due,
    session: null,
    state: "unknown",
    at,
    permitId: null,
    errorCode: null,
    gateway: null,
    gatewayMessageId: null,
    phoneHash: null,
    phoneMask: null,
    convertedAt: null,
    note: { by: "signalbox", body: null },
  };
}
