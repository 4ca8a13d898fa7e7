/** What an operator and a program do all day, through the real thing: HTTP, real screens, the store. */

import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openHouse } from "../cast/house.ts";
import { until } from "../cast/until.ts";

const house = await openHouse();
const session = (name: string) => house.api("GET", `/api/sessions/${name}`).then(({ json }) => json);
const once = (name: string, state: string) =>
  until(
    `${name} is ${state}`,
    async () => {
      const seen = await session(name);
      return seen.state === state ? seen : null;
    },
    15_000,
  );

async function define(name: string, template: string | string[], restart: Record<string, unknown> = {}): Promise<void> {
  const { status, json } = await house.api("POST", "/api/programs", {
    name,
    template,
    folder: "/tmp",
    restart: { first_delay_ms: 300, ...restart },
  });
  if (status !== 201) throw new Error(JSON.stringify(json));
}

/** A page's form, sent by a browser that is logged in as admin. */
function form(path: string, fields: Record<string, string> = {}): Promise<Response> {
  return fetch(`${house.url}${path}`, {
    method: "POST",
    redirect: "manual",
    headers: {
      cookie: `signalbox=${house.admin}`,
      origin: house.url,
      "content-type": "application/x-www-form-urlencoded",
      accept: "text/html",
    },
    body: new URLSearchParams(fields).toString(),
  });
}

describe("a program killed with kill -9", () => {
  test("shows within a second as retrying, with its exit, last lines and next try, and comes back", async () => {
    const spoken = join(house.folder, "spoken");
    await define("speaker", ["sh", "-c", `echo sending to the gateway; : >'${spoken}'; exec sleep 600`], { first_delay_ms: 1500 });
    await house.api("POST", "/api/pairs", { country: "UZ", operator: "uzmobile", programs: ["speaker"] });
    const running = await once("speaker_UZ_uzmobile", "running");
    // It is seen from its birth on, before it has said anything.
    await until("it has spoken", () => existsSync(spoken));
    const killedAt = performance.now();
    process.kill(running.pid, "SIGKILL");
    const retrying = await once("speaker_UZ_uzmobile", "backoff");
    expect(performance.now() - killedAt).toBeLessThan(1000);
    expect(retrying.exit).toMatchObject({ code: 137 });
    expect(retrying.exit.words).toContain("KILL");
    expect(Date.parse(retrying.next_try_at)).toBeGreaterThan(Date.now());
    const told = await until("its last lines are kept", async () => {
      const { last_lines } = await session("speaker_UZ_uzmobile");
      return last_lines.length > 0 ? last_lines : null;
    });
    expect(told.join("\n")).toContain("sending to the gateway");
    const back = await once("speaker_UZ_uzmobile", "running");
    expect(back.pid).not.toBe(running.pid);
    expect(back.restarts).toBe(1);
  });

  test("is crashed when its policy gives up, and started anew by hand", async () => {
    await define("loop", ["sh", "-c", "echo no gateway; exit 3"], { first_delay_ms: 10, cap_ms: 20, give_up_after: 3 });
    await house.api("POST", "/api/pairs", { country: "TJ", operator: "megafon", programs: ["loop"] });
    const crashed = await once("loop_TJ_megafon", "crashed");
    expect(crashed.exit).toMatchObject({ code: 3 });
    const runs = async () => (await house.api("GET", "/api/sessions/loop_TJ_megafon/history")).json.runs.length;
    const before = await runs();
    expect((await house.api("PUT", "/api/sessions/loop_TJ_megafon/desired", { state: "up" })).status).toBeLessThan(300);
    await until("it was tried again", async () => (await runs()) > before);
  });
});

