/** The emergency hold from the command line, against the real house over its control socket. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { openHouse } from "../cast/house.ts";

const house = await openHouse();
await house.api("POST", "/api/pairs", { country: "UZ", operator: "uzmobile" });
const MAIN = join(import.meta.dir, "../../src/main.ts");

async function signalbox(...argv: string[]): Promise<{ out: string; said: string; code: number }> {
  const child = Bun.spawn([process.execPath, MAIN, ...argv, "--control-socket", house.config.controlSocket], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, said, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { out, said, code };
}
const held = async () => (await house.api("GET", "/api/holds")).json.holds as { what: string; reason: string }[];

test("a country is held when it is typed again, stands in the list, and is let go", async () => {
  const hold = ["hold", "UZ", "--for", "30m", "--reason", "wrong template"];
  expect(await signalbox(...hold)).toMatchObject({ code: 2, said: expect.stringContaining("nobody is there to confirm") });
  expect(await signalbox(...hold, "--yes", "IN")).toMatchObject({ code: 4, said: expect.stringContaining("nothing was held") });
  expect(await held()).toEqual([]);
  const done = await signalbox(...hold, "--yes", "UZ");
  expect([done.code, done.out]).toEqual([0, expect.stringMatching(/^UZ is held until 20.*\n$/)]);
  expect(await held()).toMatchObject([{ what: "UZ", reason: "wrong template" }]);
  expect((await signalbox("holds")).out).toContain("wrong template");
  expect(await signalbox("unhold", "UZ")).toMatchObject({ code: 0, out: "UZ is held no more.\n" });
  expect((await signalbox("unhold", "UZ")).said).toContain("UZ is not held");
  expect((await signalbox("holds")).said).toContain("Nothing is held");
});

test("a hold needs a reason and an end", async () => {
  expect((await signalbox("hold", "UZ", "--for", "30m", "--yes", "UZ")).said).toContain("--reason");
  expect((await signalbox("hold", "UZ", "--reason", "x", "--yes", "UZ")).said).toContain("--for");
  expect((await signalbox("hold", "UZ", "--reason", "x", "--for", "2d", "--yes", "UZ")).said).toContain("24 hours");
  expect(await held()).toEqual([]);
});
