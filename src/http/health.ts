/** Two questions a machine asks: is it alive (event loop and loops beat), and is it ready (the store takes writes, every loop has run). */

import type { Clock } from "../kernel/clock.ts";
import { iso } from "../kernel/clock.ts";
import { messageOf } from "../kernel/errors.ts";
import type { LoopHealth } from "../kernel/loop.ts";
import type { Route } from "./route.ts";

export interface HealthServices {
  /** Names of loops that have not begun a run for longer than they may. */
  stalled: () => readonly string[];
  loops: () => readonly LoopHealth[];
  /** Resolves when the store took a write; throws why not. */
  storeWritable: () => Promise<void>;
  clock: Clock;
  version: string;
}

/** Many probes a second cost one write a second. */
const STORE_ANSWER_GOOD_FOR_MS = 1000;
const STORE_DEADLINE_MS = 2000;

export function healthRoutes(services: HealthServices): Route[] {
  const { clock, version } = services;
  const whyNotStore = openStoreLook(services);

  return [
    {
      method: "GET",
      path: "/healthz",
      least: "public",
      summary: "200 while the event loop and the loops beat, 503 with the names of those that stalled",
      handle(context) {
        const stalled = [...services.stalled()];
        return context.json({ status: stalled.length ? "stalled" : "ok", stalled, version }, stalled.length ? 503 : 200);
      },
    },
    {
      method: "GET",
      path: "/readyz",
      least: "public",
      summary: "200 when the store takes writes and every loop has run (housekeeping comes later); 503 with the reasons",
      async handle(context) {
        const loops = services.loops();
        const store = await whyNotStore();
        const reasons = [
          ...(store === null ? [] : [`store: ${store}`]),
          ...services.stalled().map((name) => `loop ${name} has stalled`),
          ...loops
            .filter((loop) => loop.lastOkAt === 0 && !(loop.late && loop.lastError === null))
            .map((loop) => `loop ${loop.name}: ${loop.lastError ?? "has not run yet"}`),
        ];
        const told = loops.map((loop) => ({
          name: loop.name,
          runs: loop.runs,
          failures: loop.failures,
          last_ok_at: loop.lastOkAt === 0 ? null : iso(loop.lastOkAt),
        }));
        const status = reasons.length === 0 ? "ready" : "not_ready";
        return context.json({ status, reasons, version, loops: told }, reasons.length === 0 ? 200 : 503);
      },
    },
  ];

  /** Why the store takes no writes, or null; asked at most once a second, and a store that hangs is one that does not write. */
  function openStoreLook({ storeWritable }: HealthServices): () => Promise<string | null> {
    let asked: Promise<string | null> | null = null;
    let goodUntil = 0;
    return () => {
      if (asked && clock.uptimeMs() < goodUntil) return asked;
      goodUntil = clock.uptimeMs() + STORE_ANSWER_GOOD_FOR_MS;
      const written = storeWritable().then(() => null, messageOf);
      const { promise: late, resolve } = Promise.withResolvers<string>();
      const timer = setTimeout(() => resolve(`no answer within ${STORE_DEADLINE_MS} ms`), STORE_DEADLINE_MS);
      asked = Promise.race([written, late]).finally(() => clearTimeout(timer));
      return asked;
    };
  }
}
