/** Strangers over HTTP and the command line, with real screens: listed with what is known of them, adopted, refused with a reason. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { readStat } from "../../src/adapters/linux/processes.ts";
import { adopt } from "../../src/cli/adopt.ts";
import { openClient } from "../../src/cli/client.ts";
import { EXIT } from "../../src/cli/exit.ts";
import { strangers } from "../../src/cli/strangers.ts";
import type { Call, Verb } from "../../src/cli/verb.ts";
import { openHouse } from "../cast/house.ts";
import { screenByHand } from "../cast/screens.ts";
import { until } from "../cast/until.ts";

const house = await openHouse();
const screens = join(house.folder, "screens");
await house.api("POST", "/api/programs", { name: "program1", template: "sleep 600", folder: "/tmp" });
for (const operator of ["vi", "airtel", "docomo"]) await house.api("POST", "/api/pairs", { country: "IN", operator });
await house.api("POST", "/api/pairs", { country: "UZ", operator: "uzmobile", programs: ["program1"] });

interface Listed {
  stranger: string;
  name: string;
  state: string;
  pid: number;
  guess: unknown;
}

async function listed(name: string, state = "stranger"): Promise<Listed> {
  return until(`${name} is listed as ${state}`, async () => {
    const { json } = await house.api("GET", "/api/strangers", undefined, house.viewer);
    return (json.strangers as Listed[]).find((stranger) => stranger.name === name && stranger.state === state);
  });
}

test("what a stranger is can be read by a viewer; only an operator adopts it; the same process goes on as a session", async () => {
  await screenByHand(screens, "program1 IN vi", ["sleep", "601"], { environment: { GATEWAY_KEY: "hunter2" } });
  const stranger = await listed("program1 IN vi");
  expect(stranger).toMatchObject({ state: "stranger", guess: { program: "program1", pairs: ["IN_vi"], by: "name" } });
  expect(JSON.stringify(stranger)).not.toContain("hunter2");
  const path = `/api/strangers/${stranger.stranger}/adoption`;
  const body = { program: "program1", pairs: ["IN_vi"] };
  expect((await house.api("POST", path, body, house.viewer)).status).toBe(403);
  expect((await house.api("POST", path, body, null)).status).toBe(401);
  expect((await house.api("POST", path, { program: "program1", pairs: ["IN_vi"], pid: 1 }, house.operator)).status).toBe(400);
  expect((await house.api("POST", path, { program: "program9", pairs: ["IN_vi"] }, house.operator)).status).toBe(404);

  const { status, json, headers } = await house.api("POST", path, body, house.operator);
  expect([status, json.name, headers.get("location")]).toEqual([201, "program1_IN_vi", "/api/sessions/program1_IN_vi"]);
  const seen = await until("it is seen running", async () => {
    const answer = await house.api("GET", "/api/sessions/program1_IN_vi");
    return answer.json.state === "running" ? answer.json : null;
  });
  expect(seen.pid).toBe(stranger.pid);
  expect((await house.api("POST", path, body, house.operator)).json).toMatchObject({ code: "conflict", reason: "gone" });
  const audit = await house.api("GET", "/api/audit");
  expect(audit.json.acts.find(({ verb }: { verb: string }) => verb === "session.adopt")).toMatchObject({ actor: "operator" });
});

test("a copy of a managed session is refused as a duplicate, and both say so", async () => {
  await screenByHand(screens, "program1 UZ uzmobile", ["sleep", "602"]);
  const stranger = await listed("program1 UZ uzmobile", "duplicate");
  expect(stranger).toMatchObject({ state: "duplicate", doubles: "program1_UZ_uzmobile" });
  const refused = await house.api("POST", `/api/strangers/${stranger.stranger}/adoption`, { program: "program1", pairs: ["UZ_uzmobile"] });
  expect([refused.status, refused.json.reason]).toEqual([409, "duplicate"]);
  await until(
    "the session shows it",
    async () => (await house.api("GET", "/api/sessions/program1_UZ_uzmobile")).json.state === "duplicate",
  );
});

test("the command line lists strangers and adopts what looks like a program and its pair", async () => {
  await screenByHand(screens, "program1_IN_airtel", ["sleep", "603"]);
  await screenByHand(screens, "backup of the disk", ["sleep", "604"]);
  const stranger = await listed("program1_IN_airtel");
  const list = await use(strangers, [], {});
  expect(list.lines.find((line) => line.includes("program1_IN_airtel"))).toContain(`${stranger.stranger}`);
  const adopted = await use(adopt, [], { all: true });
  // The copy of the managed session was not even asked for.
  expect(adopted).toMatchObject({ exit: EXIT.ok, lines: [`${stranger.stranger} is program1_IN_airtel now.`] });
  const other = await listed("backup of the disk");
  const named = await use(adopt, [other.stranger], { program: "program1", pair: "IN_docomo", name: "mine" });
  expect(named.lines).toEqual([`${other.stranger} is mine now.`]);
  expect(readStat(other.pid)).not.toBeNull();
});

test("many at once are answered one by one", async () => {
  const { status, json } = await house.api("POST", "/api/strangers/adoptions", {
    adoptions: [{ stranger: "1-1", program: "program1", pairs: ["IN_vi"] }],
  });
  expect([status, json.adopted, json.refused[0].reason]).toEqual([200, [], "gone"]);
  expect((await house.api("POST", "/api/strangers/adoptions", { adoptions: [] })).status).toBe(400);
});

async function use(verb: Verb, operands: string[], flags: Call["flags"]) {
  const lines: string[] = [];
  const terminal = {
    say: (line: string) => void lines.push(line),
    note: () => {},
    ask: async () => "",
    secret: async () => "",
    asks: false,
  };
  const exit = await verb.run({
    operands,
    flags,
    json: false,
    terminal,
    environment: {},
    settings: () => {
      throw new Error("not asked for");
    },
    client: () => openClient([house.config.controlSocket]),
  });
  return { exit, lines };
}
