import { expect, test } from "bun:test";
import { cookiesOf, ownDoor, PASSWORD } from "../../tests/cast/door.ts";
import { anna } from "../../tests/cast/people.ts";

async function door(name: string) {
  const opened = await ownDoor(name);
  await opened.access.addUser({ name: "olga", password: PASSWORD, role: "operator" }, anna);
  return opened;
}

test("the login form leads to where one wanted, and back out", async () => {
  const { call } = await door("form");
  const page = await (await call("/login?next=/pairs%3Fq%3D1")).text();
  expect(page).toContain('<form class="login-form" method="post" action="/login">');
  expect(page).toContain('name="next" value="/pairs?q=1"');
  expect(page).not.toContain("set-up link");
  const inside = await call("/login", { form: { username: "olga", password: PASSWORD, next: "/pairs?q=1" } });
  expect([inside.status, inside.headers.get("location")]).toEqual([303, "/pairs?q=1"]);
  const cookie = cookiesOf(inside);
  expect((await call("/login", { cookie })).status).toBe(303);
  const out = await call("/logout", { method: "POST", cookie });
  expect([out.status, out.headers.get("location"), cookiesOf(out)]).toEqual([303, "/login", "signalbox=; signalbox_refresh="]);
  expect((await call("/api/auth/me", { cookie })).status).toBe(401);
});

test("a wrong password shows the form again with the name and never the password", async () => {
  const { call } = await door("form-wrong");
  const response = await call("/login", { form: { username: 'olga"><script>', password: "my secret try", next: "//evil.example" } });
  const page = await response.text();
  expect(response.status).toBe(401);
  expect(page).toContain("The name or the password is wrong");
  expect(page).toContain('name="next" value="/"');
  expect(page).not.toContain("my secret try");
  expect(page).not.toContain("<script>");
});

test("a login form on another site's page does not log in", async () => {
  const { call } = await door("form-foreign");
  const response = await call("/login", { form: { username: "olga", password: PASSWORD }, headers: { "sec-fetch-site": "cross-site" } });
  expect([response.status, response.headers.getSetCookie()]).toEqual([403, []]);
});

test("the set-up link makes the first admin, once, and only while there is nobody", async () => {
  const { call, access } = await ownDoor("setup");
  expect(await (await call("/login")).text()).toContain("set-up link");
  const link = (await access.setupLink()) ?? "";
  const second = (await access.setupLink()) ?? "";
  const token = new URL(link, "http://x").searchParams.get("token") ?? "";
  expect(await (await call(link)).text()).toContain("Make this admin");
  const form = { token, name: "Anna", password: PASSWORD, again: PASSWORD };
  const short = await call("/setup", { form: { ...form, password: "short", again: "other" } });
  expect(short.status).toBe(400);
  expect(await short.text()).toContain("at least 10 characters");
  const made = await call("/setup", { form });
  expect([made.status, made.headers.get("location")]).toEqual([303, "/"]);
  expect(await (await call("/api/auth/me", { cookie: cookiesOf(made) })).json()).toMatchObject({ name: "anna", role: "admin" });
  expect((await call("/setup", { form: { ...form, name: "eve" } })).status).toBe(409);
  expect((await call(second)).status).toBe(404);
  expect(await access.setupLink()).toBeNull();
});

test("a set-up link ends after an hour", async () => {
  const { call, access, clock } = await ownDoor("setup-late");
  const link = (await access.setupLink()) ?? "";
  clock.advance(60 * 60_000);
  expect((await call(link)).status).toBe(404);
  const token = link.split("=")[1] ?? "";
  expect((await call("/setup", { form: { token, name: "eve", password: PASSWORD, again: PASSWORD } })).status).toBe(401);
  expect(access.users.list()).toEqual([]);
});

test("a login link logs in once", async () => {
  const { call, access } = await door("link");
  const link = await access.loginLink("olga");
  const inside = await call(link);
  expect([inside.status, inside.headers.get("location")]).toEqual([303, "/"]);
  expect((await call("/api/auth/me", { cookie: cookiesOf(inside) })).status).toBe(200);
  expect((await call(link)).status).toBe(401);
  const again = await call(link, { cookie: cookiesOf(inside) });
  expect([again.status, again.headers.get("location"), cookiesOf(again)]).toEqual([303, "/", ""]);
  expect((await call("/login/link?token=guess")).status).toBe(401);
  const setup = (await (await ownDoor("link-other")).access.setupLink()) ?? "";
  expect((await call(setup.replace("/setup", "/login/link"))).status).toBe(401);
});

test("no page of the door has an inline script or style", async () => {
  const { call } = await door("inline");
  for (const path of ["/login", "/nowhere"]) {
    const page = await (await call(path, { headers: { accept: "text/html" } })).text();
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=/);
  }
});
