/** GET /metrics: for a token with scope metrics, for people, and for this machine as long as the door lets loopback in. */

import type { Route } from "./route.ts";

export interface Metrics {
  contentType: string;
  text(): Promise<string>;
}

export function exporterRoutes(metrics: Metrics): Route[] {
  return [
    {
      method: "GET",
      path: "/metrics",
      least: { scope: "metrics" },
      summary: "Metrics in the Prometheus text format",
      async handle() {
        return new Response(await metrics.text(), { headers: { "content-type": metrics.contentType, "cache-control": "no-store" } });
      },
    },
  ];
}
