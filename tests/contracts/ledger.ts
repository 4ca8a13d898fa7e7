/** What every ledger must do: say the same as one made the simple way, over random grants, sends, limits and boots; and give many rows in pages. */

import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Grants, LimitNote, UncontrolledSend } from "../../src/permits/grants.ts";
import type { Ledger, LedgerEntry, LedgerRange } from "../../src/permits/ledger.ts";
import type { Grant } from "../../src/permits/permit.ts";
import { permitIdOf } from "../../src/permits/permit-id.ts";
import { memoryGrants } from "../cast/grants.ts";
import { memoryLedger } from "../cast/ledger.ts";

const WALL = Date.UTC(2026, 0, 5);

async function all(ledger: Ledger, range: LedgerRange = {}): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  for await (const page of ledger.pages(range)) entries.push(...page);
  return entries;
}

const event = fc.record({
  what: fc.constantFrom("grant", "grant", "grant", "send", "limit", "report", "reboot"),
  country: fc.constantFrom("UZ", "IN", "KZ"),
  afterMs: fc.integer({ min: 1, max: 5_000 }),
  agoMs: fc.nat(20_000),
  n: fc.integer({ min: 1, max: 9 }),
});
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

/** What a limiter would write, row by row. */
async function written(events: readonly Event[], { grants: onDisk, ledger }: LedgerPorts) {
  const memory = memoryGrants();
  const boots = ["boot-1"];
  let [wall, uptime, number, seq] = [WALL, 1_000, 0, 0];
  let toNote: LimitNote[] = [];
  const granted: Grant[] = [];
  for (const { what, country, afterMs, agoMs, n } of events) {
    wall += afterMs;
    uptime += afterMs;
    const bootId = boots.at(-1)!;
    if (what === "reboot") {
      boots.push(`boot-${boots.length + 1}`);
      uptime = 10;
      toNote = [];
    } else if (what === "limit") {
      toNote.push({ country, limit: n, windowMs: 60_000, bootId, uptimeMs: uptime, afterNumber: number, at: wall });
    } else if (what === "grant") {
      number = Math.max(number + 1, wall * 4096);
      const grant: Grant = {
        ...{
          permitId: permitIdOf(number),
          country,
          pair: `${country}_a`,
          gateway: null,
          program: "program1",
          session: n % 2 ? "s_1" : null,
          bootId,
        },
        ...{ grantedUptimeMs: uptime + n / 8, leaseMs: 2_000, grantedAt: wall, reportedUptimeMs: null, abandoned: false },
      };
      granted.push(grant);
      for (const grants of [memory, onDisk]) await grants.record([grant], toNote);
      toNote = [];
    } else {
      const old = granted[agoMs % Math.max(1, granted.length)];
      const reports =
        what === "report" && old ? [{ permitId: old.permitId, uptimeMs: uptime, ...(old.bootId === bootId ? {} : { bootId }) }] : [];
      const send: UncontrolledSend = {
        ...{
          country,
          pair: `${country}_b`,
          program: "wild",
          session: null,
          reason: "surplus",
          bootId,
          uptimeMs: uptime - agoMs - n / 16,
          n,
        },
        ...{ at: wall - agoMs, countedAt: wall - agoMs, seq: ++seq },
      };
      const uncontrolled = what === "send" ? [send] : [];
      const limits = what === "send" ? toNote : [];
      if (what === "send") toNote = [];
      for (const grants of [memory, onDisk]) await grants.settle({ reports, abandoned: [], uncontrolled, mark: null, limits });
    }
  }
  return { memory, ledger, oracle: memoryLedger(memory, boots), bootId: boots.at(-1)!, uptime, wall };
}

export interface LedgerPorts {
  grants: Grants;
  ledger: Ledger;
}

export function ledgerContract(name: string, open: () => Promise<LedgerPorts>): void {
  test(`${name}: the same entries in the same order as the simple one, whole and in any part`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 60 }), fc.nat(100_000), async (events, cut) => {
        const { ledger, oracle, bootId, uptime, wall } = await written(events, await open());
        const middle = WALL + (cut % (wall - WALL + 1));
        const ranges: LedgerRange[] = [
          {},
          { country: "UZ" },
          { from: middle },
          { to: middle, country: "IN" },
          { since: { bootId, uptimeMs: uptime - 10_000 } },
          { since: { bootId, uptimeMs: uptime - 10_000 }, country: "KZ" },
        ];
        for (const range of ranges) expect(await all(ledger, range)).toEqual(await all(oracle, range));
      }),
      { numRuns: 40, seed: 20_261_120 },
    );
  }, 60_000);

  test(`${name}: more than a step takes comes in pages, none of them long, each row once`, async () => {
    const { grants, ledger } = await open();
    const many = Array.from(
      { length: 3_500 },
      (_, i): Grant => ({
        ...{
          permitId: permitIdOf((WALL + i) * 4096),
          country: i % 7 ? "UZ" : "IN",
          pair: "UZ_a",
          gateway: null,
          program: "program1",
          session: null,
        },
        ...{ bootId: "boot-1", grantedUptimeMs: 1_000 + i, leaseMs: 2_000, grantedAt: WALL + i, reportedUptimeMs: null, abandoned: false },
      }),
    );
    await grants.record(many);
    const ids = async (range: LedgerRange) => {
      const seen: string[] = [];
      for await (const page of ledger.pages(range)) {
        expect(page.length).toBeLessThanOrEqual(500);
        for (const entry of page) if (entry.kind === "grant") seen.push(entry.permitId);
      }
      return seen;
    };
    expect(await ids({})).toEqual(many.map(({ permitId }) => permitId));
    expect(await ids({ country: "IN" })).toEqual(many.filter(({ country }) => country === "IN").map(({ permitId }) => permitId));
    expect(await ids({ from: WALL + 1_200, to: WALL + 2_300 })).toEqual(many.slice(1_200, 2_300).map(({ permitId }) => permitId));
  });
}
