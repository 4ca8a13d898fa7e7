/** Lasting tokens for programs started by hand, scrapers and gateways: shown once, kept as a hash, with scopes, an end, and when last used. */

import { type Actor, act } from "../kernel/act.ts";
import type { Clock } from "../kernel/clock.ts";
import { conflict, notFound } from "../kernel/errors.ts";
import { timeId } from "../kernel/id.ts";
import type { Log } from "../kernel/log.ts";
import { openRecent } from "../kernel/recent.ts";
import type { Keyring, LastingToken } from "./keyring.ts";
import type { Caller } from "./logins.ts";
import type { NewToken } from "./new-token.ts";
import { hashOf, newSecret } from "./secret.ts";

export const TOKEN_PREFIX = "sbt_";
const TOUCH_EVERY_MS = 60_000;
const REMEMBERED = 1_000;

export interface Tokens {
  list(): LastingToken[];
  /** `secret` is the token itself; it cannot be had again. Throws 409 `exists` when the name is in use. */
  add(input: NewToken, actor: Actor): Promise<{ token: LastingToken; secret: string }>;
  remove(id: string, actor: Actor): Promise<void>;
  callerOf(secret: string): Caller | null;
}

export async function openTokens(keyring: Keyring, clock: Clock, log: Log): Promise<Tokens> {
  const byHash = new Map<string, LastingToken>();
  for (const token of await keyring.tokens()) byHash.set(token.hash, token);
  const verified = openRecent<LastingToken>(REMEMBERED);
  const list = () => [...byHash.values()].sort((a, b) => a.name.localeCompare(b.name));

  function tokenOf(secret: string): LastingToken | undefined {
    const known = verified.get(secret);
    if (known) return byHash.get(known.hash);
    // Looked up by hash: how long it takes says nothing about the secret.
    const token = byHash.get(hashOf(secret));
    if (token) verified.set(secret, token);
    return token;
  }

  function touch(token: LastingToken, now: number): void {
    if (token.lastUsedAt !== null && now - token.lastUsedAt < TOUCH_EVERY_MS) return;
    token.lastUsedAt = now;
    // Nobody waits for it, and a store that is away costs this time only.
    keyring.touchToken(token.id, now).catch((error) => log.warn("last use of a token was not stored", { token: token.id, error }));
  }

  return {
    list,
    async add(input, actor) {
      if (list().some((token) => token.name === input.name)) throw conflict(`There is already a token ${input.name}`, "exists");
      const now = clock.now();
      const secret = TOKEN_PREFIX + newSecret();
      const token: LastingToken = {
        id: timeId("t", now),
        name: input.name,
        program: input.program,
        scopes: input.scopes,
        hash: hashOf(secret),
        createdAt: now,
        createdBy: actor.name,
        expiresAt: input.expires_at === null ? null : Date.parse(input.expires_at),
        lastUsedAt: null,
      };
      await keyring.addToken(token, [act(actor, now, "token.create", `token:${token.id}`, { detail: { ...input } })]);
      byHash.set(token.hash, token);
      return { token, secret };
    },
    async remove(id, actor) {
      const token = list().find((other) => other.id === id);
      if (!token) throw notFound(`Token ${id}`);
      await keyring.removeToken(id, [act(actor, clock.now(), "token.delete", `token:${id}`, { detail: { name: token.name } })]);
      byHash.delete(token.hash);
    },
    callerOf(secret) {
      const token = tokenOf(secret);
      const now = clock.now();
      if (!token || (token.expiresAt !== null && token.expiresAt <= now)) return null;
      touch(token, now);
      const { id, name, program, scopes } = token;
      return { principal: { kind: "token", id, name, program, scopes }, expiresAt: token.expiresAt };
    },
  };
}
