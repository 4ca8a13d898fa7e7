/** Answers from the first moment whether we live and are ready; pages and API are loaded with the first request for one of them. */

import type { Env } from "./route.ts";

/** As hono's `fetch`. */
export interface Door {
  fetch(request: Request, env: Env["Bindings"]): Response | Promise<Response>;
}

const HEALTH = /^\w+:\/\/[^/]*\/(healthz|readyz)(\?|$)/;

/** A load that fails fails its requests, and is tried again with the next one. */
export function openDoor(health: Door, load: () => Promise<Door>): Door {
  let house: Door | null = null;
  let loading: Promise<Door> | null = null;

  async function loaded(): Promise<Door> {
    try {
      loading ??= load();
      house = await loading;
      return house;
    } catch (error) {
      loading = null;
      throw error;
    }
  }

  return {
    fetch(request, env) {
      if (house) return house.fetch(request, env);
      if (HEALTH.test(request.url)) return health.fetch(request, env);
      return loaded().then((door) => door.fetch(request, env));
    },
  };
}
