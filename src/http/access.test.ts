import { expect, test } from "bun:test";
import { cookiesOf, ownDoor, PASSWORD } from "../../tests/cast/door.ts";
import { anna } from "../../tests/cast/people.ts";
import type { Route } from "./route.ts";

const probe: Route[] = [
  { method: "GET", path: "/", least: "viewer", summary: "", page: true, handle: (context) => context.text("the board") },
  {
    method: "POST",
    path: "/api/results",
    least: { scope: "results" },
    summary: "",
    handle: (context) => context.json(context.get("principal")),
  },
  { method: "POST", path: "/api/permits", least: { scope: "permits" }, summary: "", handle: (context) => context.json({}) },
];
const MINUTE = 60_000;

interface Body {
  access_token: string;
  token: string;
  id: string;
  errors: { field: string }[];
  tokens: unknown[];
  acts: { verb: string }[];
  next_cursor: string | null;
}

async function bodyOf<T = Body>(response: Response): Promise<T> {
  return (await response.json()) as T;
}

async function tokenOf(response: Response): Promise<string> {
  return (await bodyOf(response)).access_token;
}

async function door(name: string) {
  const opened = await ownDoor(name, probe);
  await opened.access.addUser({ name: "anna", password: PASSWORD, role: "admin" }, anna);
  await opened.access.addUser({ name: "olga", password: PASSWORD, role: "operator" }, anna);
  const login = (username: string, password = PASSWORD) => opened.call("/api/auth/login", { json: { username, password } });
  return { ...opened, login };
}

test("a login gives a token for programs and two cookies no script can read", async () => {
  const { login, call } = await door("login");
  const response = await login("Olga ");
  expect(response.status).toBe(200);
  const body = await bodyOf(response);
  expect(body).toMatchObject({ token_type: "Bearer", expires_in_seconds: 900, user: { name: "olga", role: "operator" } });
  const cookies = response.headers.getSetCookie();
  expect(cookies).toHaveLength(2);
  for (const cookie of cookies) expect(cookie).toMatch(/; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/);
  const me = { name: "olga", kind: "user", role: "operator", scopes: [] };
  expect(await (await call("/api/auth/me", { headers: { authorization: `Bearer ${body.access_token}` } })).json()).toEqual(me);
  expect(await (await call("/api/auth/me", { cookie: cookiesOf(response) })).json()).toEqual(me);
});

test("behind https the cookies never travel without it", async () => {
  const { access, call } = await ownDoor("secure", probe, "https://sms.example");
  await access.addUser({ name: "anna", password: PASSWORD, role: "admin" }, anna);
  const response = await call("/api/auth/login", { json: { username: "anna", password: PASSWORD } });
  for (const cookie of response.headers.getSetCookie()) expect(cookie).toEndWith("; Secure");
});

test("a wrong name and a wrong password get the same answer, byte for byte but the request's id", async () => {
  const { login } = await door("uniform");
  const answers = await Promise.all([login("olga", "wrong password"), login("nobody", "wrong password")]);
  const [wrong, unknown] = await Promise.all(answers.map(async (each) => ({ ...(await bodyOf(each)), request_id: "" })));
  expect(answers.map((each) => each.status)).toEqual([401, 401]);
  expect(wrong).toEqual(unknown);
  expect(wrong).toMatchObject({ code: "unauthorized", detail: "The name or the password is wrong" });
});

test("after five wrong passwords the right one has to wait too, and an admin can lift it", async () => {
  const { login, clock, access } = await door("lock");
  for (let i = 0; i < 5; i++) expect((await login("olga", `guess number ${i}`)).status).toBe(401);
  const locked = await login("olga");
  expect([locked.status, locked.headers.get("retry-after")]).toEqual([429, "30"]);
  expect((await login("anna")).status).toBe(200);
  clock.advance(30_000);
  expect((await login("olga", "one more guess")).status).toBe(401);
  expect((await login("olga")).headers.get("retry-after")).toBe("60");
  await access.changeUser("olga", { role: "viewer" }, anna);
  expect((await login("olga")).status).toBe(200);
});

test("a name that does not exist is locked like one that does", async () => {
  const { login } = await door("lock-unknown");
  for (let i = 0; i < 5; i++) await login("nobody", `guess number ${i}`);
  expect((await login("nobody")).status).toBe(429);
});

test("twenty wrong tries from one address lock the address, whatever the names", async () => {
  const { login } = await door("lock-address");
  for (let i = 0; i < 20; i++) await login(`name-${i}`, "x");
  expect((await login("anna")).status).toBe(429);
});

