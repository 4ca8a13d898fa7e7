/** What a person at the machine types, against the real house over its control socket. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { ownFolder } from "../cast/folder.ts";
import { openHouse } from "../cast/house.ts";
import { until } from "../cast/until.ts";

const house = await openHouse();
const MAIN = join(import.meta.dir, "../../src/main.ts");

await house.api("POST", "/api/programs", { name: "sleeper", template: ["sh", "-c", "echo up; exec sleep 600"], folder: "/tmp" });
await house.api("POST", "/api/pairs", { country: "UZ", operator: "uzmobile", programs: ["sleeper"] });
await house.api("POST", "/api/pairs", { country: "UA", operator: "life", programs: ["sleeper"] });
const session = (name: string) => house.api("GET", `/api/sessions/${name}`).then(({ json }) => json);
const running = (name: string) =>
  until(`${name} runs`, async () => {
    const seen = await session(name);
    return seen.state === "running" ? seen : null;
  });

async function signalbox(...argv: string[]): Promise<{ out: string; said: string; code: number }> {
  const child = Bun.spawn([process.execPath, MAIN, ...argv, "--control-socket", house.config.controlSocket], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, said, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { out, said, code };
}

test("a name too many changes nothing of the others", async () => {
  await running("sleeper_UZ_uzmobile");
  for (const verb of ["stop", "restart"]) {
    const { said, code } = await signalbox(verb, "sleeper_UZ_uzmobile", "nobody");
    expect([code, said]).toEqual([5, "signalbox: Session nobody does not exist\n"]);
  }
  expect(await session("sleeper_UZ_uzmobile")).toMatchObject({ state: "running", desired: { state: "up" } });
  expect((await house.api("GET", "/api/sessions/sleeper_UZ_uzmobile/history")).json.runs).toHaveLength(1);
});

test("restart --wait returns once the next run is seen", async () => {
  const before = await running("sleeper_UA_life");
  const { out, code } = await signalbox("restart", "sleeper_UA_life", "--wait");
  expect([code, out]).toEqual([0, "sleeper_UA_life is running.\n"]);
  const after = await session("sleeper_UA_life");
  expect(after.run).not.toBe(before.run);
  expect(after.state).toBe("running");
});

test("logs of a run that is none say so", async () => {
  await running("sleeper_UZ_uzmobile");
  const { out, said, code } = await signalbox("logs", "sleeper_UZ_uzmobile", "--run", "r_none");
  expect([code, out, said]).toEqual([5, "", "signalbox: Output of run r_none does not exist\n"]);
});

test("history tells what happened and who did it, newest first, and goes on where a page ended", async () => {
  await running("sleeper_UZ_uzmobile");
  const { out, said, code } = await signalbox("history", "sleeper_UZ_uzmobile", "-n", "1");
  const [head, newest] = out.trimEnd().split("\n");
  expect([code, head]).toEqual([0, "TIME                 WHAT     BY     LASTED  WHY"]);
  expect(newest).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}Started {2}admin$/);
  const cursor = /^There is more: --cursor (\S+)\n$/.exec(said)?.[1] ?? "";
  const next = await signalbox("history", "sleeper_UZ_uzmobile", "--cursor", cursor, "--json");
  expect(JSON.parse(next.out).moments).toMatchObject([{ event: "session.create", title: "Added", by: "person", who: "admin" }]);
  expect((await signalbox("history", "sleeper_UZ_uzmobile", "-n", "0")).code).toBe(2);
});

test("logs lists the runs that are kept, the newest first, and shows an older one", async () => {
  const before = await running("sleeper_UA_life");
  await signalbox("restart", "sleeper_UA_life", "--wait");
  const { out, code } = await signalbox("logs", "sleeper_UA_life", "--runs");
  const rows = out.trimEnd().split("\n");
  expect(code).toBe(0);
  expect(rows[0]).toContain("runs");
  expect(rows[1]).toStartWith(before.run);
  expect(rows[1]).toContain("TERM");
  expect((await signalbox("logs", "sleeper_UA_life", "--run", before.run, "--search", "UP")).out).toBe("up\n");
  expect((await signalbox("logs", "sleeper_UA_life", "--run", before.run, "-f")).said).toContain("leave --run away");
});

test("ps counts what was not delivered as failed, as the pages do", async () => {
  const { id } = await session("sleeper_UZ_uzmobile");
  const { json } = await house.api("POST", "/api/tokens", { name: "by-hand", program: "sleeper", scopes: ["permits", "results"] });
  const report = (state: string, more = {}) => ({ country: "UZ", operator: "uzmobile", message_id: "m-1", state, session: id, ...more });
  const results = [report("submitted"), report("undelivered", { error_code: "30003" })];
  expect((await house.api("POST", "/api/results", results, json.token)).status).toBe(202);
  expect((await session("sleeper_UZ_uzmobile")).total).toMatchObject({ sent: 1, delivered: 0, undelivered: 1, failed: 0 });
  const { out } = await signalbox("ps", "sleeper_UZ_uzmobile");
  const [head, row] = out.split("\n").map((line) => line.split(/ {2,}/));
  expect(row?.[head?.indexOf("FAILED") ?? -1]).toBe("1");
});

test("health says so when it is ready", async () => {
  expect(await signalbox("health")).toMatchObject({ code: 0, out: "Signalbox is ready.\n" });
});

test("the sample fleet keeps out of a store that is no sample, and does not end it as if it were", async () => {
  const folder = ownFolder("no-sample");
  const run = async (input: string, ...argv: string[]) => {
    const stdin = new TextEncoder().encode(input);
    const child = Bun.spawn([process.execPath, MAIN, ...argv, "--data-dir", folder], { stdin, stdout: "pipe", stderr: "pipe" });
    const [said, code] = await Promise.all([child.stderr.text(), child.exited]);
    return { said, code };
  };
  expect((await run("a long enough password\n", "user", "add", "anna", "--role", "admin")).code).toBe(0);
  const sample = join(import.meta.dir, "../../scripts");
  for (const flags of [["--end"], ["--gateway", "http://127.0.0.1:9", "--folder", sample]])
    expect(await run("", "demo", ...flags)).toMatchObject({ code: 4, said: expect.stringContaining("holds a fleet that is no sample") });
});
