/**
 * A day's traffic with every disorder, by a seed; and the raw log of all that was reported, recounted as plainly as it can be said. The
 * recount shares no code with the house: what a message stands at, where it counts and what its error means are said here once more.
 */

export interface Raw {
  kind: "result" | "receipt" | "counts";
  /** Wall ms of its arrival here. */
  arrivedAt: number;
  body: Record<string, unknown>;
}

export function seeded(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    chance: (share: number) => next() < share,
    upTo: (n: number) => Math.floor(next() * n),
    pick: <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)]!,
  };
}
type Random = ReturnType<typeof seeded>;

export const OPERATORS = ["uzmobile", "beeline", "ucell"] as const;
export const SESSIONS = ["s_1", "s_2"] as const;
const CODES = ["27", "31", "E77", "2053"];
const FINALS = ["delivered", "delivered", "delivered", "undelivered", "rejected", "expired"];

/** The reports of an hour, in the order in which they arrive: some late, some twice, some contradicting, some for ids not known yet. */
export function hourOf(random: Random, hour: number, from: number, messages: number): Raw[] {
  const raw: Raw[] = [];
  const HOUR = 3_600_000;
  const put = (kind: Raw["kind"], arrivedAt: number, body: Raw["body"]) => raw.push({ kind, arrivedAt, body });
  for (let n = 0; n < messages; n++) {
    const id = `h${hour}-${n}`;
    const at = from + random.upTo(HOUR);
    const base = { country: "UZ", operator: random.pick(OPERATORS), message_id: id };
    const gatewayId = `g${hour}x${n}`;
    // Most at once, some from a spool hours later.
    const delay = () => (random.chance(0.03) ? random.upTo(5 * HOUR) : random.upTo(2_000));
    const tell = (state: string, afterMs: number, more: object = {}) =>
      put("result", at + afterMs + delay(), { ...base, state, at: (at + afterMs) / 1000, ...more });
    const callback = (state: string, afterMs: number, more: object = {}) =>
      put("receipt", at + afterMs + delay(), { gateway_message_id: gatewayId, state, at: (at + afterMs) / 1000, ...more });
    if (random.chance(0.4)) tell("attempt", 0);
    if (random.chance(0.08)) {
      tell(random.pick(["failed", "blocked"]), 300, random.chance(0.5) ? { error_code: random.pick(CODES) } : {});
      continue;
    }
    const byGateway = random.chance(0.3);
    tell("submitted", 400, byGateway ? { gateway_message_id: gatewayId } : {});
    if (random.chance(0.2)) tell("buffered", 2_000);
    const end = byGateway ? callback : tell;
    const final = (afterMs: number) => {
      const state = random.pick(FINALS);
      end(state, afterMs, state !== "delivered" && random.chance(0.7) ? { error_code: random.pick(CODES) } : {});
    };
    const parts = random.chance(0.1) ? 2 + random.upTo(2) : 0;
    if (parts > 0)
      for (let part = 1; part <= parts; part++) if (random.chance(0.95)) end("delivered", 3_000 + random.upTo(60_000), { part, parts });
    if (parts === 0 && random.chance(0.85)) final(3_000 + random.upTo(90_000));
    // So late that it was given up.
    else if (random.chance(0.4)) final(26 * HOUR + random.upTo(4 * HOUR));
    if (random.chance(0.1)) final(100_000 + random.upTo(HOUR));
  }
  for (let minute = 0; minute < 60; minute += 10) {
    const at = from + minute * 60_000 + random.upTo(60_000);
    const sent = random.upTo(40);
    const delivered = random.upTo(sent + 1);
    const errors = { "27": random.upTo(3), E1: random.upTo(3) };
    const operator = random.pick(OPERATORS);
    put("counts", at, {
      country_code: "UZ",
      operator_name: operator,
      messages_sent: sent,
      delivered,
      errors,
      session_id: "c_1",
      timestamp: at / 1000,
    });
  }
  for (const one of [...raw]) if (random.chance(0.08)) raw.push({ ...one, arrivedAt: one.arrivedAt + random.upTo(600_000) });
  return raw;
}

export interface Plain {
  operator: string;
  session: string | null;
  state: string;
  code: string | null;
  firstAt: number;
  submitAt: number;
  latencyMs: number | null;
  /** When it came to stand open, by our clock. */
  openSince: number | null;
  gatewayId: string | null;
  seen: Set<string>;
}

export interface PlainCounts {
  operator: string;
  minute: number;
  delivered: number;
  failed: number;
  byCode: Record<string, number>;
}

const ORDER: Record<string, number> = { attempt: 0, submitted: 1, buffered: 2, unknown: 3 };
const order = (state: string) => ORDER[state] ?? 4;
const STATES_OPEN = ["submitted", "buffered"];
const DAY_MS = 86_400_000;

