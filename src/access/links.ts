/** Links that work once: the first admin's set-up, and a login for somebody who sits at the machine. An hour at most, kept as hashes. */

import type { Clock } from "../kernel/clock.ts";
import { AppError, notFound } from "../kernel/errors.ts";
import type { Keyring, OneTimeLink } from "./keyring.ts";
import { hashOf, newSecret } from "./secret.ts";
import type { Users } from "./users.ts";

const LINK_MS = 60 * 60 * 1000;

export interface Links {
  /** `/setup?token=…` while there is no user yet; null after. */
  setup(): Promise<string | null>;
  /** `/login/link?token=…` for a user. Throws `not_found`. */
  login(user: string): Promise<string>;
  /** Whether the token would still work. It stays good. */
  works(purpose: OneTimeLink["purpose"], token: string): Promise<boolean>;
  /** Uses it up. Throws `unauthorized` when it is used, ended or not ours. */
  take(purpose: OneTimeLink["purpose"], token: string): Promise<OneTimeLink>;
}

export function openLinks(keyring: Keyring, users: Users, clock: Clock): Links {
  async function add(purpose: OneTimeLink["purpose"], user: string | null): Promise<string> {
    const token = newSecret();
    await keyring.addLink({ hash: hashOf(token), purpose, user, expiresAt: clock.now() + LINK_MS });
    return token;
  }

  return {
    setup: async () => (users.list().length > 0 ? null : `/setup?token=${await add("setup", null)}`),
    async login(user) {
      if (!users.find(user)) throw notFound(`User ${user}`);
      return `/login/link?token=${await add("login", user)}`;
    },
    async works(purpose, token) {
      return (await keyring.link(hashOf(token), clock.now()))?.purpose === purpose;
    },
    async take(purpose, token) {
      const link = await keyring.takeLink(hashOf(token), clock.now());
      if (link?.purpose !== purpose)
        throw new AppError(
          "unauthorized",
          "This link was used already, or its hour is over: restart Signalbox for a new one, or ask an admin",
        );
      return link;
    },
  };
}
