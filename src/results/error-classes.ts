/**
 * Which class an error code belongs to: what admins mapped, for a gateway or for all, over what is shipped. Kept as one document with its
 * version and the act of each change. A change counts from now on: what was counted keeps the blame it was journalled with.
 */

import { type Actor, act } from "../kernel/act.ts";
import type { Clock } from "../kernel/clock.ts";
import { AppError, type FieldError, invalid } from "../kernel/errors.ts";
import type { Documents } from "../pairs/documents.ts";
import { type ErrorClass, errorClass, plainCode, classify as shippedClass, UNCLASSIFIED } from "./errors.ts";

export interface CodeEntry {
  code: string;
  /** `unclassified` takes a shipped code out of its class. */
  class: string;
  /** null: of every gateway. */
  gateway: string | null;
}

export interface ErrorClasses {
  /** By the name of the gateway when it is known; null when nobody classified the code. */
  classify(code: string, gateway?: string | null): ErrorClass | null;
  /** The name of the class, `unclassified` when it has none. */
  nameOf(code: string): string;
  excuses(code: string, gateway: string | null): boolean;
  /** What admins mapped, by gateway and code. */
  entries(): readonly CodeEntry[];
  /** 0 before the first change. */
  version(): number;
  /** Throws `invalid` with the places, and `conflict` with reason `changed` when the version is another by now. */
  set(entries: readonly CodeEntry[], actor: Actor, version?: number): Promise<void>;
}

const ID = "error-classes";
const MOST_ENTRIES = 5_000;
const MOST_CODE = 64;

export async function openErrorClasses(documents: Documents, clock: Clock): Promise<ErrorClasses> {
  const stored = (await documents.load(["setting"])).find(({ id }) => id === ID);
  let version = stored?.version ?? 0;
  let entries: readonly CodeEntry[] = (stored?.body.codes as CodeEntry[] | undefined) ?? [];
  let byCode = indexOf(entries);

  function classify(code: string, gateway: string | null = null): ErrorClass | null {
    if (byCode.size > 0) {
      const plain = plainCode(code);
      const own = (gateway === null ? undefined : byCode.get(keyOf(plain, gateway))) ?? byCode.get(keyOf(plain, null));
      if (own !== undefined) return errorClass(own);
    }
    return shippedClass(code);
  }

  return {
    classify,
    nameOf: (code) => classify(code)?.name ?? UNCLASSIFIED,
    excuses: (code, gateway) => classify(code, gateway)?.blame === "recipient",
    entries: () => entries,
    version: () => version,
    async set(given, actor, asked) {
      if (asked !== undefined && asked !== version)
        throw new AppError(
          "conflict",
          `The error classes were changed by somebody else (version ${version}, yours ${asked}). Look at them again.`,
          { reason: "changed" },
        );
      const next = checked(given);
      const before = indexOf(entries);
      const after = indexOf(next);
      const detail = {
        set: Object.fromEntries([...after].filter(([key, name]) => before.get(key) !== name).slice(0, 100)),
        removed: [...before.keys()].filter((key) => !after.has(key)).slice(0, 100),
      };
      await documents.commit(
        [{ kind: "setting", id: ID, expected: version, body: { codes: next } }],
        [act(actor, clock.now(), "error_classes.update", `setting:${ID}`, { detail })],
      );
      version++;
      entries = next;
      byCode = after;
    },
  };
}

/** The shipped classes alone: what a house without changes has. */
export const SHIPPED: Pick<ErrorClasses, "excuses"> = { excuses: (code) => shippedClass(code)?.blame === "recipient" };

function keyOf(code: string, gateway: string | null): string {
  return gateway === null ? code : `${gateway.toLowerCase()} ${code}`;
}

function indexOf(entries: readonly CodeEntry[]): Map<string, string> {
  return new Map(entries.map((entry) => [keyOf(entry.code, entry.gateway), entry.class]));
}

function checked(given: readonly CodeEntry[]): CodeEntry[] {
  const errors: FieldError[] = [];
  if (given.length > MOST_ENTRIES) errors.push({ field: "codes", message: `holds at most ${MOST_ENTRIES} codes` });
  const seen = new Set<string>();
  const next = given.map(({ code, gateway, ...rest }, place): CodeEntry => {
    const entry = { code: plainCode(code), class: rest.class, gateway: gateway?.trim().toLowerCase() || null };
    const key = keyOf(entry.code, entry.gateway);
    if (entry.code === "" || entry.code.length > MOST_CODE)
      errors.push({ field: `codes[${place}].code`, message: `must have 1 to ${MOST_CODE} characters` });
    else if (seen.has(key)) errors.push({ field: `codes[${place}].code`, message: `${entry.code} is mapped twice` });
    if (entry.class !== UNCLASSIFIED && errorClass(entry.class) === null)
      errors.push({ field: `codes[${place}].class`, message: `knows no class ${entry.class}` });
    seen.add(key);
    return entry;
  });
  const [first] = errors;
  if (first) throw invalid(`${first.field} ${first.message}`, errors);
  return next.sort((a, b) => (a.gateway ?? "").localeCompare(b.gateway ?? "") || a.code.localeCompare(b.code, "en", { numeric: true }));
}
