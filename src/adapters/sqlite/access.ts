/** The keyring in SQLite. */

import type { Database } from "bun:sqlite";
import type { Keyring, LastingToken, Login, OneTimeLink, Renewal, RenewalAsked } from "../../access/keyring.ts";
import type { Scope } from "../../access/role.ts";
import type { Act } from "../../kernel/act.ts";
import { writeActs } from "./documents.ts";
import type { Store } from "./store.ts";

const LOGIN = `id, user, generation, created_at AS createdAt, renewed_at AS renewedAt, expires_at AS expiresAt, origin AS "from", agent`;
const TOKEN =
  "id, name, program, scopes, hash, created_at AS createdAt, created_by AS createdBy, expires_at AS expiresAt, last_used_at AS lastUsedAt";
const LINK = "hash, purpose, user, expires_at AS expiresAt";
/** Ended logins are kept this long for the audit's sake, then forgotten with the next login. */
const KEEP_ENDED_MS = 90 * 86_400_000;

interface Which {
  id?: string;
  user?: string;
  except?: string;
}

export const accessCommands = {
  "access.addLogin"(db: Database, { login, acts }: { login: Login; acts: readonly Act[] }): void {
    db.query("DELETE FROM logins WHERE expires_at < ?").run(login.createdAt - KEEP_ENDED_MS);
    db.query(
      `INSERT INTO logins (id, user, generation, created_at, renewed_at, expires_at, origin, agent)
       VALUES ($id, $user, $generation, $createdAt, $renewedAt, $expiresAt, $from, $agent)`,
    ).run({ ...login });
    writeActs(db, acts);
  },

  "access.renewLogin"(db: Database, { id, generation, at, graceMs, expiresAt, from }: RenewalAsked): Renewal {
    const login = db
      .query(`SELECT ${LOGIN} FROM logins WHERE id = ? AND revoked_at IS NULL AND expires_at > ?`)
      .get(id, at) as Login | null;
    if (!login || generation > login.generation) return { kind: "ended" };
    if (generation === login.generation) {
      db.query("UPDATE logins SET generation = generation + 1, renewed_at = ?, expires_at = ?, origin = ? WHERE id = ?").run(
        at,
        expiresAt,
        from,
        id,
      );
      return { kind: "renewed", login: { ...login, generation: generation + 1, renewedAt: at, expiresAt, from } };
    }
    const justNow = generation === login.generation - 1 && at - login.renewedAt <= graceMs;
    return { kind: justNow ? "again" : "reused", login };
  },

  "access.revokeLogins"(db: Database, { which, at, acts }: { which: Which; at: number; acts: readonly Act[] }): string[] {
    const rows = db
      .query(
        `UPDATE logins SET revoked_at = ?1 WHERE revoked_at IS NULL AND (?2 IS NULL OR id = ?2) AND (?3 IS NULL OR user = ?3)
         AND (?4 IS NULL OR id <> ?4) RETURNING id`,
      )
      .all(at, which.id ?? null, which.user ?? null, which.except ?? null) as { id: string }[];
    if (rows.length > 0) writeActs(db, acts);
    return rows.map((row) => row.id);
  },

  "access.addToken"(db: Database, { token, acts }: { token: LastingToken; acts: readonly Act[] }): void {
    db.query(
      `INSERT INTO tokens (id, name, program, scopes, hash, created_at, created_by, expires_at, last_used_at)
       VALUES ($id, $name, $program, $scopes, $hash, $createdAt, $createdBy, $expiresAt, $lastUsedAt)`,
    ).run({ ...token, scopes: token.scopes.join(" ") });
    writeActs(db, acts);
  },

  "access.removeToken"(db: Database, { id, acts }: { id: string; acts: readonly Act[] }): boolean {
    const removed = db.query("DELETE FROM tokens WHERE id = ?").run(id).changes === 1;
    if (removed) writeActs(db, acts);
    return removed;
  },

  "access.touchToken"(db: Database, { id, at }: { id: string; at: number }): void {
    db.query("UPDATE tokens SET last_used_at = max(?, coalesce(last_used_at, 0)) WHERE id = ?").run(at, id);
  },

  "access.addLink"(db: Database, link: OneTimeLink): void {
    db.query("INSERT INTO links (hash, purpose, user, expires_at) VALUES ($hash, $purpose, $user, $expiresAt)").run({ ...link });
  },

  "access.takeLink"(db: Database, { hash, now }: { hash: string; now: number }): OneTimeLink | null {
    db.query("DELETE FROM links WHERE expires_at <= ?").run(now);
    return db.query(`DELETE FROM links WHERE hash = ? RETURNING ${LINK}`).get(hash) as OneTimeLink | null;
  },
};

export const accessQueries = {
  "access.logins"(db: Database, { user, now }: { user: string; now: number }): Login[] {
    return db
      .query(`SELECT ${LOGIN} FROM logins WHERE user = ? AND revoked_at IS NULL AND expires_at > ? ORDER BY renewed_at DESC, id DESC`)
      .all(user, now) as Login[];
  },

  "access.revokedSince"(db: Database, at: number): string[] {
    const rows = db.query("SELECT id FROM logins WHERE revoked_at >= ?").all(at) as { id: string }[];
    return rows.map((row) => row.id);
  },

  "access.tokens"(db: Database, _: null): LastingToken[] {
    const rows = db.query(`SELECT ${TOKEN} FROM tokens ORDER BY id`).all() as (Omit<LastingToken, "scopes"> & { scopes: string })[];
    return rows.map((row) => ({ ...row, scopes: row.scopes.split(" ").filter(Boolean) as Scope[] }));
  },

  "access.link"(db: Database, { hash, now }: { hash: string; now: number }): OneTimeLink | null {
    return db.query(`SELECT ${LINK} FROM links WHERE hash = ? AND expires_at > ?`).get(hash, now) as OneTimeLink | null;
  },
};

export function sqliteKeyring(store: Store): Keyring {
  return {
    addLogin: (login, acts) => store.write("access.addLogin", { login, acts }),
    renewLogin: (asked) => store.write("access.renewLogin", asked),
    logins: (user, now) => store.read("access.logins", { user, now }),
    revokeLogins: (which, at, acts) => store.write("access.revokeLogins", { which, at, acts }),
    revokedSince: (at) => store.read("access.revokedSince", at),
    addToken: (token, acts) => store.write("access.addToken", { token, acts }),
    tokens: () => store.read("access.tokens", null),
    removeToken: (id, acts) => store.write("access.removeToken", { id, acts }),
    touchToken: (id, at) => store.write("access.touchToken", { id, at }),
    addLink: (link) => store.write("access.addLink", link),
    link: (hash, now) => store.read("access.link", { hash, now }),
    takeLink: (hash, now) => store.write("access.takeLink", { hash, now }),
  };
}
