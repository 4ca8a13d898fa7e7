/**
 * Logging in and staying so: an access token (JWT) of 15 minutes, and a refresh token that changes with each renewal. An old refresh
 * token that comes back means somebody has a copy: the whole login ends.
 */

import { sign, verify } from "hono/jwt";
import { type Actor, act } from "../kernel/act.ts";
import type { Clock } from "../kernel/clock.ts";
import { timeId } from "../kernel/id.ts";
import { lazily } from "../kernel/lazily.ts";
import type { Log } from "../kernel/log.ts";
import { openRecent } from "../kernel/recent.ts";
import { openTopic, type Topic } from "../kernel/topic.ts";
import type { Keyring, Login } from "./keyring.ts";
import type { Principal } from "./principal.ts";
import { isSeal, seal } from "./secret.ts";
import type { User } from "./user.ts";
import type { Users } from "./users.ts";

export const ACCESS_SECONDS = 15 * 60;
/** A login nobody used this long has ended. */
export const REFRESH_SECONDS = 14 * 86_400;
/** Parallel tabs show the same refresh token at the same time: the one just renewed counts this much longer, for the same successor. */
export const GRACE_MS = 10_000;

export interface LoginTokens {
  accessToken: string;
  accessSeconds: number;
  refreshToken: string;
  refreshSeconds: number;
}

/** Somebody known, and when what they showed ends. */
export interface Caller {
  principal: Principal;
  /** Wall ms; null: it does not end. */
  expiresAt: number | null;
}

export interface LoggedIn extends Caller {
  user: User;
  login: string;
  tokens: LoginTokens;
}

export interface Logins {
  /** Opens a login for a user who has proved to be one. */
  open(user: User, from: string, agent: string): Promise<LoggedIn>;
  /** New tokens for a refresh token; null when it is not good (any more). */
  renew(refreshToken: string, from: string): Promise<LoggedIn | null>;
  /** Who holds an access token. Synchronous once it was verified. The role is the user's of this moment. */
  callerOf(accessToken: string): Caller | null | Promise<Caller | null>;
  list(user: string): Promise<Login[]>;
  /** Ends one login, or all of a user but `except`; their access tokens stop at once. Returns how many. */
  revoke(which: { id?: string; user?: string; except?: string }, actor: Actor, reason: string): Promise<number>;
  /** The login a refresh token belongs to, when the token is ours. */
  loginOf(refreshToken: string): string | null;
  /** Logins that were just ended, by logout, password, removal or a stolen token: what they hold open has to close. */
  ended: Topic<readonly string[]>;
}

interface Claims {
  user: string;
  login: string;
  /** Wall ms. */
  expiresAt: number;
}

const REMEMBERED_TOKENS = 2000;

export interface LoginsOptions {
  keyring: Keyring;
  users: Users;
  /** As `lastRevoked` read them. */
  revoked: readonly string[];
  clock: Clock;
  log: Log;
  /** Signs access tokens. */
  jwtKey: () => Uint8Array;
  /** Signs refresh tokens. */
  refreshKey: () => Uint8Array;
}

/** Logins that ended before their access tokens did. */
export function lastRevoked(keyring: Keyring, clock: Clock): Promise<string[]> {
  return keyring.revokedSince(clock.now() - ACCESS_SECONDS * 1000);
}

