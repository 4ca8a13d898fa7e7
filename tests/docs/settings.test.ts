import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig, settings } from "../../src/config.ts";
import { fileKey, SETTINGS } from "../../src/setting.ts";

const page = readFileSync(join(import.meta.dir, "../../docs/settings.md"), "utf8");
const rows = [...page.matchAll(/^\| `([a-z_]+)` \| (.*) \| (.*) \| (.*) \|$/gm)].map(([, key, standard, , about]) => ({
  key,
  standard,
  about,
}));

test("every setting that has a name has a schema, in the same order", () => {
  expect(Object.keys(settings)).toEqual([...SETTINGS]);
});

test("docs/settings.md has every setting, in the schema's order, with the schema's words", () => {
  expect(rows.map(({ key }) => key)).toEqual(SETTINGS.map(fileKey));
  expect(rows.map(({ about }) => about)).toEqual(SETTINGS.map((name) => settings[name].description));
});

test("defaults that are plain values are those of the code", () => {
  const machine = { hostname: "sms1", root: true, timeZone: "UTC", writable: () => true };
  const { config } = loadConfig({ flags: {}, environment: {}, readFile: () => undefined, machine });
  for (const name of ["listen", "logLevel", "logFormat", "leaseMs", "outputMaxBytes", "outputKeepRuns", "metricsFromLoopback"] as const)
    expect(rows.find(({ key }) => key === fileKey(name))?.standard).toBe(`\`${config[name]}\``);
});