test("an access token ends after 15 minutes; a page goes on with the refresh cookie and never notices", async () => {
  const { login, call, clock } = await door("expiry");
  const response = await login("olga");
  const token = await tokenOf(response);
  const bearer = { headers: { authorization: `Bearer ${token}` } };
  clock.advance(15 * MINUTE - 1);
  expect((await call("/api/auth/me", bearer)).status).toBe(200);
  clock.advance(1);
  const ended = await call("/api/auth/me", bearer);
  expect([ended.status, ended.headers.get("www-authenticate")]).toEqual([401, 'Bearer error="invalid_token"']);
  const page = await call("/", { cookie: cookiesOf(response) });
  expect([page.status, await page.text()]).toEqual([200, "the board"]);
  expect(page.headers.getSetCookie()).toHaveLength(2);
  expect((await call("/", { cookie: cookiesOf(page) })).headers.getSetCookie()).toHaveLength(0);
});

test("tabs that renew at the same time all get the same successor, for ten seconds", async () => {
  const { login, call, clock } = await door("tabs");
  const first = cookiesOf(await login("olga"));
  const refreshOf = (response: Response) => response.headers.getSetCookie().find((cookie) => cookie.startsWith("signalbox_refresh="));
  const tabs = await Promise.all([1, 2, 3].map(() => call("/api/auth/refresh", { method: "POST", cookie: first })));
  expect(tabs.map((tab) => tab.status)).toEqual([200, 200, 200]);
  expect(new Set(tabs.map(refreshOf)).size).toBe(1);
  clock.advance(10_000);
  const late = await call("/api/auth/refresh", { method: "POST", cookie: first });
  expect([late.status, refreshOf(late)]).toEqual([200, refreshOf(tabs[0]!)]);
});

