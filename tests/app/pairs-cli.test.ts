/** Pairs and countries from the command line, against the real house over its control socket. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { ownFolder } from "../cast/folder.ts";
import { openHouse } from "../cast/house.ts";

const house = await openHouse();
const folder = ownFolder("pairs-cli");
const MAIN = join(import.meta.dir, "../../src/main.ts");
const SAMPLE = join(import.meta.dir, "../cast/pairs-sample.csv");

async function signalbox(...argv: string[]): Promise<{ out: string; said: string; code: number }> {
  const child = Bun.spawn([process.execPath, MAIN, ...argv, "--control-socket", house.config.controlSocket], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, said, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { out, said, code };
}
const pair = (id: string) => house.api("GET", `/api/pairs/${id}`).then(({ json }) => json);
const file = async (name: string, text: string) => {
  await Bun.write(join(folder, name), text);
  return join(folder, name);
};

test("a file is told line by line, refused for one bad line, imported, exported, and then finds nothing to do", async () => {
  const dry = await signalbox("pairs", "import", SAMPLE, "--dry-run");
  expect([dry.code, dry.out]).toEqual([0, ""]);
  expect(dry.said).toMatch(/IN_docomo +warning: 405037 \(TATA DOCOMO Maharashtra & Goa\) is listed as not operational/);
  expect(dry.said).toContain("8 new, 0 changed, 0 unchanged, 0 bad");
  expect((await signalbox("pairs", "import", SAMPLE)).code).toBe(2); // nobody is there to confirm
  expect(await signalbox("pairs", "import", SAMPLE, "--yes", "8")).toMatchObject({ code: 0, out: "Imported 8 pairs.\n" });

  const bad = await file("bad.csv", "country,operator,weight\nUZ,uzmobile,50\nUZ,ucell,much\n");
  const refused = await signalbox("pairs", "import", bad, "--yes", "1");
  expect([refused.code, refused.said]).toEqual([2, expect.stringContaining("Nothing was imported")]);
  expect((await pair("UZ_uzmobile")).weight).toBe(100);
  expect((await signalbox("pairs", "import", bad, "--good-lines")).out).toBe("Imported 1 pair.\n");
  expect((await pair("UZ_uzmobile")).weight).toBe(50);

  for (const format of ["csv", "json"]) {
    const { out } = await signalbox("pairs", "export", "--format", format);
    const again = await signalbox("pairs", "import", await file(`all.${format}`, out), "--json");
    expect(JSON.parse(again.out).counts).toEqual({ create: 0, change: 0, unchanged: 8, error: 0 });
  }
  expect((await signalbox("pairs", "export", "IN")).out.trimEnd().split("\n")).toHaveLength(5);
});

test("pairs are added, changed by name and by selection, and retired", async () => {
  const added = await signalbox("pairs", "add", "kz", "Kcell", "--name", "Кселл & Ко", "--mccmnc", "40102", "--tags", "otp,night");
  expect([added.code, added.out]).toEqual([0, "KZ_kcell is added.\n"]);
  expect(await pair("KZ_kcell")).toMatchObject({ operator_name: "Кселл & Ко", mccmnc: ["40102"], tags: ["otp", "night"] });
  await signalbox("pairs", "add", "KZ", "altel");

  const one = await signalbox("pairs", "set", "KZ_kcell", "--weight", "200", "--limit", "4");
  expect([one.code, one.out]).toEqual([0, "Changed 1 pair.\n"]);
  expect(one.said).toMatch(/^ {2}KZ_kcell: weight 100 -> 200, limit none -> 4\n {2}to put it back: signalbox pairs undo b_[0-9a-z]{18}\n$/);
  expect((await signalbox("pairs", "set", "--country", "KZ", "--add-tags", "steppe")).code).toBe(2);
  expect((await signalbox("pairs", "set", "--country", "KZ", "--add-tags", "steppe", "--yes", "3")).code).toBe(4);
  expect((await signalbox("pairs", "set", "--country", "KZ", "--add-tags", "steppe", "--limit", "none", "--yes", "2")).code).toBe(0);
  expect(await pair("KZ_kcell")).toMatchObject({ limit: null, tags: ["otp", "night", "steppe"] });
  expect((await signalbox("pairs", "set", "KZ_kcell", "--name", "Kcell")).code).toBe(0);
  expect((await signalbox("pairs", "set", "KZ_nobody", "--weight", "1")).code).toBe(5);
  expect((await signalbox("pairs", "set", "KZ_kcell")).code).toBe(2);

  expect((await signalbox("pairs", "priority", "KZ_kcell", "on")).code).toBe(0);
  expect(await signalbox("pairs", "set", "KZ_kcell", "--active", "no")).toMatchObject({
    ...{ code: 4, said: expect.stringContaining("high priority") },
  });
  expect((await signalbox("pairs", "retire", "KZ_kcell")).code).toBe(4);
  expect((await signalbox("pairs", "priority", "KZ_kcell", "off", "-r", "over")).code).toBe(0);
  expect((await signalbox("pairs", "retire", "KZ_kcell")).code).toBe(0);
  expect((await house.api("GET", "/api/pairs/KZ_kcell")).status).toBe(404);
});

test("countries are listed, and their budget is set", async () => {
  expect(await signalbox("countries", "set", "uk", "--limit", "20", "--window", "30")).toMatchObject({
    ...{ code: 0, out: "United Kingdom: 20 in 30 s.\n" },
  });
  expect((await signalbox("countries")).out).toMatch(/GB +20 +30 +United Kingdom/);
  expect((await signalbox("countries", "set", "XX", "--limit", "1")).code).toBe(2);
  expect((await signalbox("countries", "set", "GB")).code).toBe(2);
});

test("a change of many is put back; what somebody else changed meanwhile is left and named", async () => {
  for (const operator of ["ncell", "ntc"]) await signalbox("pairs", "add", "NP", operator);
  const { said } = await signalbox("pairs", "set", "--country", "NP", "--weight", "7", "--yes", "2");
  const id = /pairs undo (b_\S+)/.exec(said)![1]!;
  expect((await signalbox("pairs", "undo")).out).toMatch(new RegExp(`${id} +edit +2 +`));
  await signalbox("pairs", "set", "NP_ntc", "--weight", "8");
  const undone = await signalbox("pairs", "undo", id);
  expect([undone.code, undone.out]).toEqual([0, "Put back 1 pair, 1 left.\n"]);
  expect(undone.said).toMatch(/left: NP_ntc: weight was changed since by /);
  expect([(await pair("NP_ncell")).weight, (await pair("NP_ntc")).weight]).toEqual([100, 8]);
  expect((await signalbox("pairs", "undo", id)).code).not.toBe(0);
  expect(JSON.parse((await signalbox("pairs", "undo", "--json")).out)[0]).toMatchObject({ kind: "undo", changed: 1, left: 1 });
});
