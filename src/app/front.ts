/** What is heard from outside: the door that is open before the pages are loaded, the gate before every route, the port. */

import type { Access } from "../access/access.ts";
import { PYTHON_CLIENT } from "../adapters/linux/client.ts";
import { type Config, parseListen } from "../config.ts";
import { buildApp } from "../http/app.ts";
import { openDoor } from "../http/door.ts";
import { type HealthServices, healthRoutes } from "../http/health.ts";
import type { RouteServices } from "../http/routes.ts";
import { listen } from "../http/server.ts";
import type { Log } from "../kernel/log.ts";
import { VERSION } from "../kernel/version.ts";

export interface FrontOptions {
  log: Log;
  access: Access;
  health: Omit<HealthServices, "version">;
}

/** Everything behind the routes but what is known here. */
export type Served = Omit<RouteServices, keyof HealthServices | "access" | "assets" | "client" | "nodeName" | "publicUrl">;

/** `served` is asked for with the first request that needs more than health. */
export function openFront(config: Config, { log, access, health }: FrontOptions, served: () => Served) {
  const { publicUrl, trustedProxies } = config;
  const gate = { log, gate: access, publicUrl, trustedProxies, metricsFromLoopback: config.metricsFromLoopback && publicUrl === null };
  const door = openDoor(buildApp(healthRoutes({ ...health, version: VERSION }), { ...gate, assets: null }), async () => {
    const [{ routes }, { openAssets }] = await Promise.all([import("../http/routes.ts"), import("../http/assets.ts")]);
    const assets = openAssets();
    const listed = routes({ ...served(), ...health, access, assets, client: PYTHON_CLIENT, nodeName: config.node, publicUrl });
    return buildApp(listed, { ...gate, assets: assets.frame });
  });
  const { host, port } = parseListen(config.listen)!;
  return { door, server: listen(door, { host, port }) };
}
