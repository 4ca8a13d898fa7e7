import { expect, test } from "bun:test";
import type { Fleet, SessionStatus } from "../../fleet/fleet.ts";
import { openTopic } from "../../kernel/topic.ts";
import { defaultCountry } from "../../pairs/country.ts";
import type { Directory } from "../../pairs/directory.ts";
import { createPair, type Pair } from "../../pairs/pair.ts";
import type { Session } from "../../pairs/session.ts";
import type { Permits } from "../../permits/permit.ts";
import type { Delta } from "../../results/journal.ts";
import type { Counters, Numbers, Rate } from "../../results/numbers.ts";
import { openExporter } from "./exporter.ts";

const NOW = Date.UTC(2026, 0, 5, 12);
const enough: Rate = {
  kind: "rate",
  value: 0.8,
  lower: 0.63,
  upper: 0.91,
  n: 30,
  windowMs: 900_000,
  maturityMs: 120_000,
  basis: "receipts",
};
const delta: Delta = {
  seq: 1,
  program: "program1",
  session: null,
  pair: "UZ_uzmobile",
  country: "UZ",
  submitAt: NOW,
  from: "submitted",
  to: "delivered",
  n: 1,
  latencyMs: 3000,
  basis: "receipts",
  errorCode: null,
  fromErrorCode: null,
  excused: 0,
  permitId: null,
  at: NOW,
  receivedAt: NOW,
};

/** A house of which the exporter sees only the read side. */
function house(pairs: Pair[], rate: Rate = enough) {
  const statuses = new Map<string, Partial<SessionStatus>>();
  const changed = openTopic<readonly string[]>();
  const session = {
    id: "s_1",
    name: "program1_UZ_uzmobile",
    program: "program1",
    pairs: ["UZ_uzmobile"],
    desired: { state: "up" },
  } as Session;
  const exporter = openExporter({
    directory: { pairs: () => pairs, countries: () => [defaultCountry("UZ")], sessions: () => [session] } as unknown as Directory,
    fleet: { changed, all: () => [...statuses.values()], status: (id: string) => statuses.get(id) } as unknown as Fleet,
    permits: {
      proof: () => ({ used: 4, limit: 10, windowMs: 60_000, waiting: 2 }),
      totals: () => ({ granted: 7, refused: { rate: 3, paused: 1 }, uncontrolled: 0 }),
    } as unknown as Permits,
    breaches: { current: () => null, totals: () => new Map() },
    holds: {
      list: () => [{ id: "h_1", scope: "country", what: "UZ", reason: "x", by: "anna", at: 0, until: NOW + 90_000 }],
    },
    counters: { pair: () => ({ rate }) as Numbers } as unknown as Counters,
    loops: () => [{ name: "reconciler", runs: 5, failures: 1, lastOkAt: NOW, lastError: null, everyMs: 250 }],
    lagMs: () => 2.5,
    now: () => NOW,
  });
  const see = (status: Partial<SessionStatus>) => {
    statuses.set("s_1", { session: "s_1", ...status });
    changed.publish(["s_1"]);
  };
  return { exporter, see };
}

const uzmobile = createPair({ country: "UZ", operator: "uzmobile" }, NOW);
const linesOf = (text: string, name: string) => text.split("\n").filter((line) => line.startsWith(name));

