/**
 * What a line that matched says, as results in the form programs post them. Pure, and the same for the same line at the same place: a line
 * that is read again after `kill -9` gives results that are duplicates.
 */

import { FINAL_RANK, type MessageState, RANK } from "../message.ts";
import type { Found } from "./engine.ts";
import type { Groups, IdScope, Pattern } from "./pattern.ts";

export interface PairPlace {
  id: string;
  country: string;
  operator: string;
  operatorName: string;
}

/** A message that a line without an id may speak of: the newest that can still become what the line says. */
export interface Open {
  id: string;
  state: MessageState;
  pair: string;
  /** Hashed: the next line about it may name the number again. */
  phone: string | null;
}

export interface LineContext {
  run: string;
  /** Byte of the run's whole output at which the line begins: with the run, the id of a message that has none. */
  at: number;
  ids: IdScope;
  pairs: readonly PairPlace[];
  open: readonly Open[];
  phoneHash: (number: string) => string;
}

export interface MessageSaid {
  country: string;
  operator: string;
  message_id: string;
  state: MessageState;
  phone?: string;
  error_code?: string;
  gateway?: string;
}

export interface Said {
  messages: MessageSaid[];
  pair: string | null;
  credit: number | null;
  /** What is open after it. */
  open: readonly Open[];
}

/** A line that tells of more is a total, not news. */
export const MOST_OF_LINE = 1_000;
/** Without finals they would grow for ever; the oldest are forgotten. */
export const MOST_OPEN = 64;

export function saidBy(found: Found, pattern: Pattern, context: LineContext): Said {
  const { groups } = found;
  const credit = numberIn(groups.credit);
  const { state } = pattern;
  if (state === "ignore") return { messages: [], pair: null, credit, open: context.open };
  const n = groups.n === undefined ? 1 : Math.min(MOST_OF_LINE, Math.max(0, Math.floor(numberIn(groups.n) ?? 1)));
  const phone = groups.phone === undefined ? null : context.phoneHash(groups.phone);
  const known = groups.message_id === undefined ? (n === 1 ? linked(state, phone, context.open) : undefined) : undefined;
  const own = groups.message_id === undefined ? null : context.ids === "run" ? `${context.run}.${groups.message_id}` : groups.message_id;
  const before = known ?? (own === null ? undefined : context.open.find(({ id }) => id === own));
  const id = own ?? known?.id ?? `${context.run}.${context.at.toString(36)}`;
  const pair = placeOf(groups, context.pairs, before?.pair);
  if (!pair || n === 0) return { messages: [], pair: pair?.id ?? null, credit, open: context.open };
  const message: MessageSaid = {
    country: pair.country,
    operator: pair.operator,
    message_id: id.slice(0, 128),
    state,
    ...(groups.phone === undefined ? {} : { phone: groups.phone }),
    ...(groups.code === undefined ? {} : { error_code: groups.code }),
    ...(groups.gateway === undefined ? {} : { gateway: groups.gateway.slice(0, 80) }),
  };
  // Each of several is a message of its own, with its place behind the line's.
  const messages =
    n === 1 ? [message] : Array.from({ length: n }, (_, i) => ({ ...message, message_id: `${message.message_id}.${i + 1}` }));
  return {
    messages,
    pair: pair.id,
    credit,
    open: n === 1 ? openAfter(context.open, { id, state, pair: pair.id, phone }, before) : context.open,
  };
}

/** The newest message that may become `state`; with a number, the newest to it. */
function linked(state: MessageState, phone: string | null, open: readonly Open[]): Open | undefined {
  return open.findLast((one) => follows(one.state, state) && (phone === null || one.phone === null || one.phone === phone));
}

/** A hand-over and what prevents it come after an attempt only; what the network says, after the hand-over. */
function follows(from: MessageState, to: MessageState): boolean {
  if (to === "attempt") return false;
  if (to === "submitted" || to === "failed" || to === "blocked") return from === "attempt";
  return RANK[to] > RANK[from];
}

function openAfter(open: readonly Open[], now: Open, before: Open | undefined): readonly Open[] {
  const others = before ? open.filter((one) => one !== before) : open;
  if (RANK[now.state] === FINAL_RANK) return others;
  const kept = before && RANK[before.state] > RANK[now.state] ? before.state : now.state;
  return [...others, { ...now, state: kept, phone: now.phone ?? before?.phone ?? null }].slice(-MOST_OPEN);
}

/** The pair the line names, the one the message has, the session's only or first one. */
function placeOf(groups: Groups, pairs: readonly PairPlace[], before: string | undefined): PairPlace | undefined {
  const country = groups.country?.toUpperCase();
  const operator = groups.operator?.toLowerCase();
  if (country !== undefined || operator !== undefined) {
    const named = pairs.find(
      (pair) =>
        (country === undefined || pair.country === country) &&
        (operator === undefined || pair.operator === operator || pair.operatorName.toLowerCase() === operator),
    );
    if (named) return named;
  }
  return pairs.find(({ id }) => id === before) ?? pairs[0];
}

/** `1,234.50` and `1 234.5` are numbers to whoever prints them. */
function numberIn(text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(text.replaceAll(/[,\s_']/g, ""));
  return Number.isFinite(value) ? value : null;
}

const STAMP = /^\W{0,2}(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,3})\d*)?\s*(Z|[+-]\d\d:?\d\d)?/;

/**
 * When a line was printed, as far as it says so: its time counts only when it lies between the last look at this output and now, so that a
 * program in another time zone is counted now and not hours ago. `localTime` reads a time without an offset.
 */
export function timeOf(text: string, since: number, now: number, localTime: (text: string) => number): number {
  const [, day, time, fraction = "0", offset] = STAMP.exec(text) ?? [];
  if (day === undefined || time === undefined) return now;
  const plain = `${day}T${time}.${fraction.padEnd(3, "0")}`;
  const at = offset === undefined ? localTime(plain) : Date.parse(`${plain}${offset}`);
  // Stamps are cut to seconds: one that was printed right after the look may lie a second before it.
  return Number.isFinite(at) && at >= since - 1_500 && at <= now + 1_500 ? Math.min(at, now) : now;
}
