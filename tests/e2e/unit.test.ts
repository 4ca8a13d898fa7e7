import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../cast/folder.ts";

const unit = readFileSync(join(import.meta.dir, "../../systemd/signalbox.service"), "utf8");

test("the unit keeps the screens alive and the JIT on", () => {
  expect(unit).toMatch(/^KillMode=process$/m);
  expect(unit).toMatch(/^RuntimeDirectoryPreserve=yes$/m);
  expect(unit).not.toMatch(/^MemoryDenyWriteExecute/m);
});

// On machines without systemd there is nobody to ask.
test.skipIf(Bun.which("systemd-analyze") === null)("systemd finds nothing to say against the unit", async () => {
  const path = join(ownFolder("unit"), "signalbox.service");
  // verify looks for the program; the built one may not be installed here.
  writeFileSync(path, unit.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`));
  const verify = Bun.spawn(["systemd-analyze", "verify", "--man=no", path], { stdout: "pipe", stderr: "pipe" });
  const said = `${await new Response(verify.stdout).text()}${await new Response(verify.stderr).text()}`;
  expect(said.split("\n").filter((line) => line.includes("signalbox.service"))).toEqual([]);
  expect(await verify.exited).toBe(0);
});
