/** A session that is renamed while its program runs: nothing is restarted, nothing is lost, nobody is a stranger. */

import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openHouse } from "../cast/house.ts";
import { until } from "../cast/until.ts";

const house = await openHouse();
const OLD = "sender_UZ_uzmobile";
const NEW = "sender_UZ_renamed";

await house.api("POST", "/api/programs", {
  name: "sender",
  template: ["sh", "-c", 'echo "here is $SIGNALBOX_SESSION_NAME"; exec sleep 600', "{session}"],
  folder: "/tmp",
});
await house.api("POST", "/api/pairs", { country: "UZ", operator: "uzmobile", programs: ["sender"] });

const session = (name: string) => house.api("GET", `/api/sessions/${name}`).then(({ json }) => json);
const running = (name: string) =>
  until(`${name} runs`, async () => {
    const seen = await session(name);
    return seen.state === "running" ? seen : null;
  });
const tokenOf = ({ id, run }: { id: string; run: string }) =>
  readFileSync(join(house.config.runtimeDir, "sessions", id, run, "token"), "utf8").trim();
const listed = () => {
  const { stdout } = Bun.spawnSync(["screen", "-ls"], { env: { PATH: process.env.PATH, SCREENDIR: join(house.folder, "screens") } });
  return [...stdout.toString().matchAll(/^\t(\d+\.\S+)/gm)].map((match) => match[1]);
};
const report = (id: string, session: string, token: string) =>
  house.api("POST", "/api/results", { country: "UZ", operator: "uzmobile", message_id: id, state: "submitted", session }, token);
const strangers = async () => (await house.api("GET", "/api/strangers")).json.strangers;

test("the program runs on under its pid, screen -ls shows the new name, and the old one still leads to it", async () => {
  const before = await running(OLD);
  expect((await report("m-1", OLD, tokenOf(before))).status).toBe(202);
  const { status, json } = await house.api("PUT", `/api/sessions/${OLD}/name`, { name: NEW }, house.operator);
  expect([status, json.name, json.shown]).toEqual([200, NEW, true]);
  const after = await until("its restart is pending", async () => {
    const seen = await session(NEW);
    return seen.restart_pending ? seen : null;
  });
  expect(after).toMatchObject({ id: before.id, pid: before.pid, run: before.run, state: "running", runs_as: OLD, restarts: 0 });
  expect(listed()).toEqual([`${before.screen_pid}.${NEW}`]);
  expect((await session(OLD)).id).toBe(before.id);
  expect((await house.api("GET", `/api/sessions/${NEW}/history`)).json.runs).toHaveLength(1);
  expect(await strangers()).toEqual([]);
});

test("what the program reports and asks for under its old name counts for the session", async () => {
  const seen = await session(NEW);
  expect((await report("m-2", OLD, tokenOf(seen))).status).toBe(202);
  const permit = await house.api("POST", "/api/permits", { country: "UZ", operator: "uzmobile", session: OLD }, tokenOf(seen));
  expect(permit.status).toBe(201);
  const { json } = await house.api("POST", "/api/tokens", { name: "by-hand", program: "sender", scopes: ["permits", "results"] });
  expect((await report("m-3", OLD, json.token)).status).toBe(202);
  expect((await session(NEW)).total.sent).toBe(3);
});

test("nobody else gets the old name while the program that was started under it runs", async () => {
  await house.api("POST", "/api/pairs", { country: "UZ", operator: "beeline" });
  const taken = await house.api("POST", "/api/sessions", { program: "sender", pairs: ["UZ_beeline"], name: OLD });
  expect([taken.status, taken.json.detail]).toEqual([
    409,
    `${OLD} is what ${NEW} was started as, and its program still runs: restart ${NEW} first`,
  ]);
  expect((await house.api("PUT", `/api/sessions/${NEW}/name`, { name: "a name" })).status).toBe(400);
  expect((await house.api("PUT", `/api/sessions/${NEW}/name`, { name: "x" }, house.viewer)).status).toBe(403);
});

test("another Signalbox finds it under its new name, and a restart starts it so", async () => {
  const before = await session(NEW);
  await house.reopen();
  const found = await running(NEW);
  expect(found).toMatchObject({ pid: before.pid, runs_as: OLD, restart_pending: true });
  expect(await strangers()).toEqual([]);
  await house.api("POST", `/api/sessions/${NEW}/restarts`, {});
  const after = await until("the next run is alive", async () => {
    const seen = await session(NEW);
    return seen.state === "running" && seen.run !== before.run ? seen : null;
  });
  expect(after).toMatchObject({ runs_as: NEW, restart_pending: false });
  await until("it says its name", async () =>
    (await house.api("GET", `/api/sessions/${NEW}/output`)).json.lines.includes(`here is ${NEW}`),
  );
  expect((await house.api("POST", "/api/sessions", { program: "sender", pairs: ["UZ_beeline"], name: OLD })).status).toBe(201);
  expect((await session(OLD)).id).not.toBe(before.id);
  expect((await house.api("GET", "/api/audit?limit=100")).json.acts.map((act: { verb: string }) => act.verb)).toContain("session.rename");
});

test("high priority holds over a rename", async () => {
  await house.api("PUT", "/api/pairs/UZ_uzmobile/priority");
  await house.api("PUT", `/api/sessions/${NEW}/name`, { name: `${NEW}-2` });
  for (const name of [NEW, `${NEW}-2`])
    expect((await house.api("PUT", `/api/sessions/${name}/desired`, { state: "down" })).status).toBe(409);
  await house.api("DELETE", "/api/pairs/UZ_uzmobile/priority");
});

test("a pair that is retired while its program ignores the stop is no stranger, neither after a restart of Signalbox", async () => {
  await house.api("POST", "/api/programs", {
    name: "deaf",
    template: ["sh", "-c", "trap '' TERM; touch deaf; while :; do sleep 0.2; done"],
    folder: house.folder,
    stop_timeout_ms: 4_000,
  });
  await house.api("POST", "/api/pairs", { country: "UA", operator: "life", programs: ["deaf"] });
  const { pid } = await running("deaf_UA_life");
  await until("it is deaf", () => existsSync(join(house.folder, "deaf")));
  expect((await house.api("DELETE", "/api/pairs/UA_life")).status).toBe(204);
  expect(await strangers()).toEqual([]);
  await house.reopen();
  expect(existsSync(`/proc/${pid}`)).toBe(true);
  expect(await strangers()).toEqual([]);
  await until("it is killed in the end", () => !existsSync(`/proc/${pid}`));
  expect(await strangers()).toEqual([]);
  expect(readdirSync(join(house.folder, "screens")).some((file) => file.endsWith(".deaf_UA_life"))).toBe(false);
});
