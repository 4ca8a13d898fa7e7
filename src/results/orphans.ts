/** Port: receipts for a gateway's id that no message has. They wait for their message; who waits long is listed. Lives where the journal lives. */

import type { MessageState } from "./message.ts";

export interface Receipt {
  gateway: string;
  gatewayMessageId: string;
  state: MessageState;
  errorCode: string | null;
  part: number | null;
  parts: number | null;
  at: number;
  receivedAt: number;
  /** What came, masked and cut. */
  body: string;
}

export interface Orphan extends Receipt {
  id: number;
}

/** Beyond so many the oldest goes: somebody else's receipts come in. */
export const MOST_ORPHANS = 10_000;

export interface Orphans {
  /** All of them or none; one that waits already (gateway, its id, state, code and part) is `duplicate`. */
  add(receipts: readonly Receipt[]): Promise<("new" | "duplicate")[]>;
  /** Oldest first, with id > `after`. */
  waiting(after: number, limit: number): Promise<Orphan[]>;
  /** Newest first, with id < `before`, of those that arrived before `receivedBefore`. */
  list(before: number | null, receivedBefore: number, limit: number): Promise<Orphan[]>;
  count(): Promise<number>;
  remove(ids: readonly number[]): Promise<void>;
  /** Lets go of those that arrived before. */
  forget(receivedBefore: number): Promise<void>;
}
