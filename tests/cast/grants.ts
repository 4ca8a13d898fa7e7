/** Grants kept in memory as a disk would keep them: copies in, copies out. Passes the port's contract. */

import {
  CARRIED_OVER,
  type Grants,
  type LimitNote,
  MAX_UNREPORTED,
  type Settlement,
  type UncontrolledSend,
} from "../../src/permits/grants.ts";
import type { Grant } from "../../src/permits/permit.ts";
import { permitNumberOf } from "../../src/permits/permit-id.ts";

export interface MemoryGrants extends Grants {
  rows: Map<string, Grant>;
  sends: UncontrolledSend[];
  limits: LimitNote[];
  /** Of the permits that were reported in another boot. */
  reportedBoots: Map<string, string>;
  /** Stands in for the disk of each call: `await` to delay it, throw to fail it. */
  disk: () => Promise<void> | void;
}

export function memoryGrants(): MemoryGrants {
  const rows = new Map<string, Grant>();
  const sends: UncontrolledSend[] = [];
  const limits: LimitNote[] = [];
  const reportedBoots = new Map<string, string>();
  let mark = 0;

  function newestFirst(): Grant[] {
    return [...rows.values()].sort((a, b) => permitNumberOf(b.permitId)! - permitNumberOf(a.permitId)!);
  }

  const memory: MemoryGrants = {
    rows,
    sends,
    limits,
    reportedBoots,
    disk: () => {},
    async record(grants, noted = []) {
      const copies = structuredClone([...grants]);
      const notes = structuredClone([...noted]);
      await memory.disk();
      limits.push(...notes);
      for (const grant of copies) rows.set(grant.permitId, grant);
    },
    async settle(settlement: Settlement) {
      const { reports, abandoned, uncontrolled, mark: newMark, limits: noted } = structuredClone(settlement);
      await memory.disk();
      limits.push(...noted);
      for (const { permitId, uptimeMs, bootId } of reports) {
        const row = rows.get(permitId)!;
        if (row.reportedUptimeMs === null && bootId !== undefined) reportedBoots.set(permitId, bootId);
        else if (reportedBoots.has(permitId) || bootId !== undefined) continue;
        row.reportedUptimeMs = Math.min(row.reportedUptimeMs ?? Number.POSITIVE_INFINITY, uptimeMs);
      }
      for (const permitId of abandoned) {
        const grant = rows.get(permitId);
        if (grant) grant.abandoned = true;
      }
      sends.push(...uncontrolled);
      mark = Math.max(mark, newMark ?? 0);
    },
    async recent(bootId, uptimeMs, withinMs) {
      const grants: Grant[] = [];
      let boot = bootId;
      let nowOfBoot = uptimeMs;
      const ordered = newestFirst();
      for (const grant of ordered) {
        if (grant.bootId !== boot) {
          if (nowOfBoot >= withinMs) break;
          boot = grant.bootId;
          nowOfBoot = grant.grantedUptimeMs;
        }
        if (grant.grantedUptimeMs <= nowOfBoot - withinMs) break;
        grants.push(grant);
      }
      const newest = (send: UncontrolledSend) =>
        Math.max(...sends.filter((other) => other.bootId === send.bootId).map((other) => other.uptimeMs));
      const uncontrolled = sends.filter((send) =>
        send.bootId === bootId ? send.uptimeMs > uptimeMs - withinMs : uptimeMs < withinMs && send.uptimeMs > newest(send) - withinMs,
      );
      return structuredClone({
        grants: grants.reverse(),
        uncontrolled,
        unreported: ordered
          .slice(0, CARRIED_OVER)
          .filter((grant) => grant.reportedUptimeMs === null && !grant.abandoned)
          .slice(0, MAX_UNREPORTED)
          .reverse(),
        mark,
        last: ordered[0] ? permitNumberOf(ordered[0].permitId)! : 0,
        limits: [...new Map(limits.map((note) => [note.country, note])).values()],
      });
    },
    async prune({ beforeAt, bootId, beforeUptimeMs, most }) {
      const old = newestFirst()
        .reverse()
        .filter(
          (row) =>
            permitNumberOf(row.permitId)! < Math.floor(beforeAt) * 4096 && !(row.bootId === bootId && row.grantedUptimeMs > beforeUptimeMs),
        )
        .slice(0, most);
      for (const { permitId } of old) rows.delete(permitId);
      return old.length;
    },
    async find(permitIds) {
      return structuredClone(permitIds.flatMap((id) => rows.get(id) ?? []));
    },
  };
  return memory;
}