test("one scrape tells of traffic, rates, permits, sessions, loops and the process", async () => {
  const { exporter, see } = house([uzmobile]);
  see({ run: "r1", state: "running", startedAt: NOW - 60_000 });
  exporter.observe([
    delta,
    { ...delta, latencyMs: 45_000 },
    { ...delta, n: 2, latencyMs: null },
    { ...delta, to: "undelivered", errorCode: "30003", latencyMs: null },
  ]);
  const text = await exporter.text();
  for (const line of [
    'signalbox_sms_events_total{country="UZ",operator="uzmobile",program="program1",state="delivered"} 4',
    'signalbox_sms_errors_total{country="UZ",operator="uzmobile",program="program1",code="30003"} 1',
    'signalbox_dlr_latency_seconds_bucket{le="5",country="UZ"} 1',
    'signalbox_dlr_latency_seconds_bucket{le="60",country="UZ"} 2',
    'signalbox_dlr_latency_seconds_bucket{le="+Inf",country="UZ"} 2',
    'signalbox_dlr_latency_seconds_sum{country="UZ"} 48',
    'signalbox_pair_success_ratio{country="UZ",operator="uzmobile"} 0.8',
    'signalbox_pair_success_ratio_lower{country="UZ",operator="uzmobile"} 0.63',
    'signalbox_pair_success_sample{country="UZ",operator="uzmobile"} 30',
    'signalbox_hold_remaining_seconds{what="UZ"} 90',
    'signalbox_limiter_used{country="UZ"} 4',
    'signalbox_limiter_limit{country="UZ"} 10',
    "signalbox_permits_granted_total 7",
    'signalbox_permits_refused_total{reason="rate"} 3',
    'signalbox_session_up{session="program1_UZ_uzmobile",program="program1"} 1',
    'signalbox_session_state{session="program1_UZ_uzmobile",program="program1",state="running"} 1',
    'signalbox_session_uptime_seconds{session="program1_UZ_uzmobile",program="program1"} 60',
    'signalbox_loop_failures_total{loop="reconciler"} 1',
    "signalbox_event_loop_lag_seconds 0.0025",
  ])
    expect(text).toContain(`${line}\n`);
  expect(linesOf(text, "signalbox_process_")).toHaveLength(5);
});

test("a house without traffic tells what each metric is", async () => {
  const { exporter } = house([]);
  const text = await exporter.text();
  for (const name of ["sms_events_total counter", "dlr_latency_seconds histogram", "pair_active gauge"])
    expect(text).toContain(`# TYPE signalbox_${name}\n`);
});

test("a rate that is not known yet has a sample size and no ratio", async () => {
  const { exporter } = house([uzmobile], { kind: "insufficient", n: 12, needed: 30 });
  const text = await exporter.text();
  expect(linesOf(text, "signalbox_pair_success_ratio")).toEqual([]);
  expect(text).toContain('signalbox_pair_success_sample{country="UZ",operator="uzmobile"} 12\n');
});

test("a session's second run counts as a restart, its first does not", async () => {
  const { exporter, see } = house([]);
  see({ run: "r1", state: "running" });
  see({ run: "r1", state: "backoff" });
  see({ run: "r2", state: "running" });
  expect(linesOf(await exporter.text(), "signalbox_session_restarts_total")[0]).toEndWith(" 1");
});

test("a program that invents error codes cannot fill Prometheus", async () => {
  const { exporter } = house([uzmobile]);
  exporter.observe(Array.from({ length: 500 }, (_, i) => ({ ...delta, errorCode: `e"\\${i}\n` })));
  const lines = linesOf(await exporter.text(), "signalbox_sms_errors_total");
  expect(lines).toHaveLength(51);
  expect(lines[0]).toBe('signalbox_sms_errors_total{country="UZ",operator="uzmobile",program="program1",code="e\\"\\\\0\\n"} 1');
  expect(lines.find((line) => line.includes('code="other"'))).toEndWith(" 450");
});

test("other work has its turn during a scrape of 1,000 pairs with 20 error codes each", async () => {
  const pairs = Array.from({ length: 1000 }, (_, i) => createPair({ country: "UZ", operator: `operator-${i}` }, NOW));
  const { exporter } = house(pairs);
  for (const { id } of pairs)
    exporter.observe(Array.from({ length: 20 }, (_, code) => ({ ...delta, pair: id, to: "undelivered" as const, errorCode: `${code}` })));
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  const text = await exporter.text();
  clearInterval(timer);
  const lines = text.trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(25_000);
  expect(new Set(lines).size).toBe(lines.length); // no series twice, and HELP and TYPE once
  expect(turns).toBeGreaterThan(3);
});

// Comes with Debian's package prometheus; scripts/setup --test installs it.
test.skipIf(Bun.which("promtool") === null)("promtool finds nothing to say against it", async () => {
  const { exporter, see } = house([uzmobile]);
  see({ run: "r1", state: "running", startedAt: NOW });
  exporter.observe([{ ...delta, errorCode: 'quo"te' }]);
  const promtool = Bun.spawn(["promtool", "check", "metrics"], {
    stdin: new Blob([await exporter.text()]),
    stdout: "pipe",
    stderr: "pipe",
  });
  expect(await new Response(promtool.stderr).text()).toBe("");
  expect(await promtool.exited).toBe(0);
});
