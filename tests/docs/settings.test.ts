import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileKey, loadConfig, SETTINGS, settings } from "../../src/config.ts";

const page = readFileSync(join(import.meta.dir, "../../docs/settings.md"), "utf8");
const rows = [...page.matchAll(/^\| `([a-z_]+)` \| (.*) \| (.*) \| (.*) \|$/gm)].map(([, key, standard, , about]) => ({
  key,
  standard,
  about,
}));

test("docs/settings.md has every setting, in the code's order, with the code's words", () => {
  expect(rows.map(({ key }) => key)).toEqual(SETTINGS.map(fileKey));
  expect(rows.map(({ about }) => about)).toEqual(SETTINGS.map((name) => settings[name].about));
});

test("defaults that are plain values are those of the code", () => {
  const machine = { hostname: "sms1", root: true, timeZone: "UTC", writable: () => true };
  const { config } = loadConfig({ flags: {}, environment: {}, readFile: () => undefined, machine });
  for (const name of ["listen", "logLevel", "logFormat", "leaseMs", "outputMaxBytes", "outputKeepRuns", "metricsFromLoopback"] as const)
    expect(rows.find(({ key }) => key === fileKey(name))?.standard).toBe(`\`${config[name]}\``);
});
