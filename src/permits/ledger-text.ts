/**
 * The ledger as text, one entry a line: NDJSON for programs, CSV for spreadsheets, both ways. What was written reads back as the same entries,
 * so a file can be checked by whoever has it. In CSV no text begins as a formula (pairs/sheet.ts).
 */

import { z } from "zod";
import { iso } from "../kernel/clock.ts";
import { lazily } from "../kernel/lazily.ts";
import { guarded, unguarded } from "../pairs/sheet.ts";
import type { LedgerEntry } from "./ledger.ts";

/** A line of the ledger, in the order of the CSV's columns; what an entry of its kind has no word for is left out, in CSV an empty cell. */
export interface LedgerLine {
  /** `end` is the last line, `n` then the number of those before it: a text without it was cut off. */
  kind: LedgerEntry["kind"] | "end";
  /** Wall time: of the grant, where an uncontrolled send counts, from when a limit applies. */
  at?: string;
  country?: string;
  permit_id?: string;
  pair?: string;
  program?: string;
  session?: string | null;
  session_name?: string | null;
  /** Messages. */
  n?: number;
  /** Of an uncontrolled send. */
  reason?: string;
  lease_ms?: number;
  lease_ends_at?: string;
  /** Null while no result used the permit up, and when that came after a reboot. */
  reported_at?: string | null;
  abandoned?: boolean;
  /** What its program said of an uncontrolled send's time. */
  told_at?: string;
  limit?: number;
  window_ms?: number;
  boot_id?: string;
  uptime_ms?: number;
  reported_uptime_ms?: number | null;
  reported_boot_id?: string | null;
  last_uptime_ms?: number;
}

export const LEDGER_COLUMNS = [
  "kind",
  "at",
  "country",
  "permit_id",
  "pair",
  "program",
  "session",
  "session_name",
  "n",
  "reason",
  "lease_ms",
  "lease_ends_at",
  "reported_at",
  "abandoned",
  "told_at",
  "limit",
  "window_ms",
  "boot_id",
  "uptime_ms",
  "reported_uptime_ms",
  "reported_boot_id",
  "last_uptime_ms",
] as const satisfies readonly (keyof LedgerLine)[];

/** `nameOf`: what a session is called now; null for none we know. */
export function lineOf(entry: LedgerEntry, nameOf: (session: string) => string | null = () => null): LedgerLine {
  const name = (session: string | null) => (session === null ? null : nameOf(session));
  switch (entry.kind) {
    case "grant": {
      const { country, pair, program, session, bootId, leaseMs, grantedAt, grantedUptimeMs, reportedUptimeMs, reportedBootId } = entry;
      return {
        kind: "grant",
        at: iso(grantedAt),
        country,
        permit_id: entry.permitId,
        pair,
        program,
        session,
        session_name: name(session),
        n: 1,
        lease_ms: leaseMs,
        lease_ends_at: iso(grantedAt + leaseMs),
        reported_at: reportedUptimeMs === null || reportedBootId !== null ? null : iso(grantedAt + reportedUptimeMs - grantedUptimeMs),
        abandoned: entry.abandoned,
        boot_id: bootId,
        uptime_ms: grantedUptimeMs,
        reported_uptime_ms: reportedUptimeMs,
        reported_boot_id: reportedBootId,
      };
    }
    case "uncontrolled": {
      const { country, pair, program, session, n, reason, bootId, uptimeMs } = entry;
      return {
        kind: "uncontrolled",
        at: iso(entry.countedAt),
        country,
        pair,
        program,
        session,
        session_name: name(session),
        n,
        reason,
        told_at: iso(entry.at),
        boot_id: bootId,
        uptime_ms: uptimeMs,
      };
    }
    case "limit": {
      const { country, limit, windowMs, bootId, uptimeMs, at } = entry;
      return { kind: "limit", at: iso(at), country, limit, window_ms: windowMs, boot_id: bootId, uptime_ms: uptimeMs };
    }
    case "boot":
      return { kind: "boot", boot_id: entry.bootId, last_uptime_ms: entry.lastUptimeMs };
  }
}

export function endOf(entries: number): LedgerLine {
  return { kind: "end", n: entries };
}

export function jsonLineOf(line: LedgerLine): string {
  return `${JSON.stringify(line)}\n`;
}

export const CSV_HEAD = `${LEDGER_COLUMNS.join(",")}\r\n`;

