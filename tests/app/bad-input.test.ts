/** What people and programs get wrong: each a clear error, and nothing changed. */

import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openApp } from "../../src/app.ts";
import { quiet } from "../../src/kernel/log.ts";
import type { DocumentKind } from "../../src/pairs/documents.ts";
import { houseConfig, houseFolder, openHouse } from "../cast/house.ts";
import { refusal } from "../cast/refusal.ts";
import { endAll } from "../cast/screens.ts";
import { until } from "../cast/until.ts";

const house = await openHouse();
const KINDS: readonly DocumentKind[] = ["country", "pair", "program", "session", "user", "setting"];
const everything = () => house.app.services.documents.load(KINDS);
const token = await programToken("program1");
await house.api("POST", "/api/programs", { name: "program1", template: "sleep 600", folder: "/tmp" });
await house.api("POST", "/api/pairs", { country: "UZ", operator: "uzmobile" });

async function programToken(program: string): Promise<string> {
  await house.api("POST", "/api/programs", { name: program, template: "sleep 600", folder: "/tmp" });
  return (await house.api("POST", "/api/tokens", { name: `by-hand-${program}`, program, scopes: ["permits", "results"] })).json.token;
}

interface Case {
  what: string;
  method: string;
  path: string;
  body?: unknown;
  as?: string | null;
  status: number;
  says: string[];
}

const program = (change: Record<string, unknown>) => ({ name: "program9", template: "python3 p.py", folder: "/srv/sms", ...change });
const cases: Case[] = [
  {
    what: "a permit for an unknown pair",
    method: "POST",
    path: "/api/permits",
    body: { country: "UZ", operator: "nobody" },
    as: token,
    status: 404,
    says: ["unknown_pair", "UZ_nobody"],
  },
  {
    what: "a result of an unknown country",
    method: "POST",
    path: "/api/results",
    body: { country: "QQ", operator: "x", message_id: "m1", state: "submitted" },
    as: token,
    status: 400,
    says: ["country"],
  },
  {
    what: "malformed JSON",
    method: "POST",
    path: "/api/pairs",
    body: '{"country": "UZ", "operator": }',
    status: 400,
    says: ["JSON", "line 1"],
  },
  { what: "malformed JSON from a program", method: "POST", path: "/api/results", body: "[{", as: token, status: 400, says: ["JSON"] },
  {
    what: "a body of 10 MB",
    method: "POST",
    path: "/api/pairs",
    body: JSON.stringify({ country: "x".repeat(10_000_000) }),
    status: 413,
    says: ["too_large"],
  },
  {
    what: "results of 10 MB",
    method: "POST",
    path: "/api/results",
    body: `["${"x".repeat(10_000_000)}"]`,
    as: token,
    status: 413,
    says: ["too_large"],
  },
  {
    what: "a viewer who adds a pair",
    method: "POST",
    path: "/api/pairs",
    body: { country: "UZ", operator: "a" },
    as: "viewer",
    status: 403,
    says: ["operator"],
  },
  {
    what: "an operator who defines a program",
    method: "POST",
    path: "/api/programs",
    body: program({}),
    as: "operator",
    status: 403,
    says: ["admin"],
  },
  { what: "a program that reads pairs", method: "GET", path: "/api/pairs", as: token, status: 403, says: ["viewer"] },
  { what: "nobody", method: "GET", path: "/api/pairs", as: null, status: 401, says: ["Log in"] },
  { what: "a token that is none", method: "GET", path: "/api/pairs", as: "sbt_nonsense", status: 401, says: ["token"] },
  {
    what: "a program named for a shell",
    method: "POST",
    path: "/api/programs",
    body: program({ name: "p; rm -rf /" }),
    status: 400,
    says: ["name", "letters"],
  },
  {
    what: "a session named for a shell",
    method: "POST",
    path: "/api/sessions",
    body: { program: "program1", pairs: ["UZ_uzmobile"], name: "x; rm -rf /" },
    status: 400,
    says: ["name"],
  },
  {
    what: "an operator named for a shell",
    method: "POST",
    path: "/api/pairs",
    body: { country: "UZ", operator: "x; rm -rf /" },
    status: 400,
    says: ["operator", "letters"],
  },
  {
    what: "a session asked for by a shell's name",
    method: "PUT",
    path: `/api/sessions/${encodeURIComponent("; rm -rf /")}/desired`,
    body: { state: "down" },
    status: 404,
    says: ["; rm -rf /"],
  },
  {
    what: "a session of a program that is not defined",
    method: "POST",
    path: "/api/sessions",
    body: { program: "program7", pairs: ["UZ_uzmobile"] },
    status: 404,
    says: ["program7"],
  },
  {
    what: "a country that is none",
    method: "POST",
    path: "/api/pairs",
    body: { country: "XX", operator: "a" },
    status: 400,
    says: ["country", "ISO 3166-1"],
  },
  {
    what: "an unknown field",
    method: "POST",
    path: "/api/pairs",
    body: { country: "UZ", operator: "a", wieght: 5 },
    status: 400,
    says: ["wieght"],
  },
  {
    what: "a weight that is no number",
    method: "PATCH",
    path: "/api/pairs/UZ_uzmobile",
    body: { weight: "heavy" },
    status: 400,
    says: ["weight", "number"],
  },
  { what: "a path that is none", method: "GET", path: "/api/nothing", status: 404, says: ["/api/nothing"] },
];