export function openLogins(options: LoginsOptions): Logins {
  const { keyring, users, clock, log, refreshKey } = options;
  const jwtKey = lazily(() => Buffer.from(options.jwtKey()).toString("base64url"));
  const verified = openRecent<Claims>(REMEMBERED_TOKENS);
  /** Ended before their access tokens did: id and when it may be forgotten. */
  const revoked = new Map<string, number>();
  const told = openTopic<readonly string[]>((error) => log.error("a listener of ended logins failed", { error }));

  const shut = (id: string, now: number) => revoked.set(id, now + ACCESS_SECONDS * 1000);
  for (const id of options.revoked) shut(id, clock.now());

  async function tokensFor(user: User, login: Login): Promise<LoggedIn> {
    const now = clock.now();
    const expiresAt = (Math.floor(now / 1000) + ACCESS_SECONDS) * 1000;
    const accessToken = await sign(
      { sub: user.name, login: login.id, iat: Math.floor(now / 1000), exp: expiresAt / 1000 },
      jwtKey(),
      "HS256",
    );
    const claims = { user: user.name, login: login.id, expiresAt };
    verified.set(accessToken, claims);
    return {
      principal: { kind: "user", name: user.name, role: user.role, login: login.id },
      expiresAt,
      user,
      login: login.id,
      tokens: {
        accessToken,
        accessSeconds: ACCESS_SECONDS,
        refreshToken: refreshToken(login),
        refreshSeconds: REFRESH_SECONDS,
      },
    };
  }

  function refreshToken({ id, generation }: Login): string {
    return `sbf_${id}.${generation}.${seal(refreshKey(), `${id}.${generation}`)}`;
  }

  /** Its login and generation, when we made it; guesses never reach the store. */
  function readRefreshToken(token: string): { id: string; generation: number } | null {
    const parts = /^sbf_([a-z0-9_]{1,40})\.(\d{1,9})\.([\w-]{43})$/.exec(token);
    if (!parts?.[1] || !parts[2] || !parts[3] || !isSeal(refreshKey(), `${parts[1]}.${parts[2]}`, parts[3])) return null;
    return { id: parts[1], generation: Number(parts[2]) };
  }

  function callerWith(claims: Claims, token: string): Caller | null {
    const user = users.find(claims.user);
    if (!user || claims.expiresAt <= clock.now() || revoked.has(claims.login)) {
      verified.delete(token);
      return null;
    }
    return { principal: { kind: "user", name: user.name, role: user.role, login: claims.login }, expiresAt: claims.expiresAt };
  }

  async function verifyAnew(token: string): Promise<Caller | null> {
    try {
      // The ends are compared by our own clock, below.
      const { sub, login, exp } = await verify(token, jwtKey(), { alg: "HS256", exp: false, iat: false, nbf: false });
      // Ours, as its signature says; a form of it that we do not write any more is no longer good.
      if (typeof sub !== "string" || typeof login !== "string" || typeof exp !== "number") return null;
      const claims = { user: sub, login, expiresAt: exp * 1000 };
      verified.set(token, claims);
      return callerWith(claims, token);
    } catch {
      return null;
    }
  }

  async function revoke(which: { id?: string; user?: string; except?: string }, actor: Actor, reason: string): Promise<number> {
    const now = clock.now();
    const subject = which.id === undefined ? `user:${which.user}` : `login:${which.id}`;
    const ended = await keyring.revokeLogins(which, now, [act(actor, now, "login.end", subject, { reason })]);
    for (const id of ended) shut(id, now);
    if (ended.length > 0) told.publish(ended);
    for (const [id, until] of revoked) if (until <= now) revoked.delete(id);
    return ended.length;
  }

  return {
    async open(user, from, agent) {
      const now = clock.now();
      const login: Login = {
        id: timeId("l", now),
        user: user.name,
        generation: 1,
        createdAt: now,
        renewedAt: now,
        expiresAt: now + REFRESH_SECONDS * 1000,
        from,
        agent: agent.slice(0, 200),
      };
      await keyring.addLogin(login, [act({ name: user.name, from }, now, "login.create", `login:${login.id}`)]);
      return tokensFor(user, login);
    },

    async renew(token, from) {
      const shown = readRefreshToken(token);
      if (!shown) return null;
      const now = clock.now();
      const renewal = await keyring.renewLogin({ ...shown, at: now, graceMs: GRACE_MS, expiresAt: now + REFRESH_SECONDS * 1000, from });
      if (renewal.kind === "ended") return null;
      const { login } = renewal;
      if (renewal.kind === "reused") {
        log.warn("an old refresh token was shown again: its login is ended", { user: login.user, login: login.id, from });
        await revoke({ id: login.id }, { name: login.user, from }, "an old refresh token was shown again: somebody has a copy");
        return null;
      }
      const user = users.find(login.user);
      return user ? tokensFor(user, login) : null;
    },

    callerOf(token) {
      const claims = verified.get(token);
      return claims ? callerWith(claims, token) : verifyAnew(token);
    },

    list: (user) => keyring.logins(user, clock.now()),
    revoke,
    loginOf: (token) => readRefreshToken(token)?.id ?? null,
    ended: told,
  };
}
