/** What a simulated gateway does to each message of a pair: whether it takes it, what becomes of it, how long that takes. Pure. */

import { z } from "zod";

const duration = z.strictObject({ median_ms: z.number().min(0).max(3_600_000), p90_ms: z.number().min(0).max(3_600_000) });

const smsError = z.strictObject({
  code: z.string().regex(/^\d{1,6}$/, "must be a number as text, like 30003"),
  words: z.string().min(1).max(80),
  weight: z.number().positive(),
  /** `send`: the gateway refuses the message; `receipt`: it takes it and the network fails it later. */
  when: z.enum(["send", "receipt"]),
});
export type SmsError = z.infer<typeof smsError>;

const share = z.number().min(0).max(1).default(0);

/** How receipts go wrong: the share of accepted messages to which each happens, 0-1. */
const disorders = z.strictObject({
  /** No receipt ever. */
  never: share,
  /** The receipt comes `late_by_ms` after its time. */
  late: share,
  late_by_ms: z
    .number()
    .min(0)
    .max(7 * 86_400_000)
    .default(600_000),
  /** An intermediate receipt says `buffered` before the final one; `disordered` of them come after it. */
  buffered: share,
  disordered: share,
  /** The final receipt comes a second time. */
  twice: share,
  /** Another final receipt follows and says the opposite. */
  contradicted: share,
});
export type Disorders = z.infer<typeof disorders>;

const profile = z.strictObject({
  /** Share of messages that end as delivered, 0-1. */
  success_rate: z.number().min(0).max(1),
  /** The gateway's answer to POST /send, and from there to the receipt. Log-normal. */
  answer: duration,
  receipt: duration,
  errors: z.array(smsError).min(1).max(50),
  receipts: disorders,
  /** Messages a minute that are taken, at any instant; what comes beyond gets HTTP 429 and is lost. */
  throttle: z.strictObject({ per_minute: z.int().min(0).max(1_000_000) }).nullable(),
  /** `busy`: HTTP 503; `hang`: no answer. `every_s` 0 is now and until told otherwise. */
  outage: z.strictObject({ kind: z.enum(["busy", "hang"]), every_s: z.number().min(0), for_s: z.number().min(0) }).nullable(),
});
export type Profile = z.infer<typeof profile>;

/** What PUT /profiles/{pair} takes: fields left out are those of `default`. */
export const profileChange = profile.partial();
export type ProfileChange = z.infer<typeof profileChange>;

export const BUILT_IN: Profile = {
  success_rate: 0.9,
  answer: { median_ms: 40, p90_ms: 120 },
  receipt: { median_ms: 3_500, p90_ms: 9_000 },
  errors: [
    { code: "30003", words: "absent subscriber", weight: 4, when: "send" },
    { code: "30005", words: "unknown destination", weight: 2, when: "send" },
    { code: "30008", words: "unknown error", weight: 3, when: "receipt" },
    { code: "30006", words: "unreachable destination", weight: 2, when: "receipt" },
    { code: "30007", words: "filtered by carrier", weight: 1, when: "receipt" },
  ],
  receipts: disorders.parse({}),
  throttle: null,
  outage: null,
};

/** What will become of one message, settled when it arrives. */
export interface Fate {
  accepted: boolean;
  delivered: boolean;
  /** Why not delivered. */
  error: { code: string; words: string } | null;
  answerMs: number;
  receiptMs: number;
  /** What the network will say of it and when, ms after its arrival; in the order of these times. Empty for what was not accepted. */
  receipts: Receipt[];
}

export interface Receipt {
  afterMs: number;
  outcome: "delivered" | "failed" | "buffered";
  error: Fate["error"];
}

/** The same `random` gives the same fate, whatever the clock says and whoever else sends. */
export function fateOf(profile: Profile, random: () => number): Fate {
  const delivered = random() < profile.success_rate;
  const error = delivered ? null : pick(profile.errors, random);
  const accepted = error?.when !== "send";
  const told = error && { code: error.code, words: error.words };
  const answerMs = spread(profile.answer, random);
  const receiptMs = spread(profile.receipt, random);
  const final: Receipt = { afterMs: answerMs + receiptMs, outcome: delivered ? "delivered" : "failed", error: told };
  const receipts = accepted ? disordered(final, profile, random) : [];
  return { accepted, delivered, error: told, answerMs, receiptMs, receipts };
}

function disordered(final: Receipt, profile: Profile, random: () => number): Receipt[] {
  const { never, late, late_by_ms, buffered, disordered, twice, contradicted } = profile.receipts;
  // Each is drawn, so that changing one share moves no other message's fate.
  const isNever = random() < never;
  const isLate = random() < late;
  const isBuffered = random() < buffered;
  const isDisordered = random() < disordered;
  const [isTwice, isContradicted, part] = [random() < twice, random() < contradicted, random()];
  const [again, later] = [spread(profile.receipt, random), spread(profile.receipt, random)];
  const opposite = final.outcome === "delivered" ? pick(profile.errors, random) : null;
  if (isNever) return [];
  const afterMs = final.afterMs + (isLate ? late_by_ms : 0);
  const receipts: Receipt[] = [{ ...final, afterMs }];
  if (isBuffered) receipts.push({ afterMs: isDisordered ? afterMs + part * again : part * afterMs, outcome: "buffered", error: null });
  if (isTwice) receipts.push({ ...final, afterMs: afterMs + again });
  if (isContradicted)
    receipts.push({
      afterMs: afterMs + later,
      outcome: opposite ? "failed" : "delivered",
      error: opposite && { code: opposite.code, words: opposite.words },
    });
  return receipts.sort((a, b) => a.afterMs - b.afterMs);
}

/** Whether the pair's outage is on. Pairs that share a rhythm do not share its beat. */
export function outageAt(profile: Profile, pair: string, uptimeMs: number): NonNullable<Profile["outage"]>["kind"] | null {
  const { outage } = profile;
  if (!outage) return null;
  if (outage.every_s === 0) return outage.kind;
  const phaseS = (uptimeMs / 1000 + (seedFrom(0, pair, 0) % 10_000)) % outage.every_s;
  return phaseS < outage.for_s ? outage.kind : null;
}

/** Numbers in [0, 1) that belong to the n-th message of a pair. mulberry32 by Tommy Ettinger, public domain. */
export function randomOf(seed: number, pair: string, n: number): () => number {
  let state = seedFrom(seed, pair, n);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

// FNV-1a, 32 bits
function seedFrom(seed: number, pair: string, n: number): number {
  let hash = 0x811c9dc5;
  for (const char of `${seed}/${pair}/${n}`) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193);
  return hash >>> 0;
}

function pick(errors: readonly SmsError[], random: () => number): SmsError {
  let left = random() * errors.reduce((sum, error) => sum + error.weight, 0);
  for (const error of errors) {
    left -= error.weight;
    if (left < 0) return error;
  }
  return errors[0]!;
}

function spread({ median_ms, p90_ms }: Profile["answer"], random: () => number): number {
  // Box-Muller; 1.2816 is the normal's 90th percentile
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  if (median_ms === 0 || p90_ms <= median_ms) return median_ms;
  return Math.min(median_ms * Math.exp((Math.log(p90_ms / median_ms) / 1.2816) * normal), 10 * p90_ms);
}
