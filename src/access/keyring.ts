/**
 * Port: logins, lasting tokens and one-time links, as far as the store keeps them. Nothing in it opens anything by itself: a login is
 * an id and a count (its tokens are signed with a key outside the store), tokens and links are SHA-256 hashes.
 *
 * What resolves is on disk. Acts are written in the transaction of the change they tell of. Throws `unavailable` when the store is away.
 */

import type { Act } from "../kernel/act.ts";
import type { Scope } from "./role.ts";

/** One browser (or client) of one user, from the login to the logout. */
export interface Login {
  id: string;
  user: string;
  /** How many times it was renewed: the refresh token that counts names this number. */
  generation: number;
  createdAt: number;
  renewedAt: number;
  expiresAt: number;
  /** Address and browser of the latest renewal. */
  from: string;
  agent: string;
}

/** A token that outlives runs: for programs started by hand, scrapers, gateways. */
export interface LastingToken {
  id: string;
  name: string;
  /** Whose results it may post; null: a token of the house (metrics). */
  program: string | null;
  scopes: Scope[];
  /** SHA-256 of the token, hexadecimal. */
  hash: string;
  createdAt: number;
  createdBy: string;
  expiresAt: number | null;
  lastUsedAt: number | null;
}

/** A link that works once. */
export interface OneTimeLink {
  hash: string;
  purpose: "setup" | "login";
  user: string | null;
  expiresAt: number;
}

export interface RenewalAsked {
  id: string;
  /** Of the refresh token that was shown. */
  generation: number;
  at: number;
  /** A token renewed less than this ago still counts: parallel tabs show it at the same time. */
  graceMs: number;
  expiresAt: number;
  from: string;
}

/**
 * `renewed`: the next generation counts from now on. `again`: that happened less than the grace ago; same successor. `reused`: an older
 * token came back, so somebody has a copy. `ended`: revoked, expired, or never heard of.
 */
export type Renewal = { kind: "renewed" | "again"; login: Login } | { kind: "reused"; login: Login } | { kind: "ended" };

export interface Keyring {
  addLogin(login: Login, acts: readonly Act[]): Promise<void>;
  /** Decided and stored in one step, so that of two at once one renews and the other gets `again`. */
  renewLogin(asked: RenewalAsked): Promise<Renewal>;
  /** A user's logins that are neither revoked nor expired, latest first. */
  logins(user: string, now: number): Promise<Login[]>;
  /** Ends logins: one (`id`, and `user` when given must own it), or all of a user but `except`. Says which; the acts are written if any was. */
  revokeLogins(which: { id?: string; user?: string; except?: string }, at: number, acts: readonly Act[]): Promise<string[]>;
  /** Logins revoked at or after a time: their access tokens may not have ended by themselves yet. */
  revokedSince(at: number): Promise<string[]>;

  addToken(token: LastingToken, acts: readonly Act[]): Promise<void>;
  tokens(): Promise<LastingToken[]>;
  /** False when there is none. */
  removeToken(id: string, acts: readonly Act[]): Promise<boolean>;
  touchToken(id: string, at: number): Promise<void>;

  addLink(link: OneTimeLink): Promise<void>;
  /** The link, if it is there and has not expired. It stays. */
  link(hash: string, now: number): Promise<OneTimeLink | null>;
  /** The same, and it works no more. Of two who take it one gets it. */
  takeLink(hash: string, now: number): Promise<OneTimeLink | null>;
}
