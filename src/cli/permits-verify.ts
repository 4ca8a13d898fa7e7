/** `signalbox permits verify`: replays the ledger and says of each country whether any window held more than its limit. */

import type { LedgerEntry, LedgerRange } from "../permits/ledger.ts";
import type { Density, Verdict } from "../permits/replay.ts";
import type { Client } from "./client.ts";
import { EXIT, Failed, usage } from "./exit.ts";
import { withStore } from "./offline.ts";
import { table } from "./terminal.ts";
import type { Call, Verb } from "./verb.ts";

export const permitsVerify: Verb = {
  name: "permits verify",
  operands: "",
  summary: "Replay the ledger: did any window hold more than its limit?",
  about:
    "Takes the ledger from the Signalbox that runs, from the data folder when none does, or from a file that was downloaded (CSV or NDJSON).\n" +
    "For each country: grants, uncontrolled sends, the densest window with its start and the limit in force, OK or BROKEN.\n" +
    "Judged by uptime and boot, never by the wall clock. Ends with 1 when a country is broken.",
  flags: {
    from: { type: "string", value: "<when>", about: "24h, 7d or 2026-01-31T14:30:00Z; default: all that is kept" },
    to: { type: "string", value: "<when>", about: "likewise; default: now" },
    country: { type: "string", value: "<code>", about: "of this country only" },
    file: { type: "string", value: "<path>", about: "a ledger that was downloaded" },
  },
  examples: [
    "signalbox permits verify",
    "signalbox permits verify --from 24h --country UZ",
    "signalbox permits verify --file permits-UZ.csv",
  ],
  async run(call) {
    const { flags, json, terminal } = call;
    const now = Date.now();
    const country = await countryOf(flags.country);
    const range: LedgerRange = { country, from: timeOf("from", flags.from, now), to: timeOf("to", flags.to, now) };
    const { openReplay } = await import("../permits/replay.ts");
    const replay = openReplay();
    const add = (entry: LedgerEntry) => {
      if (entry.kind === "boot" || country === undefined || entry.country === country) replay.add(entry);
    };
    if (typeof flags.file === "string") await fromFile(flags.file, range, add);
    else await fromStore(call, range, add);
    const verdicts = replay.verdicts().filter(({ grants, uncontrolled }) => grants + uncontrolled > 0);
    const ok = verdicts.every(isOk);
    if (json) terminal.say(JSON.stringify({ ok, countries: verdicts.map(documentOf) }, null, 2));
    else if (verdicts.length === 0) terminal.note("Nothing was granted and nothing sent in that time.");
    else for (const line of report(verdicts)) terminal.say(line);
    return ok ? EXIT.ok : EXIT.failure;
  },
};

const isOk = (verdict: Verdict) => verdict.over === 0;

export function report(verdicts: readonly Verdict[]): string[] {
  const rows = verdicts.map((verdict) => {
    const shown = verdict.worst ?? verdict.densest;
    return [
      verdict.country,
      String(verdict.grants),
      String(verdict.uncontrolled),
      shown ? `${shown.count} in ${shown.windowMs / 1000} s` : "-",
      shown ? String(shown.limit) : "-",
      shown ? timeText(shown.startAt) : "-",
      isOk(verdict) ? "OK" : "BROKEN",
    ];
  });
  const broken = verdicts.filter((verdict) => !isOk(verdict));
  return [
    ...table(["COUNTRY", "GRANTS", "UNCONTROLLED", "DENSEST", "LIMIT", "FROM", "VERDICT"], rows),
    "",
    ...broken.map(
      ({ country, over, uncontrolledBy, worst }) =>
        `${country}: over its limit with ${over} of them; the worst window held ${worst!.count} of ${worst!.limit}, ${worst!.uncontrolled} uncontrolled ` +
        `(${Object.entries(uncontrolledBy)
          .map(([reason, n]) => `${reason} ${n}`)
          .join(", ")})`,
    ),
    broken.length === 0
      ? `OK: no window of ${count(verdicts.length)} held more than its limit`
      : `BROKEN: ${broken.length} of ${count(verdicts.length)}`,
  ];
}

const count = (n: number) => (n === 1 ? "1 country" : `${n} countries`);
const timeText = (ms: number) => `${new Date(ms).toISOString().slice(0, 23).replace("T", " ")}Z`;

function documentOf(verdict: Verdict): Record<string, unknown> {
  return {
    country: verdict.country,
    ok: isOk(verdict),
    grants: verdict.grants,
    reported: verdict.reported,
    abandoned: verdict.abandoned,
    uncontrolled: verdict.uncontrolled,
    uncontrolled_by_reason: verdict.uncontrolledBy,
    densest: densityDocument(verdict.densest),
    worst: densityDocument(verdict.worst),
    over: verdict.over,
  };
}

