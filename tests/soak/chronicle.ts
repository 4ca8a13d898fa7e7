/** What the soak did itself: the one thing that can explain what no program does of its own accord. */

export interface Deed {
  at: number;
  what: string;
  /** The verb and, when the route takes one, the reason that must stand in the audit. */
  audit: { verb: string; subject: string | null; reason: string | null } | null;
  /** `open`: Signalbox was killed while it was asked, so that both are right: done and told, or neither. */
  outcome: "done" | "refused" | "open";
}

/** Something was ended from outside. */
export interface Kill {
  at: number;
  run: string;
  pid: number;
  what: "program" | "screen" | "keeper";
  signal: "TERM" | "KILL" | "SEGV" | "INT";
}

/** While it lasted, programs could not reach it. */
export interface Outage {
  of: "gateway" | "signalbox";
  from: number;
  to: number | null;
}

export interface Chronicle {
  deeds: Deed[];
  kills: Kill[];
  outages: Outage[];
  /** Never the same twice: by it an act is found in the audit. */
  reason(what: string): string;
  /** Runs a piece of work as an outage. */
  during(of: Outage["of"], work: () => Promise<void>): Promise<void>;
  /** Whether something was away then, or had only just come back. */
  wasAway(of: Outage["of"], at: number, graceMs: number): boolean;
}

export function openChronicle(): Chronicle {
  const outages: Outage[] = [];
  let count = 0;
  return {
    deeds: [],
    kills: [],
    outages,
    reason: (what) => `soak ${++count}: ${what}`,
    async during(of, work) {
      const outage: Outage = { of, from: Date.now(), to: null };
      outages.push(outage);
      try {
        await work();
      } finally {
        outage.to = Date.now();
      }
    },
    wasAway: (of, at, graceMs) =>
      outages.some((outage) => outage.of === of && at >= outage.from - 500 && at <= (outage.to ?? Number.POSITIVE_INFINITY) + graceMs),
  };
}