export function csvLineOf(line: LedgerLine): string {
  let text = "";
  for (const column of LEDGER_COLUMNS) {
    const value = line[column];
    if (text !== "" || column !== "kind") text += ",";
    if (value === undefined || value === null) continue;
    text += typeof value === "string" ? cellOf(value) : String(value);
  }
  return `${text}\r\n`;
}

function cellOf(value: string): string {
  const cell = guarded(value);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Built when a ledger is read, which the server never does. */
const readable = lazily(() => {
  const number = z.coerce.number();
  const time = z.iso.datetime().transform((text) => Date.parse(text));
  const noneOr = <T extends z.ZodType>(type: T) =>
    z.union([z.literal("").transform(() => null), z.null(), z.undefined().transform(() => null), type]);
  const text = z.string();
  const sent = { country: text, pair: text, program: text, session: noneOr(text), boot_id: text, uptime_ms: number };

  return z.discriminatedUnion("kind", [
    z
      .object({
        kind: z.literal("grant"),
        ...sent,
        at: time,
        permit_id: text,
        lease_ms: number,
        reported_uptime_ms: noneOr(number),
        reported_boot_id: noneOr(text),
        abandoned: z.union([z.boolean(), z.stringbool()]),
      })
      .transform(
        (line): LedgerEntry => ({
          kind: "grant",
          country: line.country,
          permitId: line.permit_id,
          pair: line.pair,
          program: line.program,
          session: line.session,
          bootId: line.boot_id,
          grantedUptimeMs: line.uptime_ms,
          leaseMs: line.lease_ms,
          grantedAt: line.at,
          reportedUptimeMs: line.reported_uptime_ms,
          reportedBootId: line.reported_boot_id,
          abandoned: line.abandoned,
        }),
      ),
    z
      .object({
        kind: z.literal("uncontrolled"),
        ...sent,
        at: time,
        told_at: time,
        n: number,
        reason: z.enum(["surplus", "late", "reused", "foreign", "no_permit"]),
      })
      .transform(
        ({ boot_id, uptime_ms, at, told_at, ...line }): LedgerEntry => ({
          ...line,
          bootId: boot_id,
          uptimeMs: uptime_ms,
          countedAt: at,
          at: told_at,
        }),
      ),
    z
      .object({ kind: z.literal("limit"), at: time, country: text, limit: number, window_ms: number, boot_id: text, uptime_ms: number })
      .transform(
        ({ window_ms, boot_id, uptime_ms, ...line }): LedgerEntry => ({
          ...line,
          windowMs: window_ms,
          bootId: boot_id,
          uptimeMs: uptime_ms,
        }),
      ),
    z
      .object({ kind: z.literal("boot"), boot_id: text, last_uptime_ms: number })
      .transform(({ kind, boot_id, last_uptime_ms }): LedgerEntry => ({ kind, bootId: boot_id, lastUptimeMs: last_uptime_ms })),
  ]);
});

export interface Reading {
  /** The next line, parsed: of NDJSON its object, of CSV its cells by column; null when it is the last. Throws as `entryOf`. */
  take(line: unknown, where: string): LedgerEntry | null;
  /** Throws when the text was cut off: a part of a ledger proves nothing of the rest. */
  finish(): void;
}

export function openReading(): Reading {
  let entries = 0;
  let whole = false;
  return {
    take(line, where) {
      if (whole) throw new Error(`${where} stands behind the end of the ledger`);
      if (typeof line === "object" && line !== null && "kind" in line && line.kind === "end") {
        const n = "n" in line ? Number(line.n) : Number.NaN;
        if (n !== entries) throw new Error(`The ledger should have ${n} entries and has ${entries}: some are missing`);
        whole = true;
        return null;
      }
      entries++;
      return entryOf(line, where);
    },
    finish() {
      if (!whole) throw new Error("The ledger was cut off: its last line is missing. Take it again");
    },
  };
}

/** A line of either text, parsed: of NDJSON its object, of CSV its cells by column. Throws a sentence that says what is wrong with it. */
export function entryOf(line: unknown, where: string): LedgerEntry {
  const read = readable().safeParse(line);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new Error(
    `${where} is not a line of a ledger: ${issue ? `${issue.path.join(".") || "it"}: ${issue.message}` : "it cannot be read"}`,
  );
}

export function cellsOf(record: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([column, cell]) => [column, unguarded(cell)]));
}
