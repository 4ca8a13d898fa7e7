/** Every port has one contract suite, and stands in the table of docs/architecture.md with what keeps it. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "..", "..");
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

/** What these promise is the machine's doing, not a store's: it is tested beside the one adapter there can be. */
const OF_THE_MACHINE = ["src/fleet/code.ts", "src/fleet/discovery.ts", "src/pairs/vault.ts"];

const ports = [...new Bun.Glob("src/**/*.ts").scanSync(ROOT)]
  .filter((file) => /^(\/\*\*| \*) Port\b/m.test(read(file)) && !OF_THE_MACHINE.includes(file))
  .sort();
const suites = [...new Bun.Glob("tests/contracts/*.ts").scanSync(ROOT)].map(read).join("\n");
const table = read("docs/architecture.md");

test("every port has a contract suite", () => {
  expect(ports.length).toBeGreaterThan(15);
  expect(ports.filter((file) => !suites.includes(`from "../../${file}"`))).toEqual([]);
});

test("every port stands in the table of ports", () => {
  expect(ports.filter((file) => !table.includes(`\`${file.slice("src/".length)}\``))).toEqual([]);
});
