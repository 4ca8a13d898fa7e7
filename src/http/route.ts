/** One line of the contents page: a path, the least role that opens it, and what it takes and gives (for the checks and for OpenAPI). */

import type { Context } from "hono";
import type { ZodType } from "zod";
import type { Principal } from "../access/principal.ts";
import type { Least, Role } from "../access/role.ts";
import type { Whole } from "./security.ts";

/** Who came in by the control socket; set by the socket, never by a request. */
export interface LocalPeer {
  name: string;
  role: Role;
}

export interface Env {
  Bindings: { server?: Bun.Server<undefined>; local?: LocalPeer };
  Variables: {
    principal: Principal | null;
    /** Wall ms when the principal's token ends; null: it does not. Streams end with it. */
    expiresAt?: number | null;
    /** Where the request came from, once somebody wanted to know (`addressOf`), and whose word is taken for it. */
    address?: string;
    trusted?: ReadonlySet<string>;
    requestId: string;
    makeWhole?: Whole;
    /** The answer that carries everything already. */
    whole?: Response;
  };
}

export type Handle = (context: Context<Env>) => Response | Promise<Response>;

/** What of a request the guard and a route for programs look at: a Context of hono has it, and so has the little that stands in its place (plain.ts). */
export interface Asking {
  env: Env["Bindings"] | undefined;
  readonly req: {
    readonly raw: Request;
    readonly method: string;
    readonly path: string;
    readonly url: string;
    header(name: string): string | undefined;
  };
  get<K extends keyof Env["Variables"]>(key: K): Env["Variables"][K];
  set<K extends keyof Env["Variables"]>(key: K, value: Env["Variables"][K]): void;
}

/** `plain`: what programs ask thousands of times a second. Its path has no parameter, and its handler needs nothing of hono. */
export type Route = Described &
  ({ plain?: false; handle: Handle } | { plain: true; handle: (asking: Asking) => Response | Promise<Response> });

interface Described {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  least: Least;
  /** One line for the API reference. */
  summary: string;
  /** What the query may hold, for the reference; the handler reads it with `query(context, schema)`. */
  query?: ZodType;
  /** What the body must be; the handler reads it with `readBody(context, schema)`. */
  body?: ZodType;
  /** What a success answers, for the reference. */
  answer?: ZodType;
  /** Pages and forms are left out of the API reference. */
  page?: boolean;
}
