/**
 * Whose fault an error code is. The shipped table for codes that read alike everywhere: our own words, GSM MAP causes, and the ids of gateways
 * whose numbers collide with no other. The editable table per gateway is a later layer over this one.
 */

export type Blame = "recipient" | "content" | "route" | "us";

export interface ErrorClass {
  name: string;
  blame: Blame;
}

const CLASSES: Record<string, { blame: Blame; codes: readonly string[] }> = {
  invalid_number: {
    blame: "recipient",
    codes: ["unknown_subscriber", "invalid_destination", "1", "9", "351", "3041", "21211", "21614", "30005", "30006"],
  },
  absent: { blame: "recipient", codes: ["absent_subscriber", "unreachable", "switched_off", "6", "27", "5", "30003"] },
  handset_full: { blame: "recipient", codes: ["memory_full", "handset_fault", "32", "12"] },
  barred: { blame: "recipient", codes: ["dnd", "blacklisted", "13", "2050", "2052", "30004"] },
  opted_out: { blame: "recipient", codes: ["opt_out", "603", "21610"] },
  filtered_content: { blame: "content", codes: ["filtered", "spam", "607", "561", "30007"] },
  sender_rejected: { blame: "content", codes: ["invalid_sender", "2053", "30034", "21606"] },
  unroutable: { blame: "route", codes: ["no_route", "21408"] },
  network: { blame: "route", codes: ["network_error", "31", "33", "34", "35", "36", "30008"] },
  throttled: { blame: "us", codes: ["rate_limited", "541", "542", "4202", "20429", "30001", "21611"] },
  account: { blame: "us", codes: ["no_credit", "auth", "20003", "30002"] },
};

const byCode = new Map<string, ErrorClass>();
for (const [name, { blame, codes }] of Object.entries(CLASSES)) for (const code of [name, ...codes]) byCode.set(code, { name, blame });

/** The class of a code, or null when nobody mapped it: it then counts against the route. */
export function classify(code: string): ErrorClass | null {
  return byCode.get(code) ?? byCode.get(code.toLowerCase().replaceAll(/[\s-]+/g, "_")) ?? null;
}

/** Whether a message that ended with this code says nothing about the route, and so stays out of the success rate on both sides. */
export function blamesRecipient(code: string | null): boolean {
  return code !== null && classify(code)?.blame === "recipient";
}