test("an old refresh token shown again ends the whole login, for the thief and for the owner", async () => {
  const { login, call, clock, documents } = await door("reuse");
  const stolen = cookiesOf(await login("olga"));
  const renewed = await call("/api/auth/refresh", { method: "POST", cookie: stolen });
  const owner = cookiesOf(renewed);
  const token = await tokenOf(renewed);
  clock.advance(10_001);
  expect((await call("/api/auth/refresh", { method: "POST", cookie: stolen })).status).toBe(401);
  expect((await call("/api/auth/refresh", { method: "POST", cookie: owner })).status).toBe(401);
  expect((await call("/api/auth/me", { headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
  expect((await documents.acts({ limit: 1 }))[0]).toMatchObject({
    verb: "login.end",
    reason: expect.stringContaining("somebody has a copy"),
  });
});

test("a made-up refresh token ends nothing", async () => {
  const { login, call } = await door("forged");
  const cookie = cookiesOf(await login("olga"));
  const forged = cookie.replace(/(signalbox_refresh=sbf_[a-z0-9_]+\.)1\.[\w-]{10}/, "$10.AAAAAAAAAA");
  expect(forged).not.toBe(cookie);
  expect((await call("/api/auth/refresh", { method: "POST", cookie: forged })).status).toBe(401);
  expect((await call("/api/auth/refresh", { method: "POST", cookie })).status).toBe(200);
});

test("a logout ends the tokens at once, also over a restart", async () => {
  const { login, call, reopened } = await door("logout");
  const response = await login("olga");
  const cookie = cookiesOf(response);
  const token = await tokenOf(response);
  const out = await call("/api/auth/logout", { method: "POST", cookie });
  expect([out.status, cookiesOf(out)]).toEqual([204, "signalbox=; signalbox_refresh="]);
  const bearer = { headers: { authorization: `Bearer ${token}` } };
  expect((await call("/api/auth/me", bearer)).status).toBe(401);
  expect((await (await reopened()).request("/api/auth/me", bearer)).status).toBe(401);
  expect((await call("/api/auth/refresh", { method: "POST", cookie })).status).toBe(401);
});

test("a login outlives a restart of Signalbox", async () => {
  const { login, reopened } = await door("restart");
  const token = await tokenOf(await login("olga"));
  const response = await (await reopened()).request("/api/auth/me", { headers: { authorization: `Bearer ${token}` } });
  expect(response.status).toBe(200);
});

test.each([
  ["no signature", (token: string) => token.replace(/\.[^.]+$/, ".")],
  ["another signature", (token: string) => token.replace(/\.[^.]+$/, `.${"A".repeat(43)}`)],
  ["algorithm none", (token: string) => `${Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url")}.${token.split(".")[1]}.`],
  [
    "another user",
    (token: string) =>
      token
        .split(".")
        .map((part, i) =>
          i === 1 ? Buffer.from(Buffer.from(part, "base64url").toString().replace("olga", "anna")).toString("base64url") : part,
        )
        .join("."),
  ],
] as const)("a token with %s opens nothing", async (...[, forge]) => {
  const { login, call } = await door("jwt");
  const token = await tokenOf(await login("olga"));
  expect((await call("/api/auth/me", { headers: { authorization: `Bearer ${forge(token)}` } })).status).toBe(401);
});

test("a role counts from the moment it changes, and a removed user is out", async () => {
  const { login, call, access } = await door("role");
  const token = await tokenOf(await login("olga"));
  const bearer = { headers: { authorization: `Bearer ${token}` } };
  expect((await call("/api/users", bearer)).status).toBe(403);
  await access.changeUser("olga", { role: "admin" }, anna);
  expect((await call("/api/users", bearer)).status).toBe(200);
  await access.removeUser("olga", anna);
  expect((await call("/api/users", bearer)).status).toBe(401);
});

test("one sees and ends one's own logins, not others'", async () => {
  const { login, call } = await door("logins");
  const [here, there, others] = [await login("olga"), await login("olga"), await login("anna")].map(cookiesOf);
  const list = async (cookie: string | undefined) =>
    (await bodyOf<{ logins: { id: string; current: boolean }[] }>(await call("/api/auth/logins", { cookie }))).logins;
  const mine = await list(here);
  expect(mine.map((each) => each.current).sort()).toEqual([false, true]);
  const annas = (await list(others))[0]!;
  expect((await call(`/api/auth/logins/${annas.id}`, { method: "DELETE", cookie: here })).status).toBe(404);
  const other = mine.find((each) => !each.current)!;
  expect((await call(`/api/auth/logins/${other.id}`, { method: "DELETE", cookie: here })).status).toBe(204);
  expect((await call("/api/auth/me", { cookie: there?.split("; ")[0] })).status).toBe(401);
  expect(await list(here)).toHaveLength(1);
});

test("a new password needs the old one, ends the other logins and keeps this one", async () => {
  const { login, call } = await door("password");
  const [here, there] = [cookiesOf(await login("olga")), cookiesOf(await login("olga"))];
  const change = (current: string, password: string) =>
    call("/api/auth/password", { method: "PUT", json: { current, password }, cookie: here });
  expect(await (await change("wrong one", "a new long password")).json()).toMatchObject({
    errors: [{ field: "current", message: "is wrong" }],
  });
  expect((await change(PASSWORD, "short")).status).toBe(400);
  expect((await change(PASSWORD, "a new long password")).status).toBe(204);
  expect((await call("/api/auth/me", { cookie: here })).status).toBe(200);
  expect((await call("/api/auth/me", { cookie: there.split("; ")[0] })).status).toBe(401);
  expect((await login("olga")).status).toBe(401);
  expect((await login("olga", "a new long password")).status).toBe(200);
});

test("bcrypt of another system is accepted", async () => {
  const { access, documents, call } = await ownDoor("bcrypt", probe);
  await documents.commit(
    [
      {
        kind: "user",
        id: "old",
        expected: 0,
        body: {
          name: "old",
          role: "viewer",
          passwordHash: await Bun.password.hash(PASSWORD, { algorithm: "bcrypt", cost: 4 }),
          createdAt: 0,
          updatedAt: 0,
          passwordChangedAt: 0,
        },
      },
    ],
    [],
  );
  expect(access.users.find("old")).toBeUndefined();
  const { verifyPassword } = await import("../access/password.ts");
  const [stored] = await documents.load(["user"]);
  expect(await verifyPassword(PASSWORD, String(stored?.body.passwordHash))).toBe(true);
  expect(await verifyPassword("not this one", String(stored?.body.passwordHash))).toBe(false);
  expect(await verifyPassword(PASSWORD, "rubbish")).toBe(false);
  expect((await call("/api/auth/me")).status).toBe(401);
});

test("users are added, changed and removed by admins alone, and the last admin stays", async () => {
  const { as } = await door("users");
  const admin = await as("admin");
  const operator = await as("operator");
  expect((await operator("/api/users")).status).toBe(403);
  expect((await operator("/api/users", { json: { name: "eve", password: PASSWORD, role: "admin" } })).status).toBe(403);
  const added = await admin("/api/users", { json: { name: "Vera", password: PASSWORD, role: "viewer" } });
  expect([added.status, added.headers.get("location"), added.headers.get("etag")]).toEqual([201, "/api/users/vera", '"1"']);
  expect(JSON.stringify(await added.json())).not.toContain("argon2");
  expect((await admin("/api/users", { json: { name: "vera", password: PASSWORD, role: "viewer" } })).status).toBe(409);
  const bad = await admin("/api/users", { json: { name: "a b; rm -rf /", password: "short", role: "root" } });
  expect((await bodyOf(bad)).errors.map((each) => each.field)).toEqual(["name", "password", "role"]);
  const patch = (headers: Record<string, string>) => admin("/api/users/vera", { method: "PATCH", json: { role: "operator" }, headers });
  expect((await patch({ "if-match": '"7"' })).status).toBe(409);
  expect((await patch({ "if-match": '"1"' })).headers.get("etag")).toBe('"2"');
  expect((await admin("/api/users/vera", { method: "DELETE" })).status).toBe(204);
  expect((await admin("/api/users/vera", { method: "DELETE" })).status).toBe(404);
  expect((await admin("/api/users/anna", { method: "DELETE" })).status).toBe(204);
  expect(await (await admin("/api/users/admin", { method: "DELETE" })).json()).toMatchObject({ code: "conflict", reason: "last_admin" });
  expect((await admin("/api/users/admin", { method: "PATCH", json: { role: "viewer" } })).status).toBe(409);
});

test("a lasting token opens what its scopes say, is shown once, remembers its use, and ends", async () => {
  const { as, call, clock, roster, reopened } = await door("tokens");
  const admin = await as("admin");
  const { sleeper } = await import("../../tests/cast/people.ts");
  await roster.addProgram(sleeper("program1"), anna);
  const asked = {
    name: "billing",
    scopes: ["results"],
    program: "program1",
    expires_at: new Date(clock.now() + 60 * MINUTE).toISOString(),
  };
  const made = await admin("/api/tokens", { json: asked });
  const { token, id } = await bodyOf(made);
  expect([made.status, token.slice(0, 4), token.length]).toEqual([201, "sbt_", 47]);
  const bearer = { method: "POST", headers: { authorization: `Bearer ${token}` } };
  expect(await (await call("/api/results", bearer)).json()).toMatchObject({ kind: "token", program: "program1" });
  expect((await call("/api/permits", bearer)).status).toBe(403);
  expect((await call("/api/auth/me", { headers: bearer.headers })).status).toBe(403);
  const listed = await bodyOf(await admin("/api/tokens"));
  expect(listed.tokens).toEqual([expect.objectContaining({ id, name: "billing", last_used_at: new Date(clock.now()).toISOString() })]);
  expect(JSON.stringify(listed)).not.toContain(token.slice(4));
  expect((await (await reopened()).request("/api/results", bearer)).status).toBe(200);
  clock.advance(60 * MINUTE);
  expect((await call("/api/results", bearer)).status).toBe(401);
});

test("a deleted token opens nothing any more, and a token must belong to a program that exists", async () => {
  const { as, call } = await door("tokens-2");
  const admin = await as("admin");
  const { token, id } = await bodyOf(await admin("/api/tokens", { json: { name: "prometheus", scopes: ["metrics"] } }));
  expect((await admin(`/api/tokens/${id}`, { method: "DELETE" })).status).toBe(204);
  expect((await call("/api/results", { method: "POST", headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
  for (const [program, field] of [
    [undefined, "program"],
    ["ghost", "program"],
  ]) {
    const response = await admin("/api/tokens", { json: { name: "x", scopes: ["results"], program } });
    expect((await bodyOf(response)).errors[0]?.field).toBe(field);
  }
});

test("a run's token ends with its run", async () => {
  const { access, call, knownRuns } = await door("run-token");
  const token = access.mintRunToken({ program: "program1", session: "s_1", run: "r_1" });
  const post = (path: string) => call(path, { method: "POST", headers: { authorization: `Bearer ${token}` } });
  expect((await post("/api/results")).status).toBe(401);
  knownRuns.add("r_1");
  expect(await (await post("/api/results")).json()).toMatchObject({ kind: "run", program: "program1", session: "s_1", run: "r_1" });
  expect((await post("/api/permits")).status).toBe(200);
  knownRuns.delete("r_1");
  expect((await post("/api/permits")).status).toBe(401);
});

test("the audit tells who did what from where, newest first, page by page without a gap", async () => {
  const { as, login } = await door("audit");
  await login("olga");
  const admin = await as("admin");
  const all = (await bodyOf(await admin("/api/audit"))).acts;
  expect(all.map((act) => act.verb)).toContain("user.create");
  const pages: unknown[] = [];
  let cursor: string | null = null;
  do {
    const page: Body = await bodyOf(await admin(`/api/audit?limit=1${cursor === null ? "" : `&cursor=${cursor}`}`));
    pages.push(...page.acts);
    cursor = page.next_cursor;
  } while (cursor !== null);
  expect(pages).toEqual(all);
  expect((await admin("/api/audit?limit=0")).status).toBe(400);
  expect((await admin("/api/audit?colour=red")).status).toBe(400);
  const one = (await bodyOf(await admin("/api/audit?subject=user:olga"))).acts;
  expect(one).toEqual([expect.objectContaining({ actor: "anna", verb: "user.create", subject: "user:olga" })]);
});