describe("refused, and nothing changed", () => {
  for (const { what, method, path, body, as, status, says } of cases)
    test(what, async () => {
      const before = await everything();
      const who = as === "viewer" ? house.viewer : as === "operator" ? house.operator : as;
      const answer = await house.api(method, path, body, who);
      expect({ status: answer.status, type: answer.headers.get("content-type") }).toEqual({ status, type: "application/problem+json" });
      for (const words of says) expect(JSON.stringify(answer.json)).toContain(words);
      expect(await everything()).toEqual(before);
    });
});

const started = async (name: string, folder: string, template: string | string[]) => {
  const added = await house.api("POST", "/api/programs", { name, template, folder, restart: { give_up_after: 1 } });
  expect(added.status).toBe(201);
  await house.api("POST", "/api/sessions", { program: name, pairs: ["UZ_uzmobile"] });
  return (state: string) =>
    until(`${name} is ${state}`, async () => {
      const { json } = await house.api("GET", `/api/sessions/${name}_UZ_uzmobile`);
      return json.state === state ? json : null;
    });
};

test("a program in a folder with spaces runs, its arguments whole", async () => {
  const folder = join(house.folder, "my programs; $(touch gone)");
  mkdirSync(folder);
  writeFileSync(join(folder, "a program.sh"), '#!/bin/sh\necho "got $# arguments, the first is $1"\nexec sleep 600\n', { mode: 0o755 });
  const is = await started("spaces", folder, ["./a program.sh", "one argument", "{pair}"]);
  await is("running");
  const output = await until("it has printed", async () => {
    const { json } = await house.api("GET", "/api/sessions/spaces_UZ_uzmobile/output?tail=5");
    return JSON.stringify(json).includes("got") ? JSON.stringify(json) : null;
  });
  expect(output).toContain("got 2 arguments, the first is one argument");
});

test("a program that does not exist is crashed with the reason, and not tried for ever", async () => {
  const is = await started("missing", "/tmp", "/nowhere/program.py");
  expect(await is("crashed")).toMatchObject({ exit: { code: 127 } });
});

test("a folder that does not exist is told with its name", async () => {
  const is = await started("homeless", "/nowhere/at-all", "sleep 600");
  expect(JSON.stringify(await is("crashed"))).toContain("/nowhere/at-all");
});

