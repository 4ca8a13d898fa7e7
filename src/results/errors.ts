/**
 * The classes of errors, whose fault each is, and which codes they have when nobody says otherwise: our own words, GSM MAP causes, and the ids
 * of gateways whose numbers collide with no other. What an admin maps lies over it (error-classes.ts).
 */

export type Blame = "recipient" | "content" | "route" | "us";

export interface ErrorClass {
  name: string;
  blame: Blame;
  /** What it is, as a person says it. */
  words: string;
  /** Whether sending the same again may help. */
  retry: "no" | "later" | "yes";
}

interface Shipped extends Omit<ErrorClass, "name"> {
  codes: readonly string[];
}

/** What no class was given to: it counts against the route until somebody says otherwise. */
export const UNCLASSIFIED = "unclassified";

const CLASSES: Record<string, Shipped> = {
  invalid_number: {
    blame: "recipient",
    words: "the number does not exist",
    retry: "no",
    codes: ["unknown_subscriber", "invalid_destination", "1", "9", "351", "3041", "21211", "21614", "30005", "30006"],
  },
  absent: {
    blame: "recipient",
    words: "the phone is off or out of reach",
    retry: "later",
    codes: ["absent_subscriber", "unreachable", "switched_off", "6", "27", "5", "30003"],
  },
  handset_full: {
    blame: "recipient",
    words: "the phone is full or faulty",
    retry: "later",
    codes: ["memory_full", "handset_fault", "32", "12"],
  },
  barred: {
    blame: "recipient",
    words: "the recipient's line is barred",
    retry: "no",
    codes: ["dnd", "blacklisted", "13", "2050", "2052", "30004"],
  },
  opted_out: { blame: "recipient", words: "the recipient wants no messages", retry: "no", codes: ["opt_out", "603", "21610"] },
  filtered_content: {
    blame: "content",
    words: "a filter took the text for spam",
    retry: "no",
    codes: ["filtered", "spam", "607", "561", "30007"],
  },
  sender_rejected: {
    blame: "content",
    words: "the sender's name is not allowed there",
    retry: "no",
    codes: ["invalid_sender", "2053", "30034", "21606"],
  },
  unroutable: { blame: "route", words: "the gateway has no way there", retry: "no", codes: ["no_route", "21408"] },
  network: {
    blame: "route",
    words: "a network on the way failed",
    retry: "yes",
    codes: ["network_error", "31", "33", "34", "35", "36", "30008"],
  },
  expired: { blame: "route", words: "its validity passed on the way", retry: "yes", codes: ["validity_expired", "30036"] },
  throttled: {
    blame: "us",
    words: "too fast for the gateway",
    retry: "later",
    codes: ["rate_limited", "541", "542", "4202", "20429", "30001", "21611"],
  },
  account: { blame: "us", words: "credit, login or contract", retry: "no", codes: ["no_credit", "auth", "20003", "30002"] },
  fraud_block: { blame: "us", words: "blocked as suspected fraud", retry: "no", codes: ["608", "30450"] },
};

export const ERROR_CLASSES: readonly ErrorClass[] = Object.entries(CLASSES).map(([name, { blame, words, retry }]) => ({
  name,
  blame,
  words,
  retry,
}));

const classes = new Map(ERROR_CLASSES.map((one) => [one.name, one]));
const byCode = new Map<string, ErrorClass>();
for (const [name, { codes }] of Object.entries(CLASSES)) for (const code of [name, ...codes]) byCode.set(code, classes.get(name)!);

export function errorClass(name: string): ErrorClass | null {
  return classes.get(name) ?? null;
}

/** The codes that are shipped, with their classes. */
export function shippedCodes(): { code: string; class: string }[] {
  return [...byCode].map(([code, { name }]) => ({ code, class: name }));
}

/** One spelling for `No Route`, `no-route`, `0x0000000B` and `0xb`. */
export function plainCode(code: string): string {
  const plain = code
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, "_");
  return plain.replace(/^0x0*(?=[0-9a-f]+$)/, "0x");
}

/** The shipped class of a code, or null when it has none: it then counts against the route. */
export function classify(code: string): ErrorClass | null {
  return byCode.get(code) ?? byCode.get(plainCode(code)) ?? null;
}

/** Whether a message that ended with this code says nothing about the route, and so stays out of the success rate on both sides. */
export function blamesRecipient(code: string | null): boolean {
  return code !== null && classify(code)?.blame === "recipient";
}
