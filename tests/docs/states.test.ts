import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LAMPS } from "../../src/fleet/states.ts";

test("docs/states.md lists every lamp as the code has it, trouble first", () => {
  const page = readFileSync(join(import.meta.dir, "../../docs/states.md"), "utf8");
  const rows = [...page.matchAll(/^\| `([a-z_]+)` \| (\S) \| (.*?) \| (\w+) \| (\d+) \| (.*) \|$/gm)].map(([, ...cells]) =>
    cells.join(" | "),
  );
  const lamps = Object.entries(LAMPS).sort(([, a], [, b]) => b.rank - a.rank);
  expect(rows).toEqual(lamps.map(([state, lamp]) => [state, lamp.glyph, lamp.word, lamp.tone, lamp.rank, lamp.meaning].join(" | ")));
});
