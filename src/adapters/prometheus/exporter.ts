/** Everything /metrics tells: the flow counted here, and what pairs, permits, sessions, loops and the process are at the scrape. */

import type { Fleet, SessionStatus } from "../../fleet/fleet.ts";
import type { SessionState } from "../../fleet/states.ts";
import type { LoopHealth } from "../../kernel/loop.ts";
import { COMMIT, VERSION } from "../../kernel/version.ts";
import type { Directory } from "../../pairs/directory.ts";
import type { CountryProof, Permits } from "../../permits/permit.ts";
import type { Delta } from "../../results/journal.ts";
import type { Counters, Rate } from "../../results/numbers.ts";
import { CONTENT_TYPE, type Family, type FamilyType, type Labels, labelled, render, sample } from "./exposition.ts";
import { openFlow } from "./flow.ts";
import { processFamilies } from "./process.ts";

export interface ExporterSources {
  directory: Directory;
  fleet: Fleet;
  permits: Permits;
  counters: Counters;
  loops: () => readonly LoopHealth[];
  /** The worst event-loop lag of the last seconds, ms. */
  lagMs: () => number;
  now: () => number;
}

export interface Exporter {
  contentType: string;
  /** To be told every new delta, as the counters are. */
  observe(deltas: readonly Delta[]): void;
  /** The text of one scrape. Steps aside for other requests every few thousand lines. */
  text(): Promise<string>;
}

const UP: ReadonlySet<SessionState> = new Set(["running", "silent", "frozen"]);

export function openExporter(sources: ExporterSources): Exporter {
  const flow = openFlow();
  const { counters, permits } = sources;
  // Several families read the same thing: each pair and country is asked once a scrape.
  const rates = remembered((pair) => counters.pair(pair).rate);
  const proofs = remembered((country) => permits.proof(country));
  const families = [
    ...flow.families(),
    ...pairFamilies(sources.directory, rates.of),
    ...permitFamilies(sources, proofs.of),
    ...sessionFamilies(sources, countRestarts(sources.fleet)),
    ...partFamilies(sources),
    ...processFamilies(),
  ];
  return {
    contentType: CONTENT_TYPE,
    observe: flow.observe,
    text() {
      rates.forget();
      proofs.forget();
      return render(families);
    },
  };
}

function pairFamilies(directory: Directory, rateOf: (pair: string) => Rate): Family[] {
  // A rate that is not known yet has no ratio: a 0 or a NaN would page somebody.
  const ofRate = (read: (rate: Extract<Rate, { kind: "rate" }>) => number) =>
    function* (name: string) {
      for (const { id, country, operator } of directory.pairs()) {
        const rate = rateOf(id);
        if (rate.kind === "rate") yield sample(name, labelled({ country, operator }), read(rate));
      }
    };
  return [
    family(
      "signalbox_pair_success_ratio",
      "Delivered share of mature messages, 0-1; absent while the sample is insufficient",
      "gauge",
      ofRate((rate) => rate.value),
    ),
    family(
      "signalbox_pair_success_ratio_lower",
      "Lower end of its Wilson 95% interval",
      "gauge",
      ofRate((rate) => rate.lower),
    ),
    family(
      "signalbox_pair_success_ratio_upper",
      "Upper end of its Wilson 95% interval",
      "gauge",
      ofRate((rate) => rate.upper),
    ),
    family("signalbox_pair_success_sample", "Mature messages the ratio is counted over", "gauge", function* (name) {
      for (const { id, country, operator } of directory.pairs()) yield sample(name, labelled({ country, operator }), rateOf(id).n);
    }),
    family("signalbox_pair_active", "Whether the pair may be granted permits", "gauge", function* (name) {
      for (const { country, operator, active } of directory.pairs()) yield sample(name, labelled({ country, operator }), active ? 1 : 0);
    }),
    family("signalbox_pair_priority", "Whether the pair is high priority", "gauge", function* (name) {
      for (const { country, operator, priority } of directory.pairs())
        yield sample(name, labelled({ country, operator }), priority ? 1 : 0);
    }),
  ];
}

