/** A full disk under the real executable: a program's reports are answered 503, its client keeps them, and all are there when there is room. */

import { afterAll, expect, test } from "bun:test";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openClient } from "../../src/cli/client.ts";
import { ownFolder } from "../cast/folder.ts";
import { until } from "../cast/until.ts";

const root = join(import.meta.dir, "../..");
const folder = ownFolder("fd");
const small = mkdtempSync(join(tmpdir(), "sbx-"));
const mounted = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", small]).exitCode === 0;
let serving: Bun.Subprocess | null = null;
afterAll(async () => {
  serving?.kill("SIGTERM");
  await serving?.exited;
  if (mounted) Bun.spawnSync(["umount", "-l", small]);
  rmSync(small, { recursive: true, force: true });
});

/** Says `reported` when all is in the spool, and ends once the spool is empty. */
const PROGRAM = `
import sys, time
sys.path.insert(0, sys.argv[1])
from signalbox import Signalbox
box = Signalbox(url=sys.argv[2], token=sys.argv[3], pairs="UZ_uzmobile", spool=sys.argv[4])
for n in range(500):
    box.report("m%06d" % n, "submitted")
    box.report("m%06d" % n, "delivered")
print("reported", flush=True)
sys.stdin.read()
box.close()
`;

// Mounting a small disk takes root.
test.skipIf(!mounted)(
  "answers 503 while its disk is full; the client's spool keeps, and all is there afterwards, once",
  async () => {
    expect(Bun.spawnSync(["./scripts/build"], { cwd: root }).exitCode).toBe(0);
    const binary = join(folder, "signalbox");
    copyFileSync(join(root, "dist/signalbox"), binary);
    for (const name of ["screens", "spool"]) mkdirSync(join(folder, name), { mode: 0o700 });
    writeFileSync(join(folder, "none.toml"), "");
    const data = join(small, "data");
    const runtime = join(folder, "run");
    const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SIGNALBOX_")));
    const places = [
      "--config",
      join(folder, "none.toml"),
      "--data-dir",
      data,
      "--runtime-dir",
      runtime,
      "--screen-dir",
      join(folder, "screens"),
    ];
    serving = Bun.spawn([binary, "serve", "--listen", "127.0.0.1:0", ...places], {
      env: environment,
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
    });
    const api = openClient([join(runtime, "control.sock")]);
    await until(
      "Signalbox is ready",
      () =>
        api.call("GET", "/api/pairs").then(
          () => true,
          () => false,
        ),
      30_000,
    );
    await api.call("POST", "/api/pairs", { country: "UZ", operator: "uzmobile" });
    await api.call("POST", "/api/programs", { name: "program1", template: ["true"], folder: "/tmp" });
    const { token } = await api.call<{ token: string }>("POST", "/api/tokens", { name: "t", program: "program1", scopes: ["results"] });
    const url = (await Bun.file(join(runtime, "endpoint")).text()).trim();

    const ballast = join(small, "ballast");
    fill(ballast);
    const post = () =>
      fetch(`${url}/api/results`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify(
          Array.from({ length: 500 }, (_, n) => ({ country: "UZ", operator: "uzmobile", message_id: `x${n}`, state: "attempt" })),
        ),
      });
    // What is left in the pages of the write-ahead log may take the first few.
    await until("the disk is full for Signalbox too", async () => {
      fill(ballast);
      return (await post()).status === 503;
    });
    const before = await sent();

    const child = Bun.spawn(["python3", "-c", PROGRAM, join(root, "scripts/client"), url, token, join(folder, "spool")], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "ignore",
    });
    const reader = child.stdout.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toContain("reported");
    expect((await post()).status).toBe(503);
    // A small batch may still find room in the log; not all of them.
    expect(await sent()).toBeLessThan(before + 500);

    rmSync(ballast);
    await until("all that was spooled is counted", async () => (await sent()) === before + 500, 30_000);
    child.stdin.end();
    await child.exited;
    const { pairs } = await api.call<{ pairs: { pair: string; total: { sent: number; delivered: number } }[] }>(
      "GET",
      "/api/metrics/realtime",
    );
    expect(pairs.find(({ pair }) => pair === "UZ_uzmobile")?.total).toMatchObject({ sent: before + 500, delivered: before + 500 });

    async function sent(): Promise<number> {
      const { fleet } = await api.call<{ fleet: { total: { sent: number } } }>("GET", "/api/metrics/realtime");
      return fleet.total.sent;
    }
  },
  120_000,
);

/** Fills what is left of the disk, up to its last page. */
function fill(path: string): void {
  let size = Number(statfsSync(small).bavail) * 4096;
  while (size >= 4096) {
    try {
      writeFileSync(path, new Uint8Array(size), { flag: "a" });
      size = Math.min(size, Number(statfsSync(small).bavail) * 4096);
    } catch {
      size /= 2;
    }
  }
}