/** The raw log, told one by one. */
export function openRecount() {
  const messages = new Map<string, Plain>();
  const byGatewayId = new Map<string, string>();
  const counts = new Map<string, PlainCounts>();
  let orphans: Raw[] = [];

  function told(id: string, operator: string | null, session: string | null, body: Raw["body"], arrivedAt: number): void {
    const at = Number(body.at) * 1000;
    const state = String(body.state);
    const code = body.error_code === undefined ? null : String(body.error_code);
    const part = body.part as number | undefined;
    const known = messages.get(id);
    const key = `${part ?? ""}/${state}/${code}`;
    if (known?.seen.has(key)) return;
    let becomes = state;
    if (part !== undefined) {
      const all = Array.from({ length: Number(body.parts) }, (_, i) => i + 1);
      if (all.some((other) => other !== part && !known?.seen.has(`${other}/delivered/null`))) becomes = "submitted";
    }
    if (!known) {
      const openSince = STATES_OPEN.includes(becomes) ? arrivedAt : null;
      const gatewayId = (body.gateway_message_id as string | undefined) ?? null;
      const plain = {
        operator: operator!,
        session,
        state: becomes,
        code,
        firstAt: at,
        submitAt: at,
        latencyMs: null,
        openSince,
        gatewayId,
      };
      messages.set(id, { ...plain, seen: new Set([key]) });
      if (gatewayId) byGatewayId.set(gatewayId, id);
      return;
    }
    known.seen.add(key);
    if (body.gateway_message_id !== undefined) byGatewayId.set(String(body.gateway_message_id), id);
    if (STATES_OPEN.includes(becomes)) known.openSince ??= arrivedAt;
    const better = becomes === "delivered" && ["expired", "undelivered", "unknown"].includes(known.state);
    if (order(becomes) <= order(known.state) && !better) return;
    if (becomes === "delivered" && known.state !== "attempt") known.latencyMs = Math.max(0, at - known.submitAt);
    if (state === "submitted") known.submitAt = at;
    known.state = becomes;
    known.code = becomes === state ? code : null;
  }

  return {
    messages,
    counts,
    waiting: () => orphans.length,
    take(raw: Raw, session: string | null): void {
      const { body } = raw;
      if (raw.kind === "counts") {
        const at = Number(body.timestamp) * 1000;
        const key = `${body.operator_name}/${at}`;
        if (counts.has(key)) return;
        const sent = Number(body.messages_sent);
        const delivered = Number(body.delivered);
        const byCode: Record<string, number> = {};
        let rest = sent - delivered;
        for (const [code, n] of Object.entries(body.errors as Record<string, number>).sort((a, b) => b[1] - a[1])) {
          byCode[code] = Math.min(rest, n);
          rest -= byCode[code];
        }
        counts.set(key, { operator: String(body.operator_name), minute: at - (at % 60_000), delivered, failed: sent - delivered, byCode });
      } else if (raw.kind === "result") told(String(body.message_id), String(body.operator), session, body, raw.arrivedAt);
      else {
        const id = byGatewayId.get(String(body.gateway_message_id));
        if (id === undefined) orphans.push(raw);
        else told(id, null, null, body, raw.arrivedAt);
      }
    },
    /** Receipts find the messages that came meanwhile, in the order in which they came. */
    match(): void {
      const waiting = orphans;
      orphans = [];
      for (const raw of waiting) this.take(raw, null);
    },
    /** What stands open for a day is unknown. */
    age(now: number): void {
      for (const one of messages.values())
        if (STATES_OPEN.includes(one.state) && one.openSince !== null && one.openSince <= now - DAY_MS) {
          one.state = "unknown";
          one.code = null;
        }
    },
  };
}

const SENT = ["submitted", "buffered", "delivered", "undelivered", "rejected", "expired", "unknown"];
const NEGATIVE = ["undelivered", "rejected", "expired", "unknown"];

/** attempts, sent, delivered, undelivered, failed, blocked, against, open, words by begin of the step. */
export function bucketsOf(
  messages: Iterable<Plain>,
  counts: Iterable<PlainCounts>,
  stepMs: number,
  isRecipients: (code: string) => boolean,
): Map<number, number[]> {
  const buckets = new Map<number, number[]>();
  const add = (at: number, place: number, n: number) => {
    const begin = at - (at % stepMs);
    const sums = buckets.get(begin) ?? new Array<number>(9).fill(0);
    sums[place]! += n;
    buckets.set(begin, sums);
  };
  for (const { state, code, firstAt, submitAt } of messages) {
    add(firstAt, 0, 1);
    if (SENT.includes(state)) add(submitAt, 1, 1);
    if (state === "delivered") add(submitAt, 2, 1);
    if (NEGATIVE.includes(state)) add(submitAt, 3, 1);
    if (state === "failed") add(submitAt, 4, 1);
    if (state === "blocked") add(submitAt, 5, 1);
    if (NEGATIVE.includes(state) && !(code !== null && isRecipients(code))) add(submitAt, 6, 1);
    if (STATES_OPEN.includes(state)) add(submitAt, 7, 1);
  }
  for (const { minute, delivered, failed, byCode } of counts) {
    const excused = Object.entries(byCode).reduce((sum, [code, n]) => sum + (isRecipients(code) ? n : 0), 0);
    const figures = [delivered + failed, delivered + failed, delivered, 0, failed, 0, failed - excused, 0, delivered + failed - excused];
    figures.forEach((n, place) => {
      if (n > 0) add(minute, place, n);
    });
  }
  return buckets;
}
