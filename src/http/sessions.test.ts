import { describe, expect, test } from "bun:test";
import { aCountry, aPair, aSession, directoryOf } from "../../tests/cast/directory.ts";
import { permitsDouble } from "../../tests/cast/doubles.ts";
import { sleeper } from "../../tests/cast/people.ts";
import type { Principal } from "../access/principal.ts";
import type { Fleet, RunRecord, SessionStatus } from "../fleet/fleet.ts";
import { conflict } from "../kernel/errors.ts";
import { quiet } from "../kernel/log.ts";
import { openDesiredDoor } from "../pairs/desired.ts";
import { programFrom } from "../pairs/program.ts";
import { openRoster } from "../pairs/roster.ts";
import { openAsked } from "../permits/asked.ts";
import type { PermitAnswer } from "../permits/permit.ts";
import type { Numbers } from "../results/numbers.ts";
import { buildApp } from "./app.ts";
import { sessionRoutes } from "./sessions.ts";

const NOON = Date.UTC(2026, 0, 5, 12);
const clock = { now: () => NOON, uptimeMs: () => 1, bootId: "boot-1" };

const status: SessionStatus = {
  session: "s_1",
  state: "backoff",
  why: "exit code 3; 1st exit in 30 min, next try 12:00:02",
  run: "r_1",
  pid: null,
  screenPid: null,
  startedAt: null,
  exit: { code: 3, words: "exit code 3", at: NOON },
  restarts: 1,
  nextTryAt: NOON + 2_000,
  killAt: null,
  lastLines: ["boom"],
  cpu: null,
  memoryBytes: null,
  failingSince: null,
  runsAs: null,
  adopted: false,
  restartPending: false,
  codeChanged: null,
  observedAt: NOON,
};

const run: RunRecord = {
  run: "r_1",
  session: "s_1",
  startedAt: NOON - 1_000,
  startedBy: "anna",
  reason: null,
  pid: 4242,
  endedAt: NOON,
  exitCode: 3,
  exitWords: "exit code 3",
  outcome: "crashed",
  endedBy: null,
  endReason: null,
  lastLines: ["boom"],
};

const none = { attempts: 0, sent: 0, delivered: 0, undelivered: 0, failed: 0, blocked: 0, pending: 0 };
const numbers: Numbers = {
  total: { ...none, attempts: 12, sent: 10, delivered: 7, failed: 2 },
  sentLastMinute: 1,
  rate: { kind: "insufficient", n: 9, needed: 30 },
  latency: null,
  lastSendAt: null,
  lastReceiptAt: null,
  errors: [],
};

const program = { kind: "program" as const, value: programFrom(sleeper("program1"), 0) };

async function site(role: "viewer" | "operator" = "operator", seen: Partial<SessionStatus> = {}) {
  const directory = await directoryOf(
    aCountry("UZ"),
    aPair("UZ_uzmobile"),
    aPair("UZ_beeline", { priority: true }),
    aPair("UZ_ucell"),
    program,
    aSession("s_1", "program1_UZ_uzmobile", "program1", ["UZ_uzmobile"]),
    aSession("s_2", "program1_UZ_beeline", "program1", ["UZ_beeline"]),
  );
  const asked: unknown[][] = [];
  const fleet: Pick<Fleet, "status" | "restart" | "retryNow" | "thaw" | "surrender" | "history" | "output"> = {
    status: (id) => (id === "s_1" ? { ...status, ...seen } : undefined),
    async restart(session, actor, reason) {
      if (session !== "s_1") throw conflict("is stopped", "stopped");
      asked.push(["restart", session, actor.name, reason]);
    },
    async retryNow(session, actor, reason) {
      asked.push(["retry", session, actor.name, ...(reason === undefined ? [] : [reason])]);
    },
    async thaw(session, actor) {
      if (seen.state !== "frozen") throw conflict("is not frozen", "not_frozen");
      asked.push(["thaw", session, actor.name]);
    },
    async surrender(session, actor, reason) {
      asked.push(["surrender", session, actor.name, reason]);
    },
    history: async (session, limit) => (session === "s_1" ? [run].slice(0, limit) : []),
    async output(session, options) {
      asked.push(["output", session, options]);
      return ["one", "two"];
    },
  };
  const who: Principal = { kind: "user", name: "olga", role, login: "l_1" };
  const roster = openRoster(directory, clock, "here");
  const rename = async (id: string, name: string) => ({
    session: await roster.renameSession(id, name, { name: "olga", from: "test" }),
    shown: true,
  });
  const permits = permitsDouble(directory, clock);
  const counted = openAsked(NOON - 1_000, (name) => directory.session(name)?.id);
  const routes = sessionRoutes({
    directory,
    roster,
    desired: openDesiredDoor(directory, clock),
    fleet: { ...fleet, rename },
    counters: { session: () => numbers },
    permits,
    asked: counted,
    clock,
  });
  const app = buildApp(routes, {
    log: quiet,
    gate: { callerOf: (token) => (token === "let-me-in" ? { principal: who, expiresAt: null } : null), renew: async () => null },
    publicUrl: null,
    trustedProxies: [],
    metricsFromLoopback: false,
    assets: null,
  });
  const headers = { authorization: "Bearer let-me-in", "content-type": "application/json" };
  async function call(method: string, path: string, body?: unknown) {
    const response = await app.request(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, json: text === "" ? null : JSON.parse(text) };
  }
  return { call, asked, directory, permits, counted };
}

