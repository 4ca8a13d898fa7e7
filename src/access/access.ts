/** Who may come in: users and their logins, tokens, links. One door for HTTP (`callerOf`, `renew`), one for each way of proving who one is. */

import type { Actor } from "../kernel/act.ts";
import type { Clock } from "../kernel/clock.ts";
import { AppError, conflict } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { Documents } from "../pairs/documents.ts";
import { openAttempts } from "./attempts.ts";
import type { Keyring } from "./keyring.ts";
import { openLinks } from "./links.ts";
import { type Caller, type LoggedIn, type Logins, lastRevoked, openLogins } from "./logins.ts";
import { verifyPassword } from "./password.ts";
import { openRunTokens, RUN_PREFIX, type RunOf } from "./run-token.ts";
import { openTokens, TOKEN_PREFIX, type Tokens } from "./tokens.ts";
import type { NewUser, User, UserChange } from "./user.ts";
import { openUsers, type Users } from "./users.ts";

export interface Access {
  users: Pick<Users, "list" | "find">;
  logins: Pick<Logins, "list" | "revoke" | "loginOf" | "ended">;
  tokens: Pick<Tokens, "list" | "add" | "remove">;
  /** Who holds this token: an access token, a run's, or a lasting one. Synchronous once it was verified. */
  callerOf(token: string): Caller | null | Promise<Caller | null>;
  /** New tokens for a refresh token, or null. */
  renew(refreshToken: string, from: string): Promise<LoggedIn | null>;
  /** Throws the same `unauthorized` for a wrong name and a wrong password, `rate_limited` after too many. */
  login(name: string, password: string, from: string, agent: string): Promise<LoggedIn>;
  addUser(input: NewUser, actor: Actor): Promise<User>;
  /** A new password ends the user's logins, but `except`. */
  changeUser(name: string, change: UserChange, actor: Actor, more?: { version?: number; except?: string }): Promise<User>;
  /** One's own password, with the one before as proof. Throws `invalid` when that is wrong. */
  changePassword(name: string, current: string, password: string, from: string, login: string | undefined): Promise<void>;
  removeUser(name: string, actor: Actor): Promise<void>;
  /** Path of a link that makes the first admin; null when there is a user. Works once, for an hour. */
  setupLink(): Promise<string | null>;
  /** Path of a link that logs a user in. Works once, for an hour. */
  loginLink(user: string): Promise<string>;
  setupWorks(token: string): Promise<boolean>;
  /** Makes the first admin and logs in. */
  setUp(token: string, name: string, password: string, from: string, agent: string): Promise<LoggedIn>;
  loginByLink(token: string, from: string, agent: string): Promise<LoggedIn>;
  mintRunToken(run: RunOf): string;
}

export interface AccessOptions {
  documents: Documents;
  keyring: Keyring;
  clock: Clock;
  log: Log;
  /** Keys by name; 32 bytes each, the same at every start, made when first used. */
  key: (name: string) => () => Uint8Array;
  /** Whether a run's token still counts: the run lives, or ended less than 10 minutes ago. */
  isRunKnown: (run: string, session: string) => boolean;
}

// A person mistypes thrice; a list of passwords has thousands. At most 15 minutes, so that nobody is shut out for long by others' tries.
const PER_USER = { free: 5, forgetOneMs: 5 * 60_000, firstLockMs: 30_000, maxLockMs: 15 * 60_000 };
const PER_ADDRESS = { free: 20, forgetOneMs: 60_000, firstLockMs: 30_000, maxLockMs: 15 * 60_000 };

export async function openAccess(options: AccessOptions): Promise<Access> {
  const { documents, keyring, clock, log, key } = options;
  const [users, tokens, revoked] = await Promise.all([
    openUsers(documents, clock),
    openTokens(keyring, clock, log),
    lastRevoked(keyring, clock),
  ]);
  const logins = openLogins({ keyring, users, revoked, clock, log, jwtKey: key("jwt"), refreshKey: key("refresh") });
  const links = openLinks(keyring, users, clock);
  const runs = openRunTokens(key("run"), options.isRunKnown);
  const perUser = openAttempts(PER_USER);
  const perAddress = openAttempts(PER_ADDRESS);

  /** The user whose password it is, or null. Throws `rate_limited`. Counted before it is checked. */
  async function prove(name: string, password: string, from: string): Promise<User | null> {
    // Time since boot: setting the wall clock neither opens nor lengthens a lock.
    const now = clock.uptimeMs();
    const waitMs = perAddress.take(from, now) || perUser.take(name, now);
    if (waitMs > 0) throw new AppError("rate_limited", `Too many failed logins: try again in ${inWords(waitMs)}`, { retryAfterMs: waitMs });
    const user = users.find(name);
    if (!(await verifyPassword(password, user?.passwordHash ?? null)) || !user) {
      log.warn("a login failed", { user: name.slice(0, 64), from });
      return null;
    }
    perUser.forgive(name);
    perAddress.refund(from);
    return users.find(name) ?? null;
  }

  async function changeUser(name: string, change: UserChange, actor: Actor, more: { version?: number; except?: string } = {}) {
    const user = await users.change(name, change, actor, more.version);
    // Whatever was locked, an admin who touches the user opens.
    perUser.forgive(name);
    if (change.password !== undefined) await logins.revoke({ user: name, except: more.except }, actor, "the password was changed");
    return user;
  }

  return {
    users,
    logins,
    tokens,

    callerOf(token) {
      if (token.startsWith(TOKEN_PREFIX)) return tokens.callerOf(token);
      if (!token.startsWith(RUN_PREFIX)) return logins.callerOf(token);
      const principal = runs.read(token);
      return principal && { principal, expiresAt: null };
    },
    renew: logins.renew,

    async login(name, password, from, agent) {
      const user = await prove(name.trim().toLowerCase(), password, from);
      if (!user) throw new AppError("unauthorized", "The name or the password is wrong", { reason: "credentials" });
      return logins.open(user, from, agent);
    },

    addUser: users.add,
    changeUser,

    async changePassword(name, current, password, from, login) {
      const user = await prove(name, current, from);
      if (!user) throw new AppError("invalid", "The password before is wrong", { errors: [{ field: "current", message: "is wrong" }] });
      await changeUser(name, { password }, { name, from }, { except: login });
    },

    async removeUser(name, actor) {
      await users.remove(name, actor);
      await logins.revoke({ user: name }, actor, "the user was removed");
    },

    setupLink: links.setup,
    loginLink: links.login,
    setupWorks: async (token) => users.list().length === 0 && (await links.works("setup", token)),

    async setUp(token, name, password, from, agent) {
      if (users.list().length > 0) throw conflict("Signalbox is set up already: log in", "set_up");
      await links.take("setup", token);
      const user = await users.add({ name, password, role: "admin" }, { name, from });
      return logins.open(user, from, agent);
    },

    async loginByLink(token, from, agent) {
      const link = await links.take("login", token);
      const user = users.find(link.user ?? "");
      if (!user) throw new AppError("unauthorized", "The user of this link is gone");
      return logins.open(user, from, agent);
    },

    mintRunToken: runs.mint,
  };
}

function inWords(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}
