/** A house whose programs have reported for a day: pairs, gateways, errors of every kind, contradictions, receipts nobody knows, a credit. */

import { seeded } from "./day.ts";
import type { House } from "./house.ts";

const HOUR_MS = 3_600_000;
const COUNTRIES = ["UZ", "KZ", "IN", "KE", "NG", "TJ", "AZ", "UA", "GH", "VN", "MX", "BR", "EG", "PK", "PH"];
const OPERATORS = ["beeline", "mobiuz", "vi-maharashtra-goa", "airtel", "mtn", "orange", "vodafone", "three"];
const CODES = ["27", "31", "E77", "2053", "timeout", "8", "unknown_subscriber"];
const GATEWAYS = ["smsc1", "smsc2"];

/** The house reports as an admin; the first message is `m-0`, the last one contradicts itself. */
export async function lived(house: House, { pairs, messages }: { pairs: number; messages: number }): Promise<void> {
  const random = seeded(7);
  const places = Array.from({ length: pairs }, (_, n) => ({
    country: COUNTRIES[n % COUNTRIES.length]!,
    operator: OPERATORS[Math.floor(n / COUNTRIES.length) % OPERATORS.length]!,
  }));
  for (const place of places) await house.api("POST", "/api/pairs", place);
  const now = Date.now();
  const items: object[] = [];
  for (let n = 0; n < messages; n++) {
    const at = now - 24 * HOUR_MS + (n / messages) * 24 * HOUR_MS;
    const own = { ...random.pick(places), message_id: `m-${n}`, gateway: random.pick(GATEWAYS), gateway_message_id: `g-${n}` };
    const tell = (state: string, afterMs: number, more = {}) =>
      items.push({ ...own, state, at: Math.min(now, at + afterMs) / 1000, ...more });
    // Every hundredth tells two ends.
    if (n % 100 !== 99 && random.chance(0.05)) tell("failed", 0, { error_code: random.pick(CODES) });
    else {
      tell("submitted", 0, { phone: `+99890${1_000_000 + n}`, ...(random.chance(0.02) ? { credit: 10_000 - n } : {}) });
      if (random.chance(0.85)) tell("delivered", 2_000 + random.upTo(60_000));
      else if (random.chance(0.8)) tell("undelivered", 5_000 + random.upTo(60_000), { error_code: random.pick(CODES) });
      if (n % 100 === 99) tell("rejected", 90_000, { error_code: "2053" });
    }
  }
  for (let first = 0; first < items.length; first += 1_000) {
    const { status, json } = await house.api("POST", "/api/results", items.slice(first, first + 1_000));
    if (status !== 202) throw new Error(JSON.stringify(json));
  }
  await house.api("POST", "/api/receipts/smsc1", [{ gateway_message_id: "nobody-1", state: "DELIVRD" }]);
  for (const name of ["results.roll", "gateways"]) await house.app.services.results.loops.find((loop) => loop.name === name)?.runOnce();
}
