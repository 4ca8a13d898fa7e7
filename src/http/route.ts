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
    /** Where the request came from; asked of the kernel when somebody wants to know. */
    address: () => string;
    requestId: string;
    makeWhole?: Whole;
    /** The answer that carries everything already. */
    whole?: Response;
  };
}

export type Handle = (context: Context<Env>) => Response | Promise<Response>;

export interface Route {
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
  handle: Handle;
}
