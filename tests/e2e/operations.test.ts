/** Actions on many sessions, over the API of a real Signalbox with real screens. */

import { describe, expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "../../src/cli/arguments.ts";
import { openClient } from "../../src/cli/client.ts";
import { EXIT, type Failed } from "../../src/cli/exit.ts";
import { verbs } from "../../src/cli/verbs.ts";
import { newPair } from "../../src/pairs/input.ts";
import { openHouse } from "../cast/house.ts";
import { anna, sleeper } from "../cast/people.ts";
import { until } from "../cast/until.ts";

const house = await openHouse();
const pathOf = (name: string) => `/api/sessions/${name}`;

/** Sessions of a program of their own, all seen running. */
async function fleet(program: string, pairs: string[], more: Record<string, unknown> = {}): Promise<string[]> {
  const { roster, directory } = house.app.services;
  await roster.addProgram(sleeper(program, { folder: house.folder, ...more }), anna);
  const names: string[] = [];
  for (const id of pairs) {
    if (!directory.pair(id)) await roster.addPair(newPair.parse({ country: id.slice(0, 2), operator: id.slice(3) }), anna);
    names.push((await roster.addSession({ program, pairs: [id] }, anna)).name);
  }
  for (const name of names) await seen(name, "running");
  return names;
}

const seen = (name: string, state: string) =>
  until(`${name} is ${state}`, async () => {
    const { json } = await house.api("GET", pathOf(name));
    return json.state === state ? json : null;
  });

const act = (body: Record<string, unknown>) => house.api("POST", "/api/sessions/actions", body, house.operator);

async function begun(body: Record<string, unknown>) {
  const { json: shown } = await act({ ...body, preview: true });
  const answer = await act({ ...body, expected: shown.hash });
  expect([answer.status, answer.headers.get("location")]).toEqual([202, `/api/operations/${answer.json.id}`]);
  return answer.json;
}

const over = (id: string) =>
  until(`operation ${id} is over`, async () => {
    const { json } = await house.api("GET", `/api/operations/${id}`);
    return json.ended_at === null ? null : json;
  });

describe("a stop of many", () => {
  test("is shown before, refused when the selection has changed, done with its reason, and undone", async () => {
    const [first, second] = await fleet("many", ["UZ_uzmobile", "IN_airtel"]);
    const filter = { program: "many" };
    const { json: shown } = await act({ filter, action: "stop", preview: true });
    expect(shown).toMatchObject({
      count: 2,
      refused: [],
      spread: [
        { country: "IN", sessions: 1 },
        { country: "UZ", sessions: 1 },
      ],
    });

    const { roster } = house.app.services;
    await roster.addPair(newPair.parse({ country: "UZ", operator: "beeline" }), anna);
    const third = (await roster.addSession({ program: "many", pairs: ["UZ_beeline"] }, anna)).name;
    const late = await act({ filter, action: "stop", expected: shown.hash });
    expect([late.status, late.json.reason]).toEqual([409, "changed"]);
    expect((await act({ filter, action: "stop", expected: 2 })).status).toBe(409);
    expect((await act({ filter, action: "stop" })).json.errors[0].field).toBe("expected");

    const operation = await begun({ filter, action: "stop", reason: "gateway maintenance" });
    const ended = await over(operation.id);
    expect([ended.state, ended.counts.done]).toEqual(["done", 3]);
    const stopped = await seen(first!, "stopped");
    expect(stopped.desired).toMatchObject({ state: "down", by: "operator", reason: "gateway maintenance" });

    // What somebody changed since is theirs.
    await house.api("PUT", `${pathOf(third)}/desired`, { state: "up" });
    const undo = await house.api("POST", `/api/operations/${operation.id}/undos`, undefined, house.operator);
    expect(undo.status).toBe(202);
    const undone = await over(undo.json.id);
    expect(undone.counts).toMatchObject({ done: 2, left: 1 });
    // Nobody had said why they ran; the audit shall not say nothing.
    expect((await seen(second!, "running")).desired).toMatchObject({ state: "up", by: "operator", reason: "as before what was undone" });
    const again = await house.api("POST", `/api/operations/${operation.id}/undos`, undefined, house.operator);
    expect([again.status, again.json.reason]).toEqual([409, "undone"]);
  });

  test("refuses high priority inside it and stops the rest", async () => {
    const [vip, other] = await fleet("guarded", ["KZ_vip", "KZ_other"]);
    await house.app.services.roster.setPriority("KZ_vip", true, anna, "must never stop");
    const operation = await begun({ filter: { country: "KZ" }, action: "stop" });
    const ended = await over(operation.id);
    expect(ended.counts).toMatchObject({ done: 1, refused: 1 });
    expect(ended.steps.find((step: { name: string }) => step.name === vip).why).toBe("KZ_vip is high priority and cannot be stopped");
    await seen(other!, "stopped");
    expect((await house.api("GET", pathOf(vip!))).json.state).toBe("running");
  });

  test("with an end comes back by itself when it has passed", async () => {
    const [name] = await fleet("lunch", ["AZ_azercell"]);
    const end = new Date(Date.now() + 1_500).toISOString();
    await over((await begun({ filter: { sessions: [name] }, action: "stop", reason: "lunch", until: end })).id);
    expect((await house.api("GET", pathOf(name!))).json.desired).toMatchObject({ state: "down", until: end });
    const back = await seen(name!, "running");
    expect(back.desired).toMatchObject({ state: "up", by: "signalbox", reason: "the time set for it has passed", until: null });
  });

  test("is for operators, and needs a condition", async () => {
    expect(
      (await house.api("POST", "/api/sessions/actions", { filter: { all: true }, action: "stop", preview: true }, house.viewer)).status,
    ).toBe(403);
    expect((await act({ filter: {}, action: "stop", preview: true })).status).toBe(400);
    expect((await act({ filter: { program: "nobody" }, action: "stop", expected: 0 })).json.reason).toBe("nothing");
  });
});

describe("the pages", () => {
  async function get(path: string, as = house.operator): Promise<{ status: number; text: string }> {
    const response = await fetch(`${house.url}${path}`, { headers: { authorization: `Bearer ${as}`, accept: "text/html" } });
    return { status: response.status, text: await response.text() };
  }
  async function post(path: string, fields: Record<string, string>) {
    const headers = { authorization: `Bearer ${house.operator}`, accept: "text/html", "content-type": "application/x-www-form-urlencoded" };
    const body = new URLSearchParams(fields).toString();
    const response = await fetch(`${house.url}${path}`, { method: "POST", headers, body, redirect: "manual" });
    return { status: response.status, to: response.headers.get("location") ?? "", text: await response.text() };
  }

  test("ask with the list, want the number typed, show what changed, and lead to the operation with its undo", async () => {
    const [first] = await fleet("paged", ["GE_magti", "GE_silknet"]);
    const asked = await get("/sessions/actions?action=stop&country=GE");
    expect(asked.text).toContain("Stop 2 sessions in Georgia?");
    expect(asked.text).toContain(first!);
    const expected = /name="expected" value="(\w+)"/.exec(asked.text)![1]!;
    const form = { action: "stop", country: "GE", expected, reason: "gateway", until: "1h" };
    const untyped = await post("/sessions/actions", { ...form, typed: "14" });
    expect([untyped.status, untyped.text.includes("type 2, the number of sessions")]).toEqual([422, true]);
    const stale = await post("/sessions/actions", { ...form, expected: "0123456789ab", typed: "2" });
    expect([stale.status, stale.text.includes("The selection has changed since you looked")]).toEqual([409, true]);
    const begun = await post("/sessions/actions", { ...form, typed: "2" });
    expect(begun.status).toBe(303);
    await over(begun.to.split("/").at(-1)!);
    const shown = await get(begun.to);
    expect(shown.text).toContain("2 of 2 done");
    expect(shown.text).toContain("/undos");
    expect((await get(begun.to, house.viewer)).text).not.toContain("/undos");
    expect((await get("/sessions")).text).toMatch(/by operator until [^<]*: gateway/);
    const undone = await post(`${begun.to}/undos`, {});
    expect((await over(undone.to.split("/").at(-1)!)).counts.done).toBe(2);
    expect((await post(`${begun.to}/undos`, {})).status).toBe(409);
    expect((await get("/operations")).text).toContain("Undo 2 sessions");
    expect((await get("/sessions/actions?action=stop", house.viewer)).status).toBe(403);
  });

  test("stop one session until a time, from its dialog", async () => {
    const [name] = await fleet("dialog", ["AM_viva"]);
    expect((await get(`/sessions/${name}/stop`)).text).toContain('name="until"');
    expect((await post(`/sessions/${name}/stops`, { until: "custom", until_at: "2001-01-01 10:00" })).status).toBe(422);
    expect((await post(`/sessions/${name}/stops`, { until: "15m", reason: "lunch" })).status).toBe(303);
    const { desired } = (await house.api("GET", pathOf(name!))).json;
    expect(Math.abs(Date.parse(desired.until) - Date.now() - 900_000)).toBeLessThan(60_000);
  });

  test("show a crash card for each reason", async () => {
    const template = ["sh", "-c", "echo 'login refused'; exit 4"];
    await house.app.services.roster.addProgram(
      sleeper("carded", { folder: house.folder, template, restart: { first_delay_ms: 60_000 } }),
      anna,
    );
    for (const pair of ["GE_magti", "AM_viva"]) await house.app.services.roster.addSession({ program: "carded", pairs: [pair] }, anna);
    const text = await until("both are on one card", async () => {
      const page = await get("/crashes");
      return page.text.includes("2 sessions</span>: login refused") ? page.text : null;
    });
    expect(text).toContain("sessions=carded_AM_viva%2Ccarded_GE_magti");
    expect((await get("/crashes", house.viewer)).text).not.toContain("sessions=carded");
    await over((await begun({ filter: { program: "carded" }, action: "give_up" })).id);
    await seen("carded_AM_viva", "crashed");
  });
});

describe("the command line", () => {
  async function run(argv: string[], typed?: string) {
    const lines: string[] = [];
    const { verb, operands, flags, json } = parse(argv, verbs);
    const terminal = {
      say: (line: string) => void lines.push(line),
      note: (line: string) => void lines.push(line),
      ask: async () => typed ?? "",
      secret: async () => "",
      asks: typed !== undefined,
    };
    const client = () => openClient([house.config.controlSocket]);
    const settings = () => {
      throw new Error("not needed");
    };
    const code = await verb.run({ operands, flags, json, terminal, environment: {}, settings, client }).catch((error: Failed) => {
      lines.push(error.message);
      return error.code;
    });
    return { code, text: lines.join("\n") };
  }

  test("shows what a selection means, and acts only on the number that was typed or expected", async () => {
    const [first] = await fleet("typed", ["TR_turkcell", "TR_vodafone"]);
    const wrong = await run(["stop", "--country", "TR"], "3");
    expect(wrong.code).toBe(EXIT.refused);
    expect(wrong.text).toContain("stop 2 sessions (TR 2):\n  typed_TR_turkcell\n  typed_TR_vodafone");
    expect((await run(["stop", "--country", "TR"])).code).toBe(EXIT.usage);
    expect((await run(["stop", "--country", "TR", "--yes", "14"])).text).toContain("14 expected, but it would be 2: nothing was done");
    expect((await house.api("GET", pathOf(first!))).json.desired.state).toBe("up");
    const done = await run(["stop", "--country", "TR", "--until", "2h", "--reason", "gateway", "--wait"], "2");
    expect(done.text).toMatch(/Operation o_\w+ is done\./);
    const { desired } = (await house.api("GET", pathOf(first!))).json;
    expect(desired.reason).toBe("gateway");
    expect(Math.abs(Date.parse(desired.until) - Date.now() - 7_200_000)).toBeLessThan(60_000);
    expect((await run(["restart", "--country", "TR", "--rolling", "--yes", "2"])).text).toContain("it is stopped by");
  });

  test("lists crashes by reason", async () => {
    await house.app.services.roster.addProgram(
      sleeper("fallen", {
        folder: house.folder,
        template: ["sh", "-c", 'echo "gateway 10.0.0.$$ refused"; exit 3'],
        restart: { first_delay_ms: 60_000 },
      }),
      anna,
    );
    for (const pair of ["TR_turkcell", "TR_vodafone"])
      await house.app.services.roster.addSession({ program: "fallen", pairs: [pair] }, anna);
    const listed = await until("both have fallen, with their lines", async () => {
      const { text } = await run(["crashes"]);
      return /2 sessions: gateway .* refused/.test(text) ? text : null;
    });
    expect(listed).toContain("exit code 3");
    expect(listed).toContain("fallen_TR_turkcell fallen_TR_vodafone");
  });
});

describe("a rolling restart", () => {
  const fails = 'if [ -e "$SIGNALBOX_TEST_BROKEN/$1" ]; then echo broken; exit 3; fi; exec sleep 600';

  test("stops at the first session that does not come back, and says why", async () => {
    const names = await fleet("rolled", ["BR_vivo", "CL_entel", "PE_claro"], {
      template: ["sh", "-c", fails, "sh", "{country}"],
      environment: { SIGNALBOX_TEST_BROKEN: house.folder },
    });
    const runs = await Promise.all(names.map(async (name) => (await house.api("GET", pathOf(name))).json.run));
    writeFileSync(join(house.folder, "CL"), "");
    const operation = await begun({ filter: { program: "rolled" }, action: "restart", rolling: "country", settle_seconds: 0.3 });
    const ended = await over(operation.id);
    expect(ended.steps.map((step: { state: string }) => step.state)).toEqual(["done", "failed", "left"]);
    expect(ended.state).toBe("failed");
    expect(ended.why).toStartWith("rolled_CL_entel did not come back: exit code 3");
    expect((await house.api("GET", pathOf(names[2]!))).json.run).toBe(runs[2]);
    expect((await house.api("GET", pathOf(names[0]!))).json.run).not.toBe(runs[0]);
    const { moments } = (await house.api("GET", `${pathOf(names[0]!)}/timeline`)).json;
    const asked = moments.filter(({ event }: { event: string }) => event === "session.restart");
    expect(asked).toMatchObject([{ by: "person", who: "operator", why: "rolling restart" }]);
    rmSync(join(house.folder, "CL"));
  });

  test("goes on where it was after Signalbox was restarted; paused it waits, cancelled it ends", async () => {
    const names = await fleet("resumed", ["EC_claro", "EC_movistar", "EC_cnt"]);
    const operation = await begun({ filter: { program: "resumed" }, action: "restart", rolling: "session", settle_seconds: 0.5 });
    await house.api("POST", `/api/operations/${operation.id}/pauses`, undefined, house.operator);
    await house.reopen();
    const before = (await house.api("GET", `/api/operations/${operation.id}`)).json;
    expect(before.state).toBe("paused");
    await house.api("POST", `/api/operations/${operation.id}/resumptions`, undefined, house.operator);
    const ended = await over(operation.id);
    expect([ended.state, ended.counts.done]).toEqual(["done", 3]);

    const another = await begun({ filter: { program: "resumed" }, action: "restart", rolling: "session", settle_seconds: 30 });
    const cancelled = await house.api("POST", `/api/operations/${another.id}/cancellations`, undefined, house.operator);
    expect(cancelled.json).toMatchObject({ state: "cancelled", counts: { waiting: 0 } });
    const { json } = await house.api("GET", pathOf(names.at(-1)!));
    expect(json.state).toBe("running");
  });
});
