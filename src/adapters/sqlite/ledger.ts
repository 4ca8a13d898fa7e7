/** The ledger out of SQLite: three tables, each in its order, merged by boot and uptime; read in steps, so that no read stands before others. */

import type { Ledger, LedgerEntry, LedgerRange, LedgerSend } from "../../permits/ledger.ts";
import { PER_MS } from "../../permits/permit-id.ts";
import { ahead, merge } from "./ledger-merge.ts";
import { EVERYTHING, type Placed, type PlacedGrant, STEP_ROWS } from "./ledger-rows.ts";
import type { Store } from "./store.ts";

export function sqliteLedger(store: Store): Ledger {
  return { pages: (range) => pagesOf(store, range) };
}

async function* pagesOf(store: Store, range: LedgerRange): AsyncGenerator<LedgerEntry[]> {
  const country = range.country ?? null;
  const since = range.since ? await store.read("ledger.place", range.since) : null;
  const grants = ahead(grantSteps(store, range, country, since?.before ?? null));
  const sends = ahead(sendSteps(store, range, country, since && { boot: since.boot, uptimeMs: range.since!.uptimeMs }));
  const limits = await store.read("ledger.limits", country);
  const merged = merge(grants, sends, limits, (boot) => store.read("ledger.lastUptime", boot));
  let page: LedgerEntry[] = [];
  for await (const entry of merged) {
    page.push(entry);
    if (page.length < STEP_ROWS) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

async function* grantSteps(store: Store, range: LedgerRange, country: string | null, before: number | null): AsyncGenerator<PlacedGrant[]> {
  let after = before ?? (range.from === undefined ? 0 : Math.floor(range.from) * PER_MS - 1);
  const until = range.to === undefined ? EVERYTHING : Math.floor(range.to) * PER_MS;
  for (;;) {
    const { rows, last } = await store.read("ledger.grants", { after, until, country });
    if (last === null) return;
    yield rows;
    after = last;
  }
}

async function* sendSteps(
  store: Store,
  range: LedgerRange,
  country: string | null,
  since: { boot: number; uptimeMs: number } | null,
): AsyncGenerator<Placed<LedgerSend>[]> {
  const within = { from: since ? -EVERYTHING : (range.from ?? -EVERYTHING), to: range.to ?? EVERYTHING, country };
  let after = since ? { ...since, id: -1 } : { boot: 0, uptimeMs: -EVERYTHING, id: -1 };
  for (;;) {
    const { rows, last } = await store.read("ledger.sends", { ...after, ...within });
    if (last === null) return;
    yield rows;
    after = { boot: last.boot, uptimeMs: last.uptime_ms, id: last.id };
  }
}
