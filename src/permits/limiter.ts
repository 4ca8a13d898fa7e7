/**
 * Port: who may send now. One limiter per country's budget, one atomic `take`.
 *
 * `take` decides at once and fixes the time and the order of the grant; the permit may be given out only after `committed` resolves, when it
 * survives `kill -9`. When `committed` rejects, the slot stays used and nobody gets the permit. Nothing is ever refunded.
 * A limiter shared by several nodes decides where its store is: there `take` answers from what this node knows and `committed` is the word
 * of the store, so callers must treat a rejection as "not granted" and nothing else.
 */

import type { Pair } from "../pairs/pair.ts";
import type { LimitNote, UncontrolledSend } from "./grants.ts";
import type { Grant } from "./permit.ts";
import type { Slot } from "./window.ts";

/** Budgets lie inside each other; all of them must have room. */
export type BudgetName = "country" | "pair" | "gateway" | "house";

/** How full a budget that spans countries is now. */
export interface SharedUse {
  limit: number;
  windowMs: number;
  used: number;
  /** Ms until a slot is free; 0: one is. */
  nextFreeMs: number;
}

/** One of the budgets that a pair lies in. */
export interface BudgetUse extends SharedUse {
  name: BudgetName;
}

/** The budgets that span countries; a gateway without a limit is not among them. */
export interface Shared {
  /** By id. */
  gateways: Record<string, SharedUse>;
  house: SharedUse | null;
}

export interface Sender {
  program: string;
  session: string | null;
}

export interface Taken {
  grant: Grant;
  /** Slots of the country left after this one. */
  remaining: number;
  committed: Promise<void>;
}

export interface Limiter {
  /** A slot of every budget the pair lies in: its country's, its own, its gateway's, the house's; null when one has none. */
  take(pair: Pair, sender: Sender): Taken | null;
  /** Whether the country has a slot at all: asked before anybody looks for who is next. */
  hasRoom(country: string): boolean;
  /** Ms until the pair can take: 0 now, Infinity when only a changed limit brings a slot. */
  nextFreeMs(pair: Pair): number;
  /** The budget the pair must wait for longest; null when all have room. */
  fullest(pair: Pair): BudgetName | null;
  /** What the pair lies in beside its country's budget; nearly always nothing. */
  nested(pair: Pair): readonly BudgetUse[];
  /** Whether some budget spans several countries. */
  isShared(): boolean;
  /** The message of this permit was handed over by then. */
  report(grant: Grant, uptimeMs: number): void;
  addUncontrolled(send: UncontrolledSend): void;
  windowMs(country: string): number;
  /** Without looking at each slot. */
  room(country: string): { limit: number; windowMs: number; used: number };
  budget(country: string): { limit: number; windowMs: number; used: number; nextFreeMs: number; slots: Slot[] };
  shared(): Shared;
  /** Limits that apply and that no store was told of yet; once asked for they are the caller's to store, or to give back. */
  unnoted(): LimitNote[];
  /** They could not be stored: the next permit takes them along. */
  giveBack(notes: readonly LimitNote[]): void;
  /** Limits were changed: read them anew. */
  recheck(): void;
}
