/** The ledger's three tables as one, in the order of boots and uptimes. */

import type { LedgerBoot, LedgerEntry, LedgerGrant, LedgerLimit, LedgerSend } from "../../permits/ledger.ts";
import type { Placed, PlacedGrant, PlacedLimit } from "./ledger-rows.ts";

export interface Ahead<T> {
  /** The next one, left where it is; undefined at the end. */
  peek(): T | undefined | Promise<T | undefined>;
  take(): void;
}

export function ahead<T>(steps: AsyncGenerator<T[]>): Ahead<T> {
  let rows: T[] = [];
  let at = 0;
  let over = false;

  async function more(): Promise<T | undefined> {
    while (at >= rows.length && !over) {
      const { value, done } = await steps.next();
      over = done === true;
      rows = done ? [] : value;
      at = 0;
    }
    return rows[at];
  }

  return {
    peek: () => (at < rows.length || over ? rows[at] : more()),
    take: () => {
      at++;
    },
  };
}

export async function* merge(
  grants: Ahead<PlacedGrant>,
  sends: Ahead<Placed<LedgerSend>>,
  limits: PlacedLimit[],
  lastUptime: (boot: number) => Promise<number>,
): AsyncGenerator<LedgerEntry> {
  const notes = limits[Symbol.iterator]();
  let note = notes.next().value as PlacedLimit | undefined;
  const firstNotes = new Map<string, PlacedLimit>();
  // Whoever was never noted before is judged by the first note there is: rows older than the notes.
  for (const limit of limits.toReversed()) firstNotes.set(limit.entry.country, limit);
  let boot: number | null = null;
  for (;;) {
    const [grant, send] = [await grants.peek(), await sends.peek()];
    const next = grant && (!send || isBefore(grant, send)) ? grant : send;
    if (!next) return;
    // What applied before the first entry: the newest of each country, and no more.
    for (; note && isNoteBefore(note, next); note = notes.next().value as PlacedLimit | undefined) {
      if (boot === null) firstNotes.set(note.entry.country, note);
      else {
        if (note.boot !== boot) yield rebooted(note, await lastUptime(boot));
        boot = note.boot;
        yield note.entry;
      }
    }
    if (boot === null) yield* inForce(firstNotes.values(), next.entry);
    else if (next.boot !== boot) yield rebooted(next, await lastUptime(boot));
    boot = next.boot;
    if (next === grant) grants.take();
    else sends.take();
    yield next.entry;
  }
}

function rebooted({ entry: { bootId } }: Placed<LedgerGrant | LedgerSend | LedgerLimit>, lastUptimeMs: number): LedgerBoot {
  return { kind: "boot", bootId, lastUptimeMs };
}

/** What applies as the first entry is written, on its clock. */
function* inForce(notes: Iterable<PlacedLimit>, first: LedgerGrant | LedgerSend): Generator<LedgerLimit> {
  const uptimeMs = first.kind === "grant" ? first.grantedUptimeMs : first.uptimeMs;
  for (const { entry } of notes) yield { ...entry, bootId: first.bootId, uptimeMs };
}

function isBefore(grant: PlacedGrant, send: Placed<LedgerSend>): boolean {
  return grant.boot !== send.boot ? grant.boot < send.boot : grant.entry.grantedUptimeMs <= send.entry.uptimeMs;
}

/** Against a permit by its number, which is exact; against a send by uptime. */
function isNoteBefore(note: PlacedLimit, next: PlacedGrant | Placed<LedgerSend>): boolean {
  if (note.boot !== next.boot) return note.boot < next.boot;
  return "number" in next ? note.afterNumber < next.number : note.entry.uptimeMs <= next.entry.uptimeMs;
}