function permitFamilies({ directory, permits }: ExporterSources, proofOf: (country: string) => CountryProof): Family[] {
  const ofCountry = (read: (proof: CountryProof) => number) =>
    function* (name: string) {
      for (const { code } of directory.countries()) yield sample(name, labelled({ country: code }), read(proofOf(code)));
    };
  return [
    family(
      "signalbox_limiter_used",
      "Slots of the country's window that are taken now",
      "gauge",
      ofCountry((proof) => proof.used),
    ),
    family(
      "signalbox_limiter_limit",
      "Slots of the country's window",
      "gauge",
      ofCountry((proof) => proof.limit),
    ),
    family(
      "signalbox_limiter_window_seconds",
      "Length of the country's window",
      "gauge",
      ofCountry((proof) => proof.windowMs / 1000),
    ),
    family(
      "signalbox_limiter_waiting",
      "Programs that wait for a slot",
      "gauge",
      ofCountry((proof) => proof.waiting),
    ),
    family("signalbox_permits_granted_total", "Permits granted", "counter", function* (name) {
      yield sample(name, "", permits.totals().granted);
    }),
    family("signalbox_permits_refused_total", "Permits refused, by reason", "counter", function* (name) {
      for (const [reason, n] of Object.entries(permits.totals().refused)) yield sample(name, labelled({ reason }), n);
    }),
    family("signalbox_uncontrolled_sends_total", "Messages sent without a permit of their own", "counter", function* (name) {
      yield sample(name, "", permits.totals().uncontrolled);
    }),
  ];
}

function sessionFamilies({ directory, fleet, now }: ExporterSources, restartsOf: (session: string) => number): Family[] {
  function* each(): Iterable<{ id: string; labels: Labels; wanted: boolean; status: SessionStatus | undefined }> {
    for (const session of directory.sessions()) {
      yield {
        id: session.id,
        labels: { session: session.name, program: session.program },
        wanted: session.desired.state === "up",
        status: fleet.status(session.id),
      };
    }
  }
  return [
    family("signalbox_session_state", "1 for the state each session is seen in", "gauge", function* (name) {
      for (const { labels, status } of each()) if (status) yield sample(name, labelled({ ...labels, state: status.state }), 1);
    }),
    family("signalbox_session_up", "Whether the program is seen alive", "gauge", function* (name) {
      for (const { labels, status } of each()) yield sample(name, labelled(labels), status && UP.has(status.state) ? 1 : 0);
    }),
    family("signalbox_session_desired_up", "Whether the session is wanted up", "gauge", function* (name) {
      for (const { labels, wanted } of each()) yield sample(name, labelled(labels), wanted ? 1 : 0);
    }),
    family("signalbox_session_restarts_total", "Runs that followed an earlier one, since Signalbox started", "counter", function* (name) {
      for (const { id, labels } of each()) yield sample(name, labelled(labels), restartsOf(id));
    }),
    family("signalbox_session_uptime_seconds", "Age of the present run", "gauge", function* (name) {
      for (const { labels, status } of each())
        if (status?.startedAt != null && UP.has(status.state)) yield sample(name, labelled(labels), (now() - status.startedAt) / 1000);
    }),
  ];
}

/** Counts a session's runs after the first that was seen. */
function countRestarts(fleet: Fleet): (session: string) => number {
  const seen = new Map<string, { run: string; restarts: number }>();
  const look = (session: string) => {
    const run = fleet.status(session)?.run;
    if (!run) return;
    const last = seen.get(session);
    if (!last) seen.set(session, { run, restarts: 0 });
    else if (last.run !== run) seen.set(session, { run, restarts: last.restarts + 1 });
  };
  for (const status of fleet.all()) look(status.session);
  fleet.changed.subscribe((sessions) => sessions.forEach(look));
  return (session) => seen.get(session)?.restarts ?? 0;
}

function remembered<T>(read: (id: string) => T): { of: (id: string) => T; forget: () => void } {
  const known = new Map<string, T>();
  return {
    of(id) {
      let value = known.get(id);
      if (value === undefined) {
        value = read(id);
        known.set(id, value);
      }
      return value;
    },
    forget: () => known.clear(),
  };
}

function partFamilies({ loops, lagMs }: ExporterSources): Family[] {
  return [
    family(
      "signalbox_loop_last_success_timestamp_seconds",
      "When each loop last ended a run well; 0 before the first",
      "gauge",
      function* (name) {
        for (const loop of loops()) yield sample(name, labelled({ loop: loop.name }), loop.lastOkAt / 1000);
      },
    ),
    family("signalbox_loop_failures_total", "Runs of each loop that failed", "counter", function* (name) {
      for (const loop of loops()) yield sample(name, labelled({ loop: loop.name }), loop.failures);
    }),
    family("signalbox_event_loop_lag_seconds", "How late timers came, at worst, in the last 15 s", "gauge", function* (name) {
      yield sample(name, "", lagMs() / 1000);
    }),
    family("signalbox_build_info", "Which Signalbox this is", "gauge", function* (name) {
      yield sample(name, labelled({ version: VERSION, commit: COMMIT, bun: Bun.version }), 1);
    }),
  ];
}

function family(name: string, help: string, type: FamilyType, samples: (name: string) => Iterable<string>): Family {
  return { name, help, type, samples: () => samples(name) };
}
