/** Who is asking, for a handler that stands behind the guard of app.ts. */

import { actorOf, type Principal } from "../access/principal.ts";
import type { Actor } from "../kernel/act.ts";
import { AppError } from "../kernel/errors.ts";
import type { Asking } from "./route.ts";
import { addressOf } from "./security.ts";

/** A principal that is a human: one who logged in, or one on this machine's control socket. */
export type Person = Extract<Principal, { kind: "user" | "local" }>;

/** Whoever asks. Throws `unauthorized` on a public route that nobody known called. */
export function principal(context: Asking): Principal {
  const found = context.get("principal");
  if (!found) throw new AppError("unauthorized", "Log in, or send a token");
  return found;
}

/** The human who asks. Throws `forbidden` for tokens. */
export function person(context: Asking): Person {
  const found = principal(context);
  if (found.kind === "user" || found.kind === "local") return found;
  throw new AppError("forbidden", "This is for people: a program's token cannot do it");
}

/** Whoever asks, as the acts name them. */
export function actor(context: Asking): Actor {
  return actorOf(principal(context), addressOf(context));
}
