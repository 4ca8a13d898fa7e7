/** `signalbox.py check` against the real Signalbox: what it says of each token, and that it uses nothing up. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { openHouse } from "../../tests/cast/house.ts";

const house = await openHouse();
await house.api("POST", "/api/pairs", { country: "UZ", operator: "uzmobile" });
await house.api("POST", "/api/programs", { name: "program1", template: ["sleep", "60"], folder: "/" });

async function tokenWith(...scopes: string[]): Promise<{ token: string }> {
  return (await house.api("POST", "/api/tokens", { name: `check-${scopes.join("-")}`, program: "program1", scopes })).json;
}

async function check(token: string): Promise<{ code: number; said: string }> {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SIGNALBOX_")));
  const child = Bun.spawn(["python3", "-B", join(import.meta.dir, "signalbox.py"), "check"], {
    env: {
      ...clean,
      SIGNALBOX_URL: house.url,
      SIGNALBOX_TOKEN: token,
      SIGNALBOX_PAIRS: "UZ_uzmobile",
      SIGNALBOX_SPOOL: join(house.folder, "spool"),
    },
    stdout: "pipe",
    stderr: "inherit",
  });
  const [said, code] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  return { code, said };
}

test("a token that may ask and report is well, and no slot is used up", async () => {
  const { code, said } = await check((await tokenWith("permits", "results")).token);
  expect(said).toMatch(/address +ok.*\npermits +ok.*\nresults +ok.*\npairs +ok +UZ_uzmobile\nspool +ok.*\nall is well/);
  expect(code).toBe(0);
  expect((await house.api("GET", "/api/permits/UZ")).json).toMatchObject({ used: 0 });
});

test("a token without a scope, and one that nobody knows, are told apart", async () => {
  const narrow = await check((await tokenWith("permits")).token);
  expect(narrow.said).toMatch(/permits +ok.*\nresults +WRONG +the token may not: .*\n +-> +make one with the scope results/);
  const unknown = await check("sbx_nobody");
  expect(unknown.said).toMatch(/token +WRONG +The token is unknown.*\n +-> .*signalbox token create/);
  expect([narrow.code, unknown.code]).toEqual([1, 1]);
});
