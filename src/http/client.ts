/** GET /client/signalbox.py: the Python client that fits this server, for any machine that can reach it. */

import type { Route } from "./route.ts";

export function clientRoutes(text: string): Route[] {
  return [
    {
      method: "GET",
      path: "/client/signalbox.py",
      least: "public",
      summary: "The Python client, one file without dependencies",
      handle: () => new Response(text, { headers: { "content-type": "text/x-python; charset=utf-8", "cache-control": "no-cache" } }),
    },
  ];
}
