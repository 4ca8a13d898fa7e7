/**
 * The way of plain routes: found by one look in a map, answered without a Context of hono. Making one, its map of variables and its promises
 * costs a permit a fifth of its time. Whatever is not found here (other methods, spellings, a query) goes through hono, to the same handler.
 */

import type { Asking, Env, Route } from "./route.ts";

type Fetch = (request: Request, env?: Env["Bindings"]) => Response | Promise<Response>;

/** `guarded`: what the app makes of a route; it never throws. */
export function plainFirst(
  routes: readonly Route[],
  guarded: (route: Route) => (asking: Asking) => Promise<Response>,
  behind: Fetch,
): Fetch {
  const ways = new Map(routes.filter(({ plain }) => plain).map((route) => [route.path, { method: route.method, answer: guarded(route) }]));
  return (request, env) => {
    const { url } = request;
    const path = url.slice(url.indexOf("/", AFTER_SCHEME));
    const way = ways.get(path);
    return way !== undefined && way.method === request.method ? way.answer(new PlainAsking(request, url, path, env)) : behind(request, env);
  };
}

/** `https://` */
const AFTER_SCHEME = 8;

/** Is its own `req`: two objects would be one more for each request. */
class PlainAsking implements Asking {
  readonly #variables: { [K in keyof Env["Variables"]]: Env["Variables"][K] | undefined } = {
    principal: undefined,
    expiresAt: undefined,
    address: undefined,
    trusted: undefined,
    requestId: undefined,
    makeWhole: undefined,
    whole: undefined,
  };

  constructor(
    readonly raw: Request,
    readonly url: string,
    readonly path: string,
    public env: Env["Bindings"] | undefined,
  ) {}

  get req(): this {
    return this;
  }

  get method(): string {
    return this.raw.method;
  }

  header(name: string): string | undefined {
    return this.raw.headers.get(name) ?? undefined;
  }

  get<K extends keyof Env["Variables"]>(key: K): Env["Variables"][K] {
    return this.#variables[key] as Env["Variables"][K];
  }

  set<K extends keyof Env["Variables"]>(key: K, value: Env["Variables"][K]): void {
    this.#variables[key] = value;
  }
}
