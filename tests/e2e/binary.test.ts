import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../cast/folder.ts";
import { until } from "../cast/until.ts";

const root = join(import.meta.dir, "../..");
const binary = join(root, "dist/signalbox");
const folder = ownFolder("binary");
const data = join(folder, "data");
const settings = [
  "--data-dir",
  data,
  "--runtime-dir",
  join(folder, "run"),
  "--screen-dir",
  join(folder, "screens"),
  "--config",
  join(folder, "signalbox.toml"),
];
// The shell that runs the tests may have settings of its own.
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SIGNALBOX_")));

function start(...argv: string[]) {
  return Bun.spawn([binary, ...argv, ...settings], { cwd: folder, env: environment, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
}

async function run(...argv: string[]) {
  const child = start(...argv);
  const [out, err, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  return { out, err, code };
}

let serving: ReturnType<typeof start>;

async function serve(): Promise<void> {
  serving = start("serve", "--listen", "127.0.0.1:0");
  await until("Signalbox is ready", async () => (await run("health")).code === 0);
}

beforeAll(async () => {
  const build = Bun.spawnSync(["./scripts/build"], { cwd: root, stdout: "pipe", stderr: "pipe" });
  if (build.exitCode !== 0) throw new Error(`scripts/build: ${build.stderr}`);
  // Neither may change what the executable does.
  writeFileSync(join(folder, ".env"), "SIGNALBOX_LOG_LEVEL=loud\n");
  writeFileSync(join(folder, "bunfig.toml"), 'preload = ["./nowhere.ts"]\n');
  writeFileSync(join(folder, "signalbox.toml"), "");
}, 120_000);

afterAll(async () => {
  serving?.kill("SIGKILL");
  await serving?.exited;
});

test("a second build with the same inputs does nothing", () => {
  const before = statSync(binary).mtimeMs;
  expect(Bun.spawnSync(["./scripts/build"], { cwd: root }).exitCode).toBe(0);
  expect(statSync(binary).mtimeMs).toBe(before);
});

test("the executable stands alone: in another folder it says its version and commit", async () => {
  const { out, code } = await run("version");
  expect(out).toMatch(/^signalbox \d+\.\d+\.\d+ \([0-9a-f]{12}(\+changes)?, bun [\d.]+\)\n$/);
  expect(code).toBe(0);
});

test("while it is down: users and tokens can be made, reading makes no files, the rest says how to start it", async () => {
  expect(await run("ps")).toMatchObject({ code: 3 });
  expect((await run("token", "list")).err).toContain("there is no store in");
  expect(existsSync(data)).toBe(false);
  const { out, code } = await run("token", "create", "prometheus", "--json");
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ name: "prometheus", token: expect.stringMatching(/^sbt_/) });
});

test("serve says it is ready, answers the command line, and ends at once when asked", async () => {
  await serve();
  expect(await run("ps")).toMatchObject({ code: 0 });
  expect(JSON.parse((await run("token", "list", "--json")).out)).toMatchObject([{ name: "prometheus" }]);
  const second = await run("serve", "--listen", "127.0.0.1:0");
  expect(second).toMatchObject({ code: 4, err: expect.stringContaining(`in use by another Signalbox (pid ${serving.pid})`) });
  expect(await run("stop", "nothing_there")).toMatchObject({ code: 5 });

  // Of more than 16 KB Bun says a word only when the executable was built so.
  const url = (await Bun.file(join(folder, "run", "endpoint")).text()).trim();
  for (const length of [17_000, 60_000]) {
    const long = await fetch(`${url}/api/pairs?q=${"a".repeat(length)}`);
    expect([long.status, long.headers.get("content-type")]).toEqual([413, "application/problem+json"]);
    expect(await long.json()).toMatchObject({
      code: "too_large",
      detail: expect.stringMatching(/^The address has \d+ characters, 16000 /),
    });
  }

  const asked = performance.now();
  serving.kill("SIGTERM");
  expect(await serving.exited).toBe(0);
  expect(performance.now() - asked).toBeLessThan(5000);
  const log = await new Response(serving.stderr).text();
  expect(log).toContain("this link makes the first admin");
  expect(
    log
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).message)
      .at(-1),
  ).toBe("closed");
});

test("after a kill -9 it starts again over its stale lock and socket", async () => {
  await serve();
  serving.kill("SIGKILL");
  await serving.exited;
  expect(existsSync(join(folder, "run", "control.sock"))).toBe(true);
  expect((await run("ps")).code).toBe(3);
  await serve();
  serving.kill("SIGINT");
  expect(await serving.exited).toBe(0);
});

test("a port that is taken is said with how to find who has it", async () => {
  const other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const { port } = other;
  const { code, err } = await run("serve", "--listen", `127.0.0.1:${port}`);
  await other.stop(true);
  expect(code).toBe(1);
  expect(err).toContain(`Port ${port} on 127.0.0.1 is taken`);
});

test("a bad configuration ends with 78, so that the unit does not try again", async () => {
  const { code, err } = await run("serve", "--lease-ms", "soon");
  expect(code).toBe(78);
  expect(err).toContain('lease_ms must be a whole number from 100 to 60000 (found "soon", from --lease-ms)');
});
