import { expect, test } from "bun:test";
import { type Init, ownDoor } from "../../tests/cast/door.ts";
import { anna, sleeper, uzmobile } from "../../tests/cast/people.ts";

const PROGRAM = {
  name: "program1",
  template: "python3 'my program.py' --country {country}",
  folder: "/srv/sms",
  environment: { KEY: "hunter2" },
};

interface Body {
  id: string;
  version: number;
  priority: boolean;
  sessions: string[];
  errors: { field: string; message: string }[];
  [more: string]: unknown;
}
type Call = (path: string, init?: Init) => Promise<Response>;

async function bodyOf(response: Response): Promise<Body> {
  return (await response.json()) as Body;
}

async function house(name: string) {
  const door = await ownDoor(name);
  await door.roster.addProgram(sleeper("program1", { template: ["sleep", "{country}"] }), anna);
  return { ...door, operator: await door.as("operator"), admin: await door.as("admin"), viewer: await door.as("viewer") };
}

/** Status and the names of the bad fields. */
async function refused(call: Call, path: string, init: Init): Promise<[number, string[]]> {
  const response = await call(path, init);
  return [response.status, ((await bodyOf(response)).errors ?? []).map((each) => each.field)];
}

test("a pair is added with its programs' sessions, read, changed and retired", async () => {
  const { operator, viewer } = await house("pairs");
  const made = await operator("/api/pairs", {
    json: { country: "uz", operator: "uzmobile", operator_name: "UzMobile", programs: ["program1"] },
  });
  expect([made.status, made.headers.get("location"), made.headers.get("etag")]).toEqual([201, "/api/pairs/UZ_uzmobile", '"1"']);
  expect(await bodyOf(made)).toMatchObject({
    id: "UZ_uzmobile",
    weight: 100,
    active: true,
    priority: false,
    sessions: ["program1_UZ_uzmobile"],
  });
  expect((await operator("/api/pairs", { json: { country: "UZ", operator: "uzmobile" } })).status).toBe(409);
  const patched = await operator("/api/pairs/UZ_uzmobile", {
    method: "PATCH",
    json: { weight: 50, threshold: null },
    headers: { "if-match": '"1"' },
  });
  expect(await bodyOf(patched)).toMatchObject({ weight: 50, threshold: null, operator_name: "UzMobile", version: 2 });
  const listed = (await (await viewer("/api/pairs")).json()) as { pairs: Body[] };
  expect(listed.pairs.map((pair) => pair.id)).toEqual(["UZ_uzmobile"]);
  expect((await operator("/api/pairs/UZ_uzmobile", { method: "DELETE" })).status).toBe(204);
  expect((await viewer("/api/pairs/UZ_uzmobile")).status).toBe(404);
});

test("the second of two editors is told, and nothing of theirs is stored", async () => {
  const { operator, roster } = await house("editors");
  await roster.addPair(uzmobile, anna);
  const edit = (weight: number) =>
    operator("/api/pairs/UZ_uzmobile", { method: "PATCH", json: { weight }, headers: { "if-match": '"1"' } });
  expect((await edit(10)).status).toBe(200);
  const second = await edit(20);
  expect(second.status).toBe(409);
  expect(await bodyOf(second)).toMatchObject({ code: "conflict", reason: "changed" });
  expect((await bodyOf(await operator("/api/pairs/UZ_uzmobile"))).weight).toBe(10);
  expect(await refused(operator, "/api/pairs/UZ_uzmobile", { method: "PATCH", json: {}, headers: { "if-match": "soon" } })).toEqual([
    400,
    ["If-Match"],
  ]);
});

test("a high-priority pair refuses every way of stopping it, with 409 and the reason", async () => {
  const { operator, admin, roster } = await house("priority");
  await roster.addPair(uzmobile, anna, ["program1"]);
  expect((await operator("/api/pairs/UZ_uzmobile/priority", { method: "PUT", json: { reason: "bank OTP" } })).status).toBe(204);
  expect((await operator("/api/pairs/UZ_uzmobile/priority", { method: "PUT" })).status).toBe(204);
  const ways: [string, Init][] = [
    ["/api/pairs/UZ_uzmobile", { method: "PATCH", json: { active: false } }],
    ["/api/pairs/UZ_uzmobile", { method: "PATCH", json: { weight: 0 } }],
    ["/api/pairs/UZ_uzmobile", { method: "PATCH", json: { limit: 0 } }],
    ["/api/pairs/UZ_uzmobile", { method: "DELETE" }],
    ["/api/countries/UZ", { method: "PATCH", json: { limit: 0 } }],
    ["/api/programs/program1", { method: "DELETE" }],
  ];
  for (const [path, init] of ways) {
    const response = await admin(path, init);
    expect([path, init.method, response.status]).toEqual([path, init.method, 409]);
    expect(await bodyOf(response)).toMatchObject({ reason: "high_priority" });
  }
  expect(await refused(operator, "/api/pairs/UZ_uzmobile", { method: "PATCH", json: { priority: false, active: false } })).toEqual([
    400,
    ["priority"],
  ]);
  expect((await operator("/api/pairs/UZ_uzmobile/priority", { method: "DELETE" })).status).toBe(204);
  expect((await operator("/api/pairs/UZ_uzmobile", { method: "DELETE" })).status).toBe(204);
});

