/** The gateway's own record, by which tests judge Signalbox: NDJSON, one write a line, on disk before the sender is answered. */

import { closeSync, openSync, writeSync } from "node:fs";

export type Entry =
  | {
      kind: "message";
      id: string;
      pair: string;
      /** When it arrived: CLOCK_BOOTTIME ms, and the wall clock's ms for people. */
      uptime_ms: number;
      wall_ms: number;
      /** What the sender is told: `busy` and `hang` are outages, `throttled` came too fast, and such a message is lost. */
      answer: "accepted" | "refused" | "busy" | "hang" | "throttled";
      outcome: "delivered" | "failed";
      error_code: string | null;
    }
  | {
      /** The first time the sender was told this receipt of an accepted message; it may have several, see profile.ts. */
      kind: "receipt";
      id: string;
      pair: string;
      uptime_ms: number;
      wall_ms: number;
      outcome: "delivered" | "failed";
      error_code: string | null;
    }
  | {
      /** The same of an intermediate receipt. */
      kind: "buffered";
      id: string;
      pair: string;
      uptime_ms: number;
      wall_ms: number;
    };

export interface GatewayLog {
  write(entry: Entry): void;
  close(): void;
}

/** Appends to `path`; without one nothing is kept. */
export function openLog(path: string | undefined): GatewayLog {
  if (path === undefined) return { write: () => {}, close: () => {} };
  const fd = openSync(path, "a", 0o644);
  return { write: (entry) => void writeSync(fd, `${JSON.stringify(entry)}\n`), close: () => closeSync(fd) };
}