test("a taken port is refused with its number and how to mend it, and leaves nothing open", async () => {
  const folder = houseFolder();
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const taken = Bun.serve({ hostname: "127.0.0.1", port: 0, reusePort: false, fetch: () => new Response() });
  const port = taken.port;
  const config = houseConfig(folder, { listen: `127.0.0.1:${port}` });
  const error = await refusal(openApp(config, { log: quiet }));
  expect(error.message).toContain(`Port ${port}`);
  expect(error.message).toContain("--listen");
  await taken.stop(true);
  const second = await openApp(config, { log: quiet });
  expect(second.url).toEndWith(`:${port}`);
  await second.close();
});

test("two Signalboxes on one data folder: the second is refused with the folder", async () => {
  expect((await refusal(openApp(house.config, { log: quiet }))).message).toContain(house.config.dataDir);
  expect((await house.api("GET", "/api/sessions")).status).toBe(200);
});

test("without screen on the machine the session says so, and everything else works", async () => {
  const folder = houseFolder();
  mkdirSync(join(folder, "empty"));
  const path = process.env.PATH;
  process.env.PATH = join(folder, "empty");
  const app = await openApp(houseConfig(folder), { log: quiet }).finally(() => {
    process.env.PATH = path;
  });
  afterAll(async () => {
    await app.close();
    endAll(join(folder, "screens"));
    rmSync(folder, { recursive: true, force: true });
  });
  const self = { name: "test", from: "self" };
  const { roster, directory, fleet } = app.services;
  const { programInput } = await import("../../src/pairs/input.ts");
  await roster.addProgram(programInput.parse({ name: "program1", template: "sleep 600", folder: "/tmp" }), self);
  await roster.addPair({ country: "UZ", operator: "uzmobile" }, self, ["program1"]);
  const status = await until("it is told", () => {
    const seen = fleet.status(directory.session("program1_UZ_uzmobile")!.id);
    return seen && /not installed/.test(seen.why ?? "") ? seen : null;
  });
  expect(status.why).toContain("apt-get install screen");
});

test("a full disk: results answer 503, nothing of them is stored, and it goes on when there is room", async () => {
  const disk = mkdtempSync(join(tmpdir(), "sbx-"));
  const mounted = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk]).exitCode === 0;
  if (!mounted) return console.warn("skipped: mounting a small tmpfs needs root");
  mkdirSync(join(disk, "screens"), { mode: 0o700 });
  const app = await openApp(houseConfig(disk), { log: quiet });
  try {
    const self = { name: "test", from: "self" };
    await app.services.roster.addPair({ country: "UZ", operator: "uzmobile" }, self);
    const { secret: own } = await app.services.access.tokens.add(
      { name: "t", program: "p", scopes: ["results", "permits"], expires_at: null },
      self,
    );
    const report = (id: string) =>
      fetch(`${app.url}/api/results`, {
        method: "POST",
        headers: { authorization: `Bearer ${own}`, "content-type": "application/json" },
        body: JSON.stringify({ country: "UZ", operator: "uzmobile", message_id: id, state: "submitted" }),
      });
    expect((await report("before")).status).toBe(202);
    const { bsize, bavail } = statfsSync(disk);
    try {
      writeFileSync(join(disk, "filler"), new Uint8Array(Math.max(0, bsize * bavail)));
    } catch {
      // The store wrote meanwhile: the disk is full all the same.
    }
    let refused: Response | null = null;
    for (let nth = 0; nth < 200 && !refused; nth++) {
      const answer = await report(`full-${nth}`);
      if (answer.status !== 202) refused = answer;
    }
    expect(refused?.status).toBe(503);
    expect(refused?.headers.get("retry-after")).toBeString();
    expect(await refused?.text()).toContain("disk is full");
    rmSync(join(disk, "filler"));
    await until("it takes results again", async () => (await report("after")).status === 202);
  } finally {
    await app.close();
    Bun.spawnSync(["umount", disk]);
    rmSync(disk, { recursive: true, force: true });
  }
});