test("a session is given as it is seen, wanted and measured", async () => {
  const { call } = await site("viewer");
  const { status, json } = await call("GET", "/api/sessions/program1_UZ_uzmobile");
  expect(status).toBe(200);
  expect(json).toEqual({
    id: "s_1",
    name: "program1_UZ_uzmobile",
    program: "program1",
    pairs: ["UZ_uzmobile"],
    priority: false,
    desired: { state: "up", by: "anna", reason: null, at: "1970-01-01T00:00:00.000Z", until: null },
    state: "backoff",
    why: "exit code 3; 1st exit in 30 min, next try 12:00:02",
    run: "r_1",
    pid: null,
    screen_pid: null,
    started_at: null,
    uptime_seconds: null,
    exit: { code: 3, words: "exit code 3", at: "2026-01-05T12:00:00.000Z" },
    restarts: 1,
    next_try_at: "2026-01-05T12:00:02.000Z",
    kill_at: null,
    last_lines: ["boom"],
    cpu: null,
    memory_bytes: null,
    runs_as: null,
    adopted: false,
    restart_pending: false,
    code_changed: null,
    observed_at: "2026-01-05T12:00:00.000Z",
    total: { attempts: 12, sent: 10, delivered: 7, undelivered: 0, failed: 2, blocked: 0, pending: 0 },
    rate: { kind: "insufficient", n: 9, needed: 30 },
    permits: { in_window: 0, last_at: null, waiting: 0, granted: 0, refused: {}, since: "2026-01-05T11:59:59.000Z" },
    created_at: "1970-01-01T00:00:00.000Z",
  });
  expect((await call("GET", "/api/sessions/s_1")).json).toEqual(json);
  const all = (await call("GET", "/api/sessions")).json.sessions;
  expect(all.map((session: { name: string }) => session.name)).toEqual(["program1_UZ_beeline", "program1_UZ_uzmobile"]);
  expect(all[0]).toMatchObject({ priority: true, state: "starting", observed_at: null });
});

test("its permits are those of the window, those it waits for, and the newest, also when the window no longer holds that", async () => {
  const { call, permits, counted } = await site("viewer");
  const permitsOf = async () => (await call("GET", "/api/sessions/s_1")).json.permits;
  const refused: PermitAnswer = { granted: false, reason: "rate", retryAfterMs: 1, message: "" };
  const granted: PermitAnswer = {
    granted: true,
    permitId: "p_0",
    pair: "UZ_uzmobile",
    leaseMs: 1,
    remaining: 0,
    grantedUptimeMs: 0,
    bootId: "b",
  };
  counted.hear("s_1", Promise.resolve(granted));
  counted.hear("s_1", Promise.resolve(refused));
  counted.hear("s_1", new Promise(() => {}));
  await Promise.resolve();
  expect(await permitsOf()).toMatchObject({
    in_window: 0,
    last_at: "2026-01-05T11:59:59.999Z",
    waiting: 1,
    granted: 1,
    refused: { rate: 1 },
  });
  permits.grant("UZ", "UZ_uzmobile");
  expect(await permitsOf()).toMatchObject({ in_window: 1, last_at: "2026-01-05T12:00:00.000Z" });
  const [beeline] = (await call("GET", "/api/sessions")).json.sessions;
  expect(beeline).toMatchObject({ name: "program1_UZ_beeline", permits: { in_window: 0, waiting: 0 } });
});

test("a frozen one is thawed, one that is not refuses", async () => {
  const frozen = await site("operator", { state: "frozen" });
  expect((await frozen.call("POST", "/api/sessions/s_1/thaws", {})).status).toBe(202);
  expect(frozen.asked).toEqual([["thaw", "s_1", "olga"]]);
  const { status, json } = await (await site()).call("POST", "/api/sessions/s_1/thaws", {});
  expect([status, json.reason]).toEqual([409, "not_frozen"]);
  expect((await (await site("viewer")).call("POST", "/api/sessions/s_1/thaws", {})).status).toBe(403);
});

test("one that keeps ending is given up, with the reason", async () => {
  const { call, asked } = await site();
  expect((await call("POST", "/api/sessions/s_1/surrenders", { reason: "broken gateway" })).status).toBe(202);
  expect(asked).toEqual([["surrender", "s_1", "olga", "broken gateway"]]);
});