describe("a high-priority pair", () => {
  const name = "steady_IN_airtel";
  test("refuses to stop on every path there is, and runs on", async () => {
    await define("steady", "sleep 600");
    await house.api("POST", "/api/pairs", { country: "IN", operator: "airtel", programs: ["steady"] });
    const { pid } = await once(name, "running");
    expect((await house.api("PUT", "/api/pairs/IN_airtel/priority")).status).toBeLessThan(300);

    const refused: [string, Promise<{ status: number; text: string }>][] = (
      [
        ["PUT", `/api/sessions/${name}/desired`, { state: "down" }],
        ["DELETE", `/api/sessions/${name}`, undefined],
        ["PATCH", "/api/pairs/IN_airtel", { active: false }],
        ["PATCH", "/api/pairs/IN_airtel", { weight: 0 }],
        ["PATCH", "/api/pairs/IN_airtel", { limit: 0 }],
        ["PATCH", "/api/countries/IN", { limit: 0 }],
        ["DELETE", "/api/pairs/IN_airtel", undefined],
        ["DELETE", "/api/programs/steady", undefined],
      ] as const
    ).map(([method, path, body]) => [
      `${method} ${path}`,
      house.api(method, path, body).then(({ status, json }) => ({ status, text: JSON.stringify(json) })),
    ]);
    for (const path of [`/sessions/${name}/stops`, "/pairs/IN_airtel/retirements", "/programs/steady/retirements"])
      refused.push([
        `form ${path}`,
        form(path, { confirmed: "yes" }).then(async (response) => ({ status: response.status, text: await response.text() })),
      ]);
    for (const [path, answer] of refused) {
      const { status, text } = await answer;
      expect({ path, status }).toEqual({ path, status: 409 });
      expect(text).toContain("high priority");
    }
    expect(await session(name)).toMatchObject({ state: "running", pid });
  });

  test("may be restarted, and comes back when killed by hand, whatever its policy", async () => {
    const { pid } = await session(name);
    expect((await house.api("POST", `/api/sessions/${name}/restarts`, { reason: "new code" })).status).toBeLessThan(300);
    const restarted = await until("it runs anew", async () => {
      const seen = await session(name);
      return seen.state === "running" && seen.pid !== pid ? seen : null;
    });
    process.kill(restarted.pid, "SIGKILL");
    await until("it is back", async () => {
      const seen = await session(name);
      return seen.state === "running" && seen.pid !== restarted.pid ? seen : null;
    });
  });

  test("may be stopped once its priority was taken away, which is an act of its own", async () => {
    await house.api("DELETE", "/api/pairs/IN_airtel/priority");
    await house.api("PUT", `/api/sessions/${name}/desired`, { state: "down", reason: "contract ended" });
    await once(name, "stopped");
    const acts: { verb: string; actor: string; reason: string | null }[] = (await house.api("GET", "/api/audit")).json.acts;
    expect(acts.find((act) => act.verb === "session.stop")).toMatchObject({ actor: "admin", reason: "contract ended" });
    expect(acts.some((act) => act.verb === "pair.deprioritise")).toBe(true);
  });
});

test("with plain curl a program asks a permit, reports, repeats itself, and is counted once", async () => {
  await house.api("POST", "/api/pairs", { country: "AZ", operator: "azercell" });
  const { token } = (await house.api("POST", "/api/tokens", { name: "by-hand", program: "speaker", scopes: ["permits", "results"] })).json;
  const curl = async (path: string, body: unknown) => {
    const child = Bun.spawn(
      [
        "curl",
        "-s",
        "-H",
        `Authorization: Bearer ${token}`,
        "-H",
        "Content-Type: application/json",
        "-d",
        JSON.stringify(body),
        `${house.url}${path}`,
      ],
      {
        stdout: "pipe",
      },
    );
    return JSON.parse(await new Response(child.stdout).text());
  };
  const permits = [];
  for (let nth = 0; nth < 11; nth++) permits.push(await curl("/api/permits", { country: "AZ", operator: "azercell" }));
  expect(permits.filter((permit) => permit.permit_id).length).toBe(10);
  expect(permits[10]).toMatchObject({ reason: "rate", status: 429 });
  expect(permits[10].retry_after_ms).toBeGreaterThan(50_000);

  const sent = {
    country: "AZ",
    operator: "Azercell",
    message_id: "m-1",
    state: "submitted",
    permit_id: permits[0].permit_id,
    gateway_message_id: "g-1",
  };
  expect(await curl("/api/results", sent)).toEqual({ accepted: 1, duplicate: 0, rejected: [] });
  expect(await curl("/api/results", [sent, { ...sent, state: "delivered" }, { ...sent, state: "flying" }])).toMatchObject({
    accepted: 1,
    duplicate: 1,
    rejected: [{ index: 2, field: "state" }],
  });
  const counts = {
    country_code: "AZ",
    operator_name: "azercell",
    session_id: "hand",
    messages_sent: 10,
    success_rate: 0.8,
    errors: ["30003", "30008"],
    timestamp: new Date().toISOString(),
  };
  expect(await curl("/api/results", counts)).toMatchObject({ accepted: 1 });
  expect(await curl("/api/results", counts)).toMatchObject({ duplicate: 1 });

  const total = async () => {
    const { pairs } = (await house.api("GET", "/api/metrics/realtime")).json;
    return pairs.find(({ pair }: { pair: string }) => pair === "AZ_azercell").total;
  };
  expect(await total()).toMatchObject({ delivered: 9, failed: 2 });
  await house.reopen();
  expect(await total()).toMatchObject({ delivered: 9, failed: 2 });
  const refused = await house.api("POST", "/api/permits", { country: "AZ", operator: "azercell" }, token);
  expect(refused.status).toBe(429);
});
