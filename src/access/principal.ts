/** Who is asking: a person who logged in, a person on this machine's control socket, or a program with a token. */

import type { Actor } from "../kernel/act.ts";
import { atLeast, type Least, type Role, type Scope } from "./role.ts";

export type Principal =
  | { kind: "user"; name: string; role: Role; login: string }
  | { kind: "local"; name: string; role: Role }
  | { kind: "run"; program: string; session: string; run: string; scopes: readonly Scope[] }
  | { kind: "token"; id: string; name: string; program: string | null; scopes: readonly Scope[] };

export function actorOf(principal: Principal, from: string): Actor {
  switch (principal.kind) {
    case "user":
    case "local":
      return { name: principal.name, from };
    case "run":
      return { name: `run:${principal.run}`, from };
    case "token":
      return { name: `token:${principal.name}`, from };
  }
}

/** Whether a principal may use a route. People with operator or more may do what a token may, so that curl by hand works. */
export function may(principal: Principal | null, least: Least): boolean {
  if (least === "public") return true;
  if (!principal) return false;
  if (principal.kind === "user" || principal.kind === "local") {
    if (typeof least === "string") return atLeast(principal.role, least);
    return least.scope === "metrics" ? true : atLeast(principal.role, "operator");
  }
  return typeof least === "object" && principal.scopes.includes(least.scope);
}
