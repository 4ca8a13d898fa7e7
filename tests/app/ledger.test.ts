/** The ledger as people take it away, and the checker that replays it: through the real house, its store, and files. */

import { expect, test } from "bun:test";
import { cpSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { LedgerEntry } from "../../src/permits/ledger.ts";
import { cellsOf, csvLineOf, entryOf, jsonLineOf, LEDGER_COLUMNS, lineOf } from "../../src/permits/ledger-text.ts";
import { ownFolder } from "../cast/folder.ts";
import { openHouse } from "../cast/house.ts";

const house = await openHouse();
const folder = ownFolder("ledger");
const MAIN = join(import.meta.dir, "../../src/main.ts");

async function verify(...argv: string[]): Promise<{ out: string; said: string; code: number }> {
  const child = Bun.spawn(
    [
      process.execPath,
      MAIN,
      "permits",
      "verify",
      ...argv,
      "--control-socket",
      house.config.controlSocket,
      "--data-dir",
      house.config.dataDir,
    ],
    { stdin: "ignore", stdout: "pipe", stderr: "pipe" },
  );
  const [out, said, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { out, said, code };
}

async function ledger(path: string): Promise<string> {
  const response = await fetch(`${house.url}${path}`, { headers: { authorization: `Bearer ${house.viewer}` } });
  expect(response.status).toBe(200);
  return response.text();
}

async function sent(country: string, operator: string, n: number): Promise<void> {
  for (let i = 0; i < n; i++) {
    const { json, status } = await house.api("POST", "/api/permits", { country, operator });
    expect(status).toBe(201);
    const result = { country, operator, message_id: `${json.permit_id}`, state: "submitted", permit_id: json.permit_id };
    await house.api("POST", "/api/results", result);
  }
}

await house.api("POST", "/api/pairs", { country: "UZ", operator: "uzmobile" });
await house.api("POST", "/api/pairs", { country: "IN", operator: "airtel" });
await sent("UZ", "uzmobile", 4);
await sent("IN", "airtel", 10);

test("an empty range says so, a kept limit is OK with 0", async () => {
  expect(await verify("--to", "2020-01-01")).toMatchObject({ code: 0, said: expect.stringContaining("Nothing was granted") });
  const { code, out } = await verify();
  expect([code, out]).toEqual([0, expect.stringMatching(/IN +10 +0 +10 in 60 s +10 .* OK\nUZ +4 +0 +4 in 60 s +10 .* OK\n/)]);
  expect(out).toContain("OK: no window of 2 countries held more than its limit");
  expect((await verify("--country", "uz")).out).not.toContain("IN ");
});

test("sends without a permit break it: BROKEN with 1, from the server, from a CSV, from NDJSON, from the folder when nobody runs, all the same", async () => {
  await house.api(
    "POST",
    "/api/results",
    [1, 2].map((i) => ({ country: "IN", operator: "airtel", message_id: `wild-${i}`, state: "submitted" })),
  );
  await house.app.services.permits.flushed();
  const online = await verify("--json");
  const told = JSON.parse(online.out);
  expect([online.code, told.ok]).toEqual([1, false]);
  expect(told.countries[0]).toMatchObject({
    country: "IN",
    ok: false,
    grants: 10,
    reported: 10,
    uncontrolled: 2,
    uncontrolled_by_reason: { surplus: 2 },
    worst: { count: 12, uncontrolled: 2, limit: 10, window_ms: 60_000 },
    over: 2,
  });
  const report = await verify();
  expect(report.out).toContain("IN: over its limit with 2 of them; the worst window held 12 of 10, 2 uncontrolled (surplus 2)");
  expect(report.out).toContain("BROKEN: 1 of 2 countries");

  for (const [name, path] of [
    ["all.csv", "/api/permits/ledger"],
    ["all.ndjson", "/api/permits/ledger?format=ndjson"],
  ] as const) {
    await Bun.write(join(folder, name), await ledger(path));
    const offline = await verify("--json", "--file", join(folder, name));
    expect([name, offline.code, JSON.parse(offline.out)]).toEqual([name, 1, told]);
  }
  await Bun.write(join(folder, "IN.csv"), await ledger("/api/permits/IN/ledger"));
  expect((await verify("--file", join(folder, "IN.csv"), "--country", "UZ")).code).toBe(0);

  // As after a stop: the folder alone, and nobody on the socket.
  cpSync(house.config.dataDir, join(folder, "data"), { recursive: true, filter: (path) => !path.endsWith(".sock") });
  const fromFolder = await verify("--json", "--data-dir", join(folder, "data"), "--control-socket", join(folder, "nobody.sock"));
  expect([fromFolder.code, JSON.parse(fromFolder.out)]).toEqual([1, told]);
  await house.reopen();
  const again = await verify("--json");
  expect([again.code, JSON.parse(again.out)]).toEqual([1, told]);
});

test("a changed limit is in the ledger, with the time from which it applies", async () => {
  await house.api("PATCH", "/api/countries/UZ", { limit: 20 });
  await sent("UZ", "uzmobile", 12);
  const lines = (await ledger("/api/permits/UZ/ledger?format=ndjson"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.pop()).toEqual({ kind: "end", n: 18 });
  expect(lines.map(({ kind, limit }) => (kind === "limit" ? limit : kind))).toEqual([
    10,
    ...Array(4).fill("grant"),
    20,
    ...Array(12).fill("grant"),
  ]);
  const verdict = await verify("--country", "UZ", "--json");
  expect([verdict.code, JSON.parse(verdict.out).countries[0].densest]).toEqual([0, expect.objectContaining({ count: 16, limit: 20 })]);
  // From the middle on: the limit that applied then leads.
  const cut = await ledger(`/api/permits/UZ/ledger?format=ndjson&from=${encodeURIComponent(lines[7].at)}`);
  expect(JSON.parse(cut.split("\n", 1)[0]!)).toMatchObject({ kind: "limit", limit: 20, uptime_ms: lines[7].uptime_ms });
});

test("bad times, unknown countries and broken files are refused in a sentence", async () => {
  expect((await house.api("GET", "/api/permits/UZ/ledger?from=yesterday")).status).toBe(400);
  expect((await house.api("GET", "/api/permits/UZ/ledger?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z")).status).toBe(400);
  expect((await house.api("GET", "/api/permits/DE/ledger")).status).toBe(404);
  expect((await house.api("GET", "/api/permits/UZ/ledger", undefined, null)).status).toBe(401);
  expect(await verify("--from", "soon")).toMatchObject({ code: 2 });
  expect(await verify("--file", join(folder, "nothing.csv"))).toMatchObject({ code: 5 });
  await Bun.write(join(folder, "bad.ndjson"), '{"kind":"grant"}\n');
  expect(await verify("--file", join(folder, "bad.ndjson"))).toMatchObject({ code: 2, said: expect.stringContaining("line 1 of") });
  const lines = (await ledger("/api/permits/IN/ledger?format=ndjson")).trimEnd().split("\n");
  const end = lines.pop()!;
  await Bun.write(join(folder, "cut.ndjson"), lines.join("\n"));
  expect(await verify("--file", join(folder, "cut.ndjson"))).toMatchObject({ code: 2, said: expect.stringContaining("was cut off") });
  await Bun.write(join(folder, "thinned.ndjson"), [...lines.slice(0, -1), end].join("\n"));
  expect(await verify("--file", join(folder, "thinned.ndjson"))).toMatchObject({
    code: 2,
    said: expect.stringContaining("some are missing"),
  });
  await Bun.write(join(folder, "shuffled.ndjson"), [...lines.toReversed(), end].join("\n"));
  expect(await verify("--file", join(folder, "shuffled.ndjson"))).toMatchObject({ code: 2, said: expect.stringContaining("not in order") });
});

const word = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12 }),
  fc.constantFrom("=1+1", "@x", "+4", "-4", "'=1", 'a "b", c', "Кселл\r\n=x", "\t="),
);
const entries: fc.Arbitrary<LedgerEntry> = fc.oneof(
  fc.record({
    kind: fc.constant("grant" as const),
    country: fc.constant("UZ"),
    permitId: word,
    pair: word,
    program: word,
    session: fc.option(word, { nil: null }),
    bootId: word,
    grantedUptimeMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
    leaseMs: fc.nat(60_000),
    grantedAt: fc.integer({ min: 0, max: 4e12 }),
    reportedUptimeMs: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: null }),
    reportedBootId: fc.option(word, { nil: null }),
    abandoned: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("uncontrolled" as const),
    country: fc.constant("UZ"),
    pair: word,
    program: word,
    session: fc.option(word, { nil: null }),
    reason: fc.constantFrom("surplus" as const, "late" as const),
    n: fc.integer({ min: 1, max: 1e6 }),
    bootId: word,
    // No text tells -0 from 0.
    uptimeMs: fc.double({ min: -1e5, max: 1e9, noNaN: true }).map((ms) => ms + 0),
    countedAt: fc.integer({ min: 0, max: 4e12 }),
    at: fc.integer({ min: 0, max: 4e12 }),
  }),
);

test("whatever names hold, both texts read back as they were, and no text of the CSV is a formula", async () => {
  const { parse } = await import("csv-parse/sync");
  await fc.assert(
    fc.property(fc.array(entries, { minLength: 1, maxLength: 5 }), (written) => {
      const csv = written.map((entry) => csvLineOf(lineOf(entry, (session) => session))).join("");
      const records = parse(csv, { columns: [...LEDGER_COLUMNS] }) as Record<string, string>[];
      for (const record of records)
        for (const cell of Object.values(record)) expect(/^[=@\t\r]|^[+-](?![\d.eE+-]+$)/.test(cell)).toBe(false);
      expect(records.map((record) => entryOf(cellsOf(record), "it"))).toEqual(written);
      const lines = written.map((entry) => jsonLineOf(lineOf(entry)));
      expect(lines.map((line) => entryOf(JSON.parse(line), "it"))).toEqual(written);
    }),
    { numRuns: 1_000, seed: 20_261_120 },
  );
});
