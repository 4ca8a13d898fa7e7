/**
 * Takes the gateway's own receipts in, found by the gateway's id. One whose message is not known yet waits: the program that sent may be a
 * moment behind, or away with its spool. After ten minutes it is listed as an orphan, and still finds its message for a week.
 */

import type { Clock } from "../kernel/clock.ts";
import { AppError } from "../kernel/errors.ts";
import { lazily } from "../kernel/lazily.ts";
import type { Log } from "../kernel/log.ts";
import { HOUSEKEEPING_AFTER_MS, type Loop, openLoop } from "../kernel/loop.ts";
import { type Ingest, MOST_ITEMS, NOT_JSON, type Rejected } from "./ingest.ts";
import type { Item, MessageItem } from "./journal.ts";
import type { KnownMessage } from "./known.ts";
import { type Messages, spellings } from "./messages.ts";
import type { Orphan, Orphans, Receipt } from "./orphans.ts";
import type { Reading } from "./result.ts";

export const LISTED_AFTER_MS = 10 * 60_000;
const KEEP_MS = 7 * 24 * 3_600_000;
/** Those that came in the last ten minutes are looked for every 5 s, the others once a minute. */
const EVERY_MS = 5_000;
const ALL_EVERY = 12;
const AT_ONCE = 200;

export interface TakenReceipts {
  accepted: number;
  duplicate: number;
  /** For an id that no message has yet. */
  waiting: number;
  rejected: Rejected[];
}

export interface Receipts {
  accept(gateway: string, raw: readonly unknown[]): Promise<TakenReceipts>;
  /** Those that wait for longer than ten minutes, newest first. */
  listed(before: number | null, limit: number): Promise<Orphan[]>;
  loop: Loop;
}

export interface ReceiptOptions {
  orphans: Orphans;
  messages: Messages;
  take: Ingest["take"];
  excuses: Reading["excuses"];
  clock: Clock;
  log: Log;
}

/** With the first receipt: a start needs no schemas. */
const reader = lazily(() => import("./receipt.ts"));

export function openReceipts({ orphans, messages, take, excuses, clock, log }: ReceiptOptions): Receipts {
  /** How many wait; null: not asked yet. A house without orphans looks for none. */
  let waiting: number | null = null;
  let looks = 0;

  async function ownerOf(receipt: Receipt): Promise<KnownMessage | undefined> {
    const found = await messages.find({ gatewayMessageIds: spellings(receipt.gatewayMessageId) }, 10);
    const own = found.filter(({ gateway }) => gateway === null || gateway === receipt.gateway);
    // Another spelling may be another message's own.
    return own.find(({ gatewayMessageId }) => gatewayMessageId === receipt.gatewayMessageId) ?? own[0];
  }

  function itemOf(receipt: Receipt, owner: KnownMessage): MessageItem {
    const { gateway, gatewayMessageId, state, errorCode, part, parts, at, body } = receipt;
    return {
      kind: "message",
      program: owner.program,
      session: null,
      pair: owner.pair,
      country: owner.country,
      messageId: owner.messageId,
      state,
      at,
      permitId: null,
      errorCode,
      gateway,
      gatewayMessageId,
      phoneHash: null,
      phoneMask: null,
      convertedAt: null,
      ...(part !== null && parts !== null ? { part, parts } : {}),
      ...(errorCode !== null && state !== "delivered" && excuses(errorCode, gateway) ? { excused: true } : {}),
      note: { by: `gateway:${gateway}`, body },
    };
  }

  async function match(some: readonly Orphan[]): Promise<void> {
    const found: { id: number; item: Item }[] = [];
    for (const orphan of some) {
      const owner = await ownerOf(orphan);
      if (owner) found.push({ id: orphan.id, item: itemOf(orphan, owner) });
    }
    if (found.length === 0) return;
    // Killed in between, the receipt is told again and is a duplicate.
    await take(found.map(({ item }) => item));
    await orphans.remove(found.map(({ id }) => id));
  }

  async function run(): Promise<void> {
    waiting ??= await orphans.count();
    if (waiting === 0) return;
    const all = looks++ % ALL_EVERY === 0;
    if (all) await orphans.forget(clock.now() - KEEP_MS);
    for (let after = 0; ; ) {
      const some = await orphans.waiting(after, AT_ONCE);
      const young = clock.now() - LISTED_AFTER_MS;
      await match(all ? some : some.filter(({ receivedAt }) => receivedAt >= young));
      if (some.length < AT_ONCE) break;
      after = some.at(-1)!.id;
    }
    waiting = await orphans.count();
  }

  const loop = openLoop({ name: "results.orphans", everyMs: EVERY_MS, run, firstAfterMs: HOUSEKEEPING_AFTER_MS, log, now: clock.now });

  return {
    loop,
    listed: (before, limit) => orphans.list(before, clock.now() - LISTED_AFTER_MS, limit),
    async accept(gateway, raw) {
      if (raw.length > MOST_ITEMS)
        throw new AppError("too_large", `At most ${MOST_ITEMS} receipts in one request: send them in smaller parts`);
      const { readReceipt } = await reader();
      const now = clock.now();
      const taken: TakenReceipts = { accepted: 0, duplicate: 0, waiting: 0, rejected: [] };
      const own: { index: number; item: MessageItem }[] = [];
      const lost: Receipt[] = [];
      for (let index = 0; index < raw.length; index++) {
        const read = raw[index] === NOT_JSON ? { field: "(line)", message: "is not valid JSON" } : readReceipt(raw[index], gateway, now);
        if ("field" in read) {
          taken.rejected.push({ index, ...read });
          continue;
        }
        const owner = await ownerOf(read);
        if (owner) own.push({ index, item: itemOf(read, owner) });
        else lost.push(read);
      }
      const outcomes = await take(own.map(({ item }) => item));
      outcomes.forEach((outcome, place) => {
        if (outcome.kind === "new") taken.accepted++;
        else if (outcome.kind === "duplicate") taken.duplicate++;
        else taken.rejected.push({ index: own[place]!.index, field: outcome.field, message: outcome.message });
      });
      if (lost.length > 0) {
        for (const told of await orphans.add(lost)) taken[told === "new" ? "waiting" : "duplicate"]++;
        waiting = (waiting ?? 0) + lost.length;
      }
      taken.rejected.sort((a, b) => a.index - b.index);
      return taken;
    },
  };
}
