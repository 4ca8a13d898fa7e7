/** Drives load against a server from a process of its own and gives what it measured; refuses to give figures of a run with errors. */

import { join } from "node:path";
import type { BodySpec } from "./bodies.ts";
import type { Stage } from "./stage.ts";

export interface LoadSpec {
  url: string;
  method: "GET" | "POST";
  headers: Record<string, string>;
  body: BodySpec | null;
  /** Taken in turn instead of the path of `url`. */
  paths: string[];
  connections: number;
  warmupSeconds: number;
  seconds: number;
  /** Between an answer and the next request of the same connection; 0 for full speed. */
  pauseMs: number;
  /** Statuses that count as answered. */
  expect: number[];
  keepLatencies: boolean;
}

export interface LoadResult {
  requestsPerSecond: number;
  latenciesMs: number[];
  p50Ms: number;
  p99Ms: number;
  statuses: Record<string, number>;
  errors: number;
  firstError: string;
}

const DEFAULTS: Omit<LoadSpec, "url"> = {
  method: "POST",
  headers: {},
  body: null,
  paths: [],
  connections: 64,
  warmupSeconds: 1,
  seconds: 3,
  pauseMs: 0,
  expect: [200],
  keepLatencies: false,
};

export async function drive(stage: Stage, given: Partial<LoadSpec> & { url: string }): Promise<LoadResult> {
  const spec: LoadSpec = { ...DEFAULTS, ...given };
  const result = JSON.parse(await stage.run([process.execPath, join(import.meta.dir, "load.ts"), JSON.stringify(spec)])) as LoadResult;
  if (result.errors > 0) throw new Error(`${result.errors} bad answers from ${spec.url}; the first: ${result.firstError}`);
  return result;
}

/** Several drives in turn, round after round, so that a busy minute of the machine hits all alike; of each the round with the median rate. */
export async function inTurn<K extends string>(
  drives: Partial<Record<K, () => Promise<LoadResult>>>,
  rounds = 3,
): Promise<Partial<Record<K, LoadResult>>> {
  const runs = Object.entries<(() => Promise<LoadResult>) | undefined>(drives).flatMap(([name, run]) =>
    run ? [{ name, run, results: [] as LoadResult[] }] : [],
  );
  for (let round = 0; round < rounds; round++) for (const { run, results } of runs) results.push(await run());
  const median = (results: LoadResult[]) => results.sort((a, b) => a.requestsPerSecond - b.requestsPerSecond)[Math.floor(rounds / 2)];
  return Object.fromEntries(runs.map(({ name, results }) => [name, median(results)])) as Partial<Record<K, LoadResult>>;
}
