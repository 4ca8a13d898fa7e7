/** Paths without a parameter are found by one look in a map, whatever the router behind does; most of what programs ask for are such. */

import type { Result, Router } from "hono/router";

export function staticFirst<T>(behind: Router<T>): Router<T> {
  const handlers = new Map<string, Result<T>>();
  return {
    name: "static-first",
    add(method, path, handler) {
      behind.add(method, path, handler);
      // The first of two wins, as behind; one that could match any method or any path is not for a map.
      if (method === "ALL" || /[:*?]/.test(path)) return;
      const key = keyOf(method, path);
      if (!handlers.has(key)) handlers.set(key, [[[handler, NO_PARAMETERS]]]);
    },
    match: (method, path) => handlers.get(keyOf(method, path)) ?? behind.match(method, path),
  };
}

const NO_PARAMETERS: Record<string, string> = Object.freeze(Object.create(null));

function keyOf(method: string, path: string): string {
  return `${method} ${path}`;
}
