/** What every store of logins, tokens and one-time links must do. */

import { expect, test } from "bun:test";
import type { Keyring, LastingToken, Login } from "../../src/access/keyring.ts";
import type { Act } from "../../src/kernel/act.ts";

const NOW = Date.UTC(2026, 0, 5, 12);
const HOUR = 3_600_000;
let count = 0;

function login(user: string, more: Partial<Login> = {}): Login {
  count += 1;
  return {
    id: `l_${count}`,
    user,
    generation: 1,
    createdAt: NOW,
    renewedAt: NOW,
    expiresAt: NOW + HOUR,
    from: "10.0.0.7",
    agent: "curl",
    ...more,
  };
}

function token(more: Partial<LastingToken> = {}): LastingToken {
  count += 1;
  return {
    id: `t_${count}`,
    name: `token-${count}`,
    program: "program1",
    scopes: ["permits", "results"],
    hash: `hash-${count}`,
    createdAt: NOW,
    createdBy: "anna",
    expiresAt: null,
    lastUsedAt: null,
    ...more,
  };
}

const told = (subject: string): Act => ({ at: NOW, actor: "anna", from: "10.0.0.7", verb: "test", subject, reason: null, detail: null });

/** `acts` counts what was written of a subject. */
export function keyringContract(name: string, open: () => Promise<{ keyring: Keyring; acts: (subject: string) => Promise<number> }>): void {
  const renewal = (id: string, generation: number, at: number) => ({
    id,
    generation,
    at,
    graceMs: 10_000,
    expiresAt: at + HOUR,
    from: "10.0.0.9",
  });

  test(`${name}: keeps a login with its act and lists it to its user alone`, async () => {
    const { keyring, acts } = await open();
    const mine = login("ludmila");
    await keyring.addLogin(mine, [told(`login:${mine.id}`)]);
    expect(await keyring.logins("ludmila", NOW)).toEqual([mine]);
    expect(await keyring.logins("ludmil", NOW)).toEqual([]);
    expect(await acts(`login:${mine.id}`)).toBe(1);
  });

  test(`${name}: an expired login is neither listed nor renewed`, async () => {
    const { keyring } = await open();
    const old = login("egor", { expiresAt: NOW + 10 });
    await keyring.addLogin(old, []);
    expect(await keyring.logins("egor", NOW + 10)).toEqual([]);
    expect(await keyring.renewLogin(renewal(old.id, 1, NOW + 10))).toEqual({ kind: "ended" });
  });

  test(`${name}: renewing moves the generation on, and the one before counts again within the grace`, async () => {
    const { keyring } = await open();
    const mine = login("fatima");
    await keyring.addLogin(mine, []);
    const renewed = { ...mine, generation: 2, renewedAt: NOW + 1000, expiresAt: NOW + 1000 + HOUR, from: "10.0.0.9" };
    expect(await keyring.renewLogin(renewal(mine.id, 1, NOW + 1000))).toEqual({ kind: "renewed", login: renewed });
    expect(await keyring.renewLogin(renewal(mine.id, 1, NOW + 11_000))).toEqual({ kind: "again", login: renewed });
    expect(await keyring.renewLogin(renewal(mine.id, 1, NOW + 11_001))).toEqual({ kind: "reused", login: renewed });
  });

  test(`${name}: a generation older than the one before is reused at any time, one that never was is ended`, async () => {
    const { keyring } = await open();
    const mine = login("gleb");
    await keyring.addLogin(mine, []);
    await keyring.renewLogin(renewal(mine.id, 1, NOW));
    await keyring.renewLogin(renewal(mine.id, 2, NOW));
    expect((await keyring.renewLogin(renewal(mine.id, 1, NOW))).kind).toBe("reused");
    expect((await keyring.renewLogin(renewal(mine.id, 4, NOW))).kind).toBe("ended");
    expect((await keyring.renewLogin(renewal("l_none", 1, NOW))).kind).toBe("ended");
  });

  test(`${name}: of many renewals at once one renews and the others get the same`, async () => {
    const { keyring } = await open();
    const mine = login("hana");
    await keyring.addLogin(mine, []);
    const kinds = await Promise.all(Array.from({ length: 8 }, async () => (await keyring.renewLogin(renewal(mine.id, 1, NOW))).kind));
    expect(kinds.filter((kind) => kind === "renewed")).toHaveLength(1);
    expect(kinds.filter((kind) => kind === "again")).toHaveLength(7);
  });

  test(`${name}: revokes one, all but one, and only its owner's; the act is written once`, async () => {
    const { keyring, acts } = await open();
    const [first, second, third] = [login("ivan"), login("ivan"), login("ivan")];
    for (const each of [first, second, third]) await keyring.addLogin(each, []);
    expect(await keyring.revokeLogins({ id: first.id, user: "olga" }, NOW, [told("user:olga")])).toEqual([]);
    expect(await acts("user:olga")).toBe(0);
    expect(await keyring.revokeLogins({ id: first.id, user: "ivan" }, NOW, [])).toEqual([first.id]);
    expect(await keyring.revokeLogins({ user: "ivan", except: third.id }, NOW + 5, [told("user:ivan")])).toEqual([second.id]);
    expect(await keyring.revokeLogins({ user: "ivan", except: third.id }, NOW + 6, [told("user:ivan")])).toEqual([]);
    expect(await acts("user:ivan")).toBe(1);
    expect((await keyring.logins("ivan", NOW)).map(({ id }) => id)).toEqual([third.id]);
    expect(await keyring.renewLogin(renewal(first.id, 1, NOW))).toEqual({ kind: "ended" });
    expect(await keyring.revokedSince(NOW + 5)).toContain(second.id);
    expect(await keyring.revokedSince(NOW + 5)).not.toContain(first.id);
  });

  test(`${name}: keeps tokens whole, remembers the last use, forgets removed ones`, async () => {
    const { keyring, acts } = await open();
    const [used, gone] = [token({ expiresAt: NOW + HOUR }), token({ program: null, scopes: ["metrics"] })];
    await keyring.addToken(used, [told(`token:${used.id}`)]);
    await keyring.addToken(gone, []);
    expect(await keyring.tokens()).toContainEqual(gone);
    await keyring.touchToken(used.id, NOW + 7);
    await keyring.touchToken(used.id, NOW + 3);
    expect(await keyring.removeToken(gone.id, [told(`token:${gone.id}`)])).toBe(true);
    expect(await keyring.removeToken(gone.id, [told(`token:${gone.id}`)])).toBe(false);
    expect(await keyring.tokens()).toContainEqual({ ...used, lastUsedAt: NOW + 7 });
    expect((await keyring.tokens()).map(({ id }) => id)).not.toContain(gone.id);
    expect([await acts(`token:${used.id}`), await acts(`token:${gone.id}`)]).toEqual([1, 1]);
  });

  test(`${name}: a link is looked at often and taken once`, async () => {
    const { keyring } = await open();
    const link = { hash: "h-once", purpose: "login" as const, user: "anna", expiresAt: NOW + HOUR };
    await keyring.addLink(link);
    expect(await keyring.link("h-once", NOW)).toEqual(link);
    expect(await keyring.link("h-once", NOW + HOUR)).toBeNull();
    const taken = await Promise.all([1, 2, 3].map(() => keyring.takeLink("h-once", NOW)));
    expect(taken.filter((one) => one !== null)).toEqual([link]);
    expect(await keyring.link("h-once", NOW)).toBeNull();
  });

  test(`${name}: an expired link cannot be taken`, async () => {
    const { keyring } = await open();
    await keyring.addLink({ hash: "h-late", purpose: "setup", user: null, expiresAt: NOW + 1 });
    expect(await keyring.takeLink("h-late", NOW + 1)).toBeNull();
  });
}
