/** GET /metrics: for a token with the metrics scope, for people, and for this machine while nothing stands in front of us. */

import { may } from "../access/principal.ts";
import { AppError } from "../kernel/errors.ts";
import type { Route } from "./route.ts";

export interface Metrics {
  contentType: string;
  text(): Promise<string>;
}

/** `fromLoopback` must be false behind a proxy: there everybody comes from loopback. */
export function metricsRoutes(metrics: Metrics, fromLoopback: boolean): Route[] {
  return [
    {
      method: "GET",
      path: "/metrics",
      least: "public",
      summary: "Metrics in the Prometheus text format (a token with scope metrics, or this machine)",
      async handle(context) {
        const open = fromLoopback && isLoopback(context.var.address);
        if (!open && !may(context.var.principal ?? null, { scope: "metrics" }))
          throw new AppError("unauthorized", "Metrics need a token with the scope metrics: signalbox token create <name> --scope metrics");
        return new Response(await metrics.text(), { headers: { "content-type": metrics.contentType, "cache-control": "no-store" } });
      },
    },
  ];
}

function isLoopback(address: string): boolean {
  return /^(::ffff:)?127\./.test(address) || address === "::1";
}
