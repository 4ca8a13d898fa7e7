/**
 * The last 6.5 hours of one source in 10-second buckets of submit time. Buckets lie in blocks of 15 minutes, which carry their own sum, so
 * that a long look back adds blocks and not buckets; a block without traffic is not there.
 */

import type { Delta } from "./journal.ts";
import { applyDelta, FIELDS } from "./tally.ts";

export const BUCKET_MS = 10_000;
/** Buckets of a block. */
export const SLOTS = 90;
export const BLOCK_MS = BUCKET_MS * SLOTS;
export const KEEP_MS = 6.5 * 3_600_000;

/** Slots are below 128. */
const SLOT_BITS = 7;

interface Block {
  total: Int32Array;
  buckets: Int32Array;
  /** As it came from the store, until somebody looks: a start is not to wait for the numbers of six hours ago. */
  stored: Int32Array | null;
}

export interface Window {
  blocks: Map<number, Block>;
  /** Blocks that changed since they were last stored. */
  dirty: Set<number>;
}

export function openWindow(): Window {
  return { blocks: new Map(), dirty: new Set() };
}

/** The first block that is still kept. */
export function firstBlock(now: number): number {
  return Math.floor((now - KEEP_MS) / BLOCK_MS);
}

export function addToWindow(window: Window, delta: Delta, now: number): void {
  const bucket = Math.floor(delta.submitAt / BUCKET_MS);
  const number = Math.floor(bucket / SLOTS);
  if (number < firstBlock(now)) return;
  let block = window.blocks.get(number);
  if (!block) {
    block = { total: new Int32Array(FIELDS), buckets: new Int32Array(SLOTS * FIELDS), stored: null };
    window.blocks.set(number, block);
  }
  unpack(block);
  applyDelta(block.buckets, (bucket - number * SLOTS) * FIELDS, delta);
  applyDelta(block.total, 0, delta);
  window.dirty.add(number);
}

/** Adds the sums of the buckets `first`..`last`, both included, to `into`. */
export function sumBuckets(window: Window, first: number, last: number, into: Float64Array): void {
  const lastBlock = Math.floor(last / SLOTS);
  for (let number = Math.floor(first / SLOTS); number <= lastBlock; number++) {
    const block = window.blocks.get(number);
    if (!block) continue;
    unpack(block);
    const from = Math.max(first - number * SLOTS, 0);
    const to = Math.min(last - number * SLOTS, SLOTS - 1);
    if (from === 0 && to === SLOTS - 1) {
      for (let field = 0; field < FIELDS; field++) into[field]! += block.total[field]!;
      continue;
    }
    for (let place = from * FIELDS; place < (to + 1) * FIELDS; place += FIELDS)
      for (let field = 0; field < FIELDS; field++) into[field]! += block.buckets[place + field]!;
  }
}

/** Lets go of what is too old to be looked at. */
export function pruneWindow(window: Window, now: number): void {
  const first = firstBlock(now);
  for (const number of window.blocks.keys()) if (number < first) window.blocks.delete(number);
  for (const number of window.dirty) if (number < first) window.dirty.delete(number);
}

/** A block for the store: of each bucket that is not empty its slot, with a bit for each sum that is not 0, then those sums. */
export function encodeBlock(window: Window, number: number): Int32Array {
  const { buckets } = window.blocks.get(number)!;
  const out: number[] = [];
  for (let slot = 0; slot < SLOTS; slot++) {
    const head = out.length;
    let bits = 0;
    for (let field = 0; field < FIELDS; field++) {
      const sum = buckets[slot * FIELDS + field]!;
      if (sum === 0) continue;
      if (bits === 0) out.push(0);
      bits |= 1 << field;
      out.push(sum);
    }
    if (bits !== 0) out[head] = slot | (bits << SLOT_BITS);
  }
  return Int32Array.from(out);
}

export function decodeBlock(window: Window, number: number, stored: Int32Array): void {
  window.blocks.set(number, { total: NOTHING, buckets: NOTHING, stored });
}

const NOTHING = new Int32Array();

function unpack(block: Block): void {
  const { stored } = block;
  if (stored === null) return;
  block.total = new Int32Array(FIELDS);
  block.buckets = new Int32Array(SLOTS * FIELDS);
  block.stored = null;
  for (let place = 0; place < stored.length; ) {
    const head = stored[place++]!;
    const offset = (head & ((1 << SLOT_BITS) - 1)) * FIELDS;
    for (let field = 0; field < FIELDS; field++) {
      if ((head & (1 << (SLOT_BITS + field))) === 0) continue;
      const sum = stored[place++]!;
      block.buckets[offset + field] = sum;
      block.total[field]! += sum;
    }
  }
}