test.each([
  ["a country that is none", { country: "ZZ", operator: "uzmobile" }, ["country"]],
  ["a name for a shell", { country: "UZ", operator: "x; rm -rf /" }, ["operator"]],
  ["a path", { country: "UZ", operator: "../../etc" }, ["operator"]],
  ["a weight out of range", { country: "UZ", operator: "a", weight: 1001 }, ["weight"]],
  ["networks that are numbers", { country: "UZ", operator: "a", mccmnc: [43403] }, ["mccmnc[0]"]],
  ["nothing", {}, ["country", "operator"]],
])("a pair with %s is refused field by field, and nothing changes", async (_, json, fields) => {
  const { operator, directory } = await house("bad-pair");
  expect(await refused(operator, "/api/pairs", { json })).toEqual([400, fields]);
  expect(directory.pairs()).toEqual([]);
});

test("a pair for a program that does not exist is refused whole", async () => {
  const { operator, directory } = await house("ghost");
  expect((await operator("/api/pairs", { json: { country: "UZ", operator: "a", programs: ["ghost"] } })).status).toBe(404);
  expect(directory.pairs()).toEqual([]);
});

test("only an admin defines programs; the environment goes out by names, and stays when it is left out", async () => {
  const { admin, operator, viewer, directory } = await house("programs");
  expect((await operator("/api/programs", { json: { ...PROGRAM, name: "p2" } })).status).toBe(403);
  const made = await admin("/api/programs", { json: { ...PROGRAM, name: "p2" } });
  expect([made.status, made.headers.get("location")]).toEqual([201, "/api/programs/p2"]);
  expect(await bodyOf(made)).toMatchObject({ environment: ["KEY"], template: ["python3", "my program.py", "--country", "{country}"] });
  expect(JSON.stringify(await (await viewer("/api/programs")).json())).not.toContain("hunter2");
  const { environment: _, ...rest } = PROGRAM;
  const put = await admin("/api/programs/p2", {
    method: "PUT",
    json: { ...rest, name: undefined, folder: "/srv/a b" },
    headers: { "if-match": '"1"' },
  });
  expect(await bodyOf(put)).toMatchObject({ folder: "/srv/a b", version: 2, environment: ["KEY"] });
  expect(directory.program("p2")?.environment).toEqual({ KEY: "hunter2" });
  expect((await admin("/api/programs/p2", { method: "PUT", json: rest })).status).toBe(400);
  expect((await admin("/api/programs/p2", { method: "PUT", json: { ...rest, name: "p2" }, headers: { "if-match": '"1"' } })).status).toBe(
    409,
  );
  expect((await admin("/api/programs/p2", { method: "DELETE" })).status).toBe(204);
  expect((await viewer("/api/programs/p2")).status).toBe(404);
});

test("a secret goes in and never out: not by the API, not by the audit, not from the disk", async () => {
  const { admin, directory } = await house("secrets");
  const made = await admin("/api/programs", { json: { ...PROGRAM, name: "p2", secrets: { TOKEN: "open sesame", OTHER: "x" } } });
  expect(await bodyOf(made)).toMatchObject({ secrets: ["TOKEN", "OTHER"] });
  const sealed = directory.program("p2")!.secrets;
  expect(JSON.stringify(sealed)).not.toContain("sesame");
  const kept = await admin("/api/programs/p2", { method: "PUT", json: { ...PROGRAM, name: "p2", secrets: { OTHER: null } } });
  expect(await bodyOf(kept)).toMatchObject({ secrets: ["TOKEN"] });
  expect(directory.program("p2")!.secrets).toEqual({ TOKEN: sealed.TOKEN! });
  expect(await (await admin("/api/audit")).text()).not.toContain("sesame");
  const twice = await admin("/api/programs/p2", { method: "PUT", json: { ...PROGRAM, name: "p2", secrets: { KEY: "1" } } });
  expect(twice.status).toBe(400);
});

test.each([
  ["a name for a shell", { name: "p; rm -rf /" }, ["name"]],
  ["an open quote", { template: "python3 'x" }, ["template"]],
  ["an unknown placeholder", { template: "python3 {contry}" }, ["template"]],
  ["a relative folder", { folder: "srv" }, ["folder"]],
  ["an unknown field", { shell: true }, ["shell"]],
])("a program with %s is refused", async (_, more, fields) => {
  const { admin } = await house("bad-program");
  expect(await refused(admin, "/api/programs", { json: { ...PROGRAM, name: "p2", ...more } })).toEqual([400, fields]);
});

test("a country's budget is changed by version; a country that is none is refused", async () => {
  const { operator, viewer } = await house("countries");
  const changed = await operator("/api/countries/uk", { method: "PATCH", json: { limit: 20 } });
  expect(await bodyOf(changed)).toMatchObject({ code: "GB", name: "United Kingdom", limit: 20, window_seconds: 60, version: 1 });
  expect((await operator("/api/countries/GB", { method: "PATCH", json: { limit: 5 }, headers: { "if-match": '"0"' } })).status).toBe(409);
  expect(await refused(operator, "/api/countries/ZZ", { method: "PATCH", json: { limit: 5 } })).toEqual([400, ["code"]]);
  expect(await refused(operator, "/api/countries/GB", { method: "PATCH", json: { limit: -1, window: 3 } })).toEqual([
    400,
    ["limit", "window"],
  ]);
  expect(await (await viewer("/api/countries")).json()).toMatchObject({ countries: [{ code: "GB", limit: 20 }] });
});