function densityDocument(density: Density | null): Record<string, unknown> | null {
  return (
    density && {
      count: density.count,
      uncontrolled: density.uncontrolled,
      limit: density.limit,
      window_ms: density.windowMs,
      start_at: new Date(density.startAt).toISOString(),
      boot_id: density.bootId,
      start_uptime_ms: density.startUptimeMs,
      end_uptime_ms: density.endUptimeMs,
    }
  );
}

async function countryOf(flag: string | boolean | undefined): Promise<string | undefined> {
  if (typeof flag !== "string") return undefined;
  const { readCountry } = await import("../pairs/country.ts");
  const code = readCountry(flag);
  if (code === null) throw usage(`--country takes a code of ISO 3166 like UZ, not ${flag}`);
  return code;
}

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time in the past as people type it. */
export function timeOf(name: string, text: string | boolean | undefined, now: number): number | undefined {
  if (typeof text !== "string") return undefined;
  const span = /^(\d{1,6})([smhd])$/.exec(text);
  if (span) return now - Number(span[1]) * UNIT_MS[span[2]!]!;
  const at = /^\d{4}-\d{2}-\d{2}(T.*(Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw usage(`--${name} takes 30m, 24h, 7d or 2026-01-31T14:30:00Z, not ${text}`);
  return at;
}

async function fromStore(call: Call, range: LedgerRange, add: (entry: LedgerEntry) => void): Promise<void> {
  try {
    await fromServer(call.client(), range, add);
  } catch (error) {
    if (!(error instanceof Failed) || error.code !== EXIT.notRunning) throw error;
    await withStore(call.settings().config, false, async ({ ledger }) => {
      for await (const page of ledger.pages(range)) page.forEach(add);
    });
  }
}

async function fromServer(client: Client, { country, from, to }: LedgerRange, add: (entry: LedgerEntry) => void): Promise<void> {
  const { openReading } = await import("../permits/ledger-text.ts");
  const reading = openReading();
  const query = new URLSearchParams({ format: "ndjson" });
  if (from !== undefined) query.set("from", new Date(from).toISOString());
  if (to !== undefined) query.set("to", new Date(to).toISOString());
  let rest = "";
  let line = 0;
  const path = country === undefined ? "/api/permits/ledger" : `/api/permits/${country}/ledger`;
  await client.follow(`${path}?${query}`, (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const one of lines) {
      const entry = reading.take(JSON.parse(one), `line ${++line} of the answer`);
      if (entry) add(entry);
    }
  });
  try {
    reading.finish();
  } catch (error) {
    throw new Failed(EXIT.failure, (error as Error).message);
  }
}

/** CSV or NDJSON, told by its first sign; line by line, so that a year of it is no matter of memory. */
async function fromFile(path: string, { from, to }: LedgerRange, add: (entry: LedgerEntry) => void): Promise<void> {
  const [{ createReadStream, existsSync, openSync, readSync, closeSync }, { openReading, cellsOf }] = await Promise.all([
    import("node:fs"),
    import("../permits/ledger-text.ts"),
  ]);
  if (!existsSync(path)) throw new Failed(EXIT.notFound, `There is no file ${path}`);
  const first = Buffer.alloc(1);
  const file = openSync(path, "r");
  readSync(file, first, 0, 1, 0);
  closeSync(file);
  const reading = openReading();
  const take = (value: unknown, where: string) => {
    const entry = reading.take(value, where);
    if (!entry) return;
    const at = entry.kind === "grant" ? entry.grantedAt : entry.kind === "uncontrolled" ? entry.countedAt : null;
    if (at === null || ((from === undefined || at >= from) && (to === undefined || at < to))) add(entry);
  };
  let line = 0;
  try {
    if (first.toString() === "{") {
      const { createInterface } = await import("node:readline");
      for await (const text of createInterface({ input: createReadStream(path) })) {
        line++;
        if (text.trim() !== "") take(JSON.parse(text), `line ${line} of ${path}`);
      }
    } else {
      const { parse } = await import("csv-parse");
      const records = createReadStream(path).pipe(parse({ bom: true, columns: true })) as AsyncIterable<Record<string, string>>;
      for await (const record of records) take(cellsOf(record), `line ${++line + 1} of ${path}`);
    }
    reading.finish();
  } catch (error) {
    throw new Failed(EXIT.usage, error instanceof SyntaxError ? `line ${line} of ${path} is not JSON` : (error as Error).message);
  }
}