test("a session is added, wanted up, and retired", async () => {
  const { call } = await site();
  const added = await call("POST", "/api/sessions", { program: "program1", pairs: ["UZ_ucell"] });
  expect(added.status).toBe(201);
  expect(added.headers.get("location")).toBe("/api/sessions/program1_UZ_ucell");
  expect(added.json.desired).toMatchObject({ state: "up", by: "olga" });
  expect((await call("DELETE", "/api/sessions/program1_UZ_ucell")).status).toBe(204);
  expect((await call("GET", "/api/sessions/program1_UZ_ucell")).status).toBe(404);
});

describe("a wish", () => {
  test("is set with its reason and its end", async () => {
    const { call } = await site();
    const { status, json } = await call("PUT", "/api/sessions/s_1/desired", {
      state: "down",
      reason: "lunch",
      until: "2026-01-05T14:00:00+01:00",
    });
    expect(status).toBe(200);
    expect(json.desired).toMatchObject({ state: "down", by: "olga", reason: "lunch", until: "2026-01-05T13:00:00.000Z" });
  });

  for (const state of ["backoff", "crashed", "interrupted", "lost", "stopped"] as const)
    test(`for up while it is up and ${state} means try now`, async () => {
      const { call, asked } = await site("operator", { state });
      expect((await call("PUT", "/api/sessions/s_1/desired", { state: "up" })).status).toBe(200);
      expect(asked).toEqual([["retry", "s_1", "olga"]]);
    });

  test("for up while it rests hands on why", async () => {
    const { call, asked } = await site("operator", { state: "crashed" });
    expect((await call("PUT", "/api/sessions/s_1/desired", { state: "up", reason: "mended" })).status).toBe(200);
    expect(asked).toEqual([["retry", "s_1", "olga", "mended"]]);
  });

  test("for up while it runs asks for nothing", async () => {
    const { call, asked } = await site("operator", { state: "running" });
    expect((await call("PUT", "/api/sessions/s_1/desired", { state: "up" })).status).toBe(200);
    expect(asked).toEqual([]);
  });
});

test("a restart is passed on with who and why", async () => {
  const { call, asked } = await site();
  expect((await call("POST", "/api/sessions/s_1/restarts", { reason: "new code" })).status).toBe(202);
  expect((await call("POST", "/api/sessions/s_1/restarts")).status).toBe(202);
  expect(asked).toEqual([
    ["restart", "s_1", "olga", "new code"],
    ["restart", "s_1", "olga", undefined],
  ]);
});

test("past runs", async () => {
  const { call } = await site("viewer");
  expect((await call("GET", "/api/sessions/s_1/history")).json.runs).toEqual([
    {
      run: "r_1",
      started_at: "2026-01-05T11:59:59.000Z",
      started_by: "anna",
      reason: null,
      pid: 4242,
      ended_at: "2026-01-05T12:00:00.000Z",
      exit_code: 3,
      exit_words: "exit code 3",
      outcome: "crashed",
      last_lines: ["boom"],
    },
  ]);
});

describe("refuses", () => {
  const cases: [string, string, string, unknown, number, string][] = [
    ["to stop high priority", "PUT", "/api/sessions/s_2/desired", { state: "down" }, 409, "high priority"],
    ["to delete high priority", "DELETE", "/api/sessions/s_2", undefined, 409, "high priority"],
    ["to restart what is stopped", "POST", "/api/sessions/s_2/restarts", {}, 409, "is stopped"],
    ["a session nobody knows", "PUT", "/api/sessions/nobody/desired", { state: "up" }, 404, "nobody"],
    ["a wish for something else", "PUT", "/api/sessions/s_1/desired", { state: "running" }, 400, "state"],
    ["an end in the past", "PUT", "/api/sessions/s_1/desired", { state: "down", until: "2026-01-05T11:00:00Z" }, 400, "future"],
    ["a second session of the same pair", "POST", "/api/sessions", { program: "program1", pairs: ["UZ_uzmobile"] }, 409, "already"],
    ["a program nobody knows", "POST", "/api/sessions", { program: "program9", pairs: ["UZ_ucell"] }, 404, "program9"],
    ["a name for a shell", "POST", "/api/sessions", { program: "program1", pairs: ["UZ_ucell"], name: "x; rm -rf" }, 400, "name"],
  ];
  for (const [what, method, path, body, code, word] of cases)
    test(what, async () => {
      const { call, asked, directory } = await site();
      const { status, json } = await call(method, path, body);
      expect(status).toBe(code);
      expect(JSON.stringify(json)).toContain(word);
      expect(asked).toEqual([]);
      expect(directory.session("s_1")!.desired.state).toBe("up");
      expect(directory.session("s_2")!.desired.state).toBe("up");
    });

  test("a viewer's levers", async () => {
    const { call } = await site("viewer");
    expect((await call("PUT", "/api/sessions/s_1/desired", { state: "down" })).status).toBe(403);
    expect((await call("POST", "/api/sessions/s_1/restarts", {})).status).toBe(403);
    expect((await call("DELETE", "/api/sessions/s_1")).status).toBe(403);
    expect((await call("POST", "/api/sessions", { program: "program1", pairs: ["UZ_ucell"] })).status).toBe(403);
  });
});
