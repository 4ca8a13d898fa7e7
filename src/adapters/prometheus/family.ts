/**
 * One metric and its series, in small registries of prom-client, given out one at a time. prom-client renders a registry in one go: with
 * 1,000 pairs and 20 error codes each that would hold every other request for 50 ms.
 */

import { Counter, Gauge, Registry } from "prom-client";

/** Its first registry carries HELP and TYPE for all; each is to be rendered before the next is asked for. */
export type Family = () => Iterable<Registry>;

export type Labels = Record<string, string>;

/** null: one thing was looked at and there is nothing to tell of it. */
export type Sample = [labels: Labels, value: number] | null;

/** Filling a registry takes so long, and rendering it about as long again; then other requests have their turn. */
const FILL_MS = 1;

export function gauge(name: string, help: string, labelNames: string[], samples: () => Iterable<Sample>): Family {
  return inPieces(samples, (registry, part) => {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        for (const [labels, value] of part()) this.set(labels, value);
      },
    });
  });
}

/** `samples` gives totals, not increments. */
export function counter(name: string, help: string, labelNames: string[], samples: () => Iterable<Sample>): Family {
  return inPieces(samples, (registry, part) => {
    new Counter({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        for (const [labels, value] of part()) this.inc(labels, value);
      },
    });
  });
}

function inPieces(samples: () => Iterable<Sample>, put: (registry: Registry, part: () => Iterable<NonNullable<Sample>>) => void): Family {
  return function* () {
    const all = samples()[Symbol.iterator]();
    let more = true;
    function* part(): Iterable<NonNullable<Sample>> {
      const until = performance.now() + FILL_MS;
      do {
        const next = all.next();
        more = !next.done;
        if (next.value) yield next.value;
      } while (more && performance.now() < until);
    }
    do {
      const registry = new Registry();
      put(registry, part);
      yield registry;
    } while (more);
  };
}

/** The whole text, in as many turns of the event loop as there are registries. */
export async function render(families: readonly Family[]): Promise<string> {
  let text = "";
  for (const family of families) {
    let first = true;
    for (const registry of family()) {
      const piece = await registry.metrics();
      text += first ? piece : withoutHead(piece);
      first = false;
      await new Promise((next) => setImmediate(next));
    }
  }
  return text;
}

/** HELP and TYPE are one line each. */
function withoutHead(piece: string): string {
  return piece.slice(piece.indexOf("\n", piece.indexOf("\n") + 1) + 1);
}
