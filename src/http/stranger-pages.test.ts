import { expect, test } from "bun:test";
import { emptyWorld, fullWorld } from "../../tests/cast/board.ts";
import { pagesApp, servicesOf } from "../../tests/cast/pages.ts";
import { type StrangersDouble, strangerOf } from "../../tests/cast/strangers.ts";
import { fakeClock } from "../kernel/clock.ts";

const clock = fakeClock(Date.UTC(2026, 0, 5, 12));
const world = await fullWorld(clock, 32);
const services = servicesOf(world);
const strangers = services.strangers as StrangersDouble;
const app = pagesApp(services);
const pair = world.directory.pairs()[3]!.id;
const known = strangerOf({ address: "4243-1", name: "program1 IN vi", guess: { program: "program1", pairs: [pair], by: "name" } });
const unknown = strangerOf({
  address: "4244-2",
  name: "<b>backup</b>",
  command: "rsync -a",
  guess: { program: null, pairs: [], by: null },
});
const idle = strangerOf({ address: "4245-3", name: "typed", state: "shell_idle", refusal: "nothing to adopt" });

const text = async (path: string, init?: RequestInit) => (await app.request(path, init)).text();
const post = (path: string, fields: string) =>
  app.request(path, { method: "POST", body: fields, headers: { "content-type": "application/x-www-form-urlencoded" } });

test("an empty list explains itself, and the navigation leaves the page out until there is somebody", async () => {
  strangers.put();
  expect(await text("/strangers")).toContain("No strangers");
  expect(await text("/pairs")).not.toContain('href="/strangers"');
  strangers.put(known, unknown, idle);
  expect(await text("/pairs")).toContain('<b class="count">2</b>');
});

test("what looks like a program and its pair is ticked, what cannot be adopted has a dead lever that says why, names are escaped", async () => {
  strangers.put(known, unknown, idle);
  const page = await text("/strangers");
  expect(page).toContain(`program1 · ${pair}`);
  expect([...page.matchAll(/type="checkbox"/g)].length).toBe(1);
  expect(page).toContain('title="nothing to adopt"');
  expect(page).toContain("&lt;b&gt;backup");
  const viewers = await text("/strangers", { headers: { cookie: "as=viewer" } });
  expect(viewers).not.toContain("/adoption");
  expect((await app.request("/strangers/4243-1/adoption", { headers: { cookie: "as=viewer" } })).status).toBe(403);
});

test("the form is filled in with the guess; sent, it leads to the session", async () => {
  strangers.put(known);
  const form = await text("/strangers/4243-1/adoption");
  expect(form).toMatch(new RegExp(`<option value="${pair}" selected`));
  const adopted = await post("/strangers/4243-1/adoption", `program=program1&pairs=${pair}&name=mine`);
  expect([adopted.status, adopted.headers.get("location")]).toEqual([303, "/sessions/mine?done=adopt"]);
  const gone = await post("/strangers/4243-1/adoption", `program=program1&pairs=${pair}`);
  expect(gone.status).toBe(409);
  expect(await gone.text()).toContain("no stranger any more");
  expect((await app.request("/strangers/4243-1/adoption")).status).toBe(404);
});

test("what is missing stands beside its field", async () => {
  strangers.put(unknown);
  const refused = await post("/strangers/4244-2/adoption", "program=program1");
  expect(refused.status).toBe(422);
  expect(await refused.text()).toContain("must name at least one pair");
});

test("the ticked are adopted as what they look like; without a tick nothing happens", async () => {
  strangers.put(known, unknown);
  const none = await post("/strangers/adoptions", "");
  expect([none.status, strangers.list().length]).toEqual([422, 2]);
  const done = await post("/strangers/adoptions", "stranger=4243-1&stranger=4244-2");
  expect(done.headers.get("location")).toBe("/strangers?adopted=1");
  expect(await text("/strangers?adopted=1")).toContain("1 stranger is a session now");
  expect(strangers.list().map(({ address }) => address)).toEqual(["4244-2"]);
});

test("without a program or a pair the form says what to do first", async () => {
  const bare = servicesOf(await emptyWorld(clock));
  (bare.strangers as StrangersDouble).put(unknown);
  expect(await (await pagesApp(bare).request("/strangers/4244-2/adoption")).text()).toContain("First define the program");
});
