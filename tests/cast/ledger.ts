/** The ledger of grants kept in memory, made the simple way: everything at once, sorted. The oracle of the store's. */

import type { Ledger, LedgerEntry, LedgerGrant, LedgerSend } from "../../src/permits/ledger.ts";
import { permitNumberOf } from "../../src/permits/permit-id.ts";
import type { MemoryGrants } from "./grants.ts";

/** `boots`: in their order. */
export function memoryLedger(memory: MemoryGrants, boots: readonly string[]): Ledger {
  return {
    async *pages({ country, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, since }) {
      const isIn = (entry: LedgerGrant | LedgerSend, ledgerMs: number, uptimeMs: number) => {
        if (country !== undefined && entry.country !== country) return false;
        if (!since) return ledgerMs >= from && ledgerMs < to;
        const [boot, sinceBoot] = [boots.indexOf(entry.bootId), boots.indexOf(since.bootId)];
        return boot > sinceBoot || (boot === sinceBoot && uptimeMs >= since.uptimeMs && ledgerMs < to);
      };
      const grants = [...memory.rows.values()]
        .map((grant): [number, LedgerGrant] => {
          const { gateway: _, ...rest } = grant;
          return [
            permitNumberOf(grant.permitId)!,
            { kind: "grant", ...rest, reportedBootId: memory.reportedBoots.get(grant.permitId) ?? null },
          ];
        })
        .sort(([a], [b]) => a - b)
        .filter(([number, grant]) => isIn(grant, number / 4096, grant.grantedUptimeMs));
      const sends = memory.sends
        .map(({ seq: _, ...send }): LedgerSend => ({ kind: "uncontrolled", ...send }))
        .filter((send) => isIn(send, send.countedAt, send.uptimeMs))
        .sort((a, b) => boots.indexOf(a.bootId) - boots.indexOf(b.bootId) || a.uptimeMs - b.uptimeMs);
      const limits = memory.limits.filter((note) => country === undefined || note.country === country);
      const page: LedgerEntry[] = [];
      let boot: string | null = null;
      const inForce = new Map(limits.toReversed().map((note) => [note.country, note]));
      for (;;) {
        const [grant, send] = [grants[0]?.[1], sends[0]];
        const later = (entry: LedgerSend) =>
          boots.indexOf(entry.bootId) - boots.indexOf(grant!.bootId) || entry.uptimeMs - grant!.grantedUptimeMs;
        const next = grant && (!send || later(send) >= 0) ? grant : send;
        if (!next) break;
        const turn = (to: string) => {
          const ofBoot = (one: { bootId: string }) => one.bootId === boot;
          const ups = [...memory.rows.values()].filter(ofBoot).map((row) => row.grantedUptimeMs);
          const lastUptimeMs = Math.max(0, ...ups, ...memory.sends.filter(ofBoot).map((one) => one.uptimeMs));
          if (boot !== null && boot !== to) page.push({ kind: "boot", bootId: to, lastUptimeMs });
          boot = to;
        };
        while (limits[0]) {
          const note = limits[0];
          const byBoot = boots.indexOf(note.bootId) - boots.indexOf(next.bootId);
          const isBefore = byBoot !== 0 ? byBoot < 0 : next === grant ? note.afterNumber < grants[0]![0] : note.uptimeMs <= send!.uptimeMs;
          if (!isBefore) break;
          limits.shift();
          const { afterNumber: _, ...rest } = note;
          if (boot === null) inForce.set(note.country, note);
          else {
            turn(note.bootId);
            page.push({ kind: "limit", ...rest });
          }
        }
        if (boot === null) {
          const uptimeMs = next.kind === "grant" ? next.grantedUptimeMs : next.uptimeMs;
          for (const { afterNumber: _, ...rest } of inForce.values()) page.push({ kind: "limit", ...rest, bootId: next.bootId, uptimeMs });
        }
        turn(next.bootId);
        page.push(next);
        if (next === grant) grants.shift();
        else sends.shift();
      }
      if (page.length > 0) yield page;
    },
  };
}
