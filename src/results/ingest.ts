/**
 * Takes results in: each item checked alone, the good ones journalled in one transaction, then counted. What it answers is on disk.
 * Throws what the journal throws (`unavailable`), and then nothing was stored, or it is stored and the repetition will be a duplicate.
 */

import type { Clock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import { lazily } from "../kernel/lazily.ts";
import type { Delta, Item, Journal, Outcome } from "./journal.ts";
import type { Phone } from "./phone.ts";
import type { Place, Refusal } from "./place.ts";
import type { Reading } from "./result.ts";

export const MOST_ITEMS = 1000;
export const MOST_BYTES = 1_000_000;

/** Stands for a line that is no JSON. */
export const NOT_JSON: unique symbol = Symbol("not JSON");

export interface Rejected {
  /** Place of the item in the request, from 0. */
  index: number;
  field: string;
  message: string;
}

export interface Taken {
  accepted: number;
  duplicate: number;
  rejected: Rejected[];
}

export interface Ingest {
  /** `session` is fixed by a run's token, or null: then each item may name its own. */
  accept(program: string, session: string | null, items: readonly unknown[]): Promise<Taken>;
  /** Items of the house itself, checked already: journalled and counted like any others, one outcome each. */
  take(items: readonly Item[]): Promise<Outcome[]>;
}

export interface IngestOptions {
  journal: Journal;
  clock: Clock;
  place(country: string, operator: string): Place | Refusal;
  sessionId(idOrName: string): string;
  phone(number: string): Phone;
  /** Whether an error blames the recipient. */
  excuses: Reading["excuses"];
  /** New deltas, in the order of the journal, with our uptime at the request's arrival. Must not throw. */
  onNew(deltas: readonly Delta[], arrivedUptimeMs: number): void;
  /** An append failed without saying that nothing was stored. */
  onUncertain(): void;
  /** A program told what is left at a gateway. */
  onCredit?: ((program: string, gateway: string | null, credit: number, at: number) => void) | undefined;
}

/** With the first result: a start needs no schemas. */
const reader = lazily(() => import("./result.ts"));

export function openIngest({ journal, clock, place, sessionId, phone, excuses, onNew, onUncertain, onCredit }: IngestOptions): Ingest {
  async function append(items: readonly Item[], now: number) {
    try {
      return await journal.append(items, now);
    } catch (error) {
      // A reason (disk full, read-only) is the store's word that nothing is on disk; silence past the deadline is not.
      if (!(error instanceof AppError && error.code === "unavailable" && error.details.reason)) onUncertain();
      throw error;
    }
  }

  function count(outcomes: readonly Outcome[], arrived: number): void {
    const deltas: Delta[] = [];
    for (const outcome of outcomes) if (outcome.kind === "new") deltas.push(...outcome.deltas);
    if (deltas.length > 0) onNew(deltas, arrived);
  }

  return {
    async take(items) {
      if (items.length === 0) return [];
      const arrived = clock.uptimeMs();
      const outcomes = await append(items, clock.now());
      count(outcomes, arrived);
      return outcomes;
    },
    async accept(program, session, raw) {
      if (raw.length > MOST_ITEMS)
        throw new AppError("too_large", `At most ${MOST_ITEMS} results in one request: send them in smaller parts`);
      const arrived = clock.uptimeMs();
      const now = clock.now();
      const { isRefusal, readResult } = await reader();
      const reading: Reading = {
        program,
        session: session === null ? null : sessionId(session),
        now,
        place,
        sessionId,
        phone,
        excuses,
        ...(onCredit ? { credit: (gateway, credit, at) => onCredit(program, gateway, credit, at) } : {}),
      };
      const taken: Taken = { accepted: 0, duplicate: 0, rejected: [] };
      const items: Item[] = [];
      const indexes: number[] = [];
      for (let index = 0; index < raw.length; index++) {
        const item = raw[index] === NOT_JSON ? { field: "(line)", message: "is not valid JSON" } : readResult(raw[index], reading);
        if (isRefusal(item)) taken.rejected.push({ index, ...item });
        else {
          items.push(item);
          indexes.push(index);
        }
      }
      if (items.length === 0) return taken;

      const outcomes = await append(items, now);
      for (let place = 0; place < outcomes.length; place++) {
        const outcome = outcomes[place]!;
        if (outcome.kind === "duplicate") taken.duplicate++;
        else if (outcome.kind === "rejected")
          taken.rejected.push({ index: indexes[place]!, field: outcome.field, message: outcome.message });
        else taken.accepted++;
      }
      count(outcomes, arrived);
      taken.rejected.sort((a, b) => a.index - b.index);
      return taken;
    },
  };
}
