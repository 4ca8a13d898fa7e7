import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { ownFolder } from "../../tests/cast/folder.ts";
import { presentable } from "./mask.ts";
import { searchOutput } from "./output-search.ts";

const folder = ownFolder("output-search");
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test("every match is counted, the newest are shown with the lines around them", async () => {
  const lines = Array.from({ length: 100 }, (_, i) => (i % 10 === 0 ? `ERROR ${i}` : `fine ${i}`));
  const half = file("a.earlier", `${lines.slice(0, 50).join("\n")}\n`);
  const rest = file("a", lines.slice(50).join("\r\n"));
  const { matches, places } = await searchOutput([half, rest], { text: "error", around: 1, most: 2 });
  expect(matches).toBe(10);
  expect(places.map((place) => place.map(({ number, text }) => `${number}: ${text}`))).toEqual([
    ["80: fine 79", "81: ERROR 80", "82: fine 81"],
    ["90: fine 89", "91: ERROR 90", "92: fine 91"],
  ]);
  expect(places[0]!.map((line) => line.matches)).toEqual([false, true, false]);
});

test("places that touch are one, and a line is shown once", async () => {
  const path = file("b", "x 1\nx 2\n-\nx 3\n-\n-\n-\n-\nx 4\n");
  const { places } = await searchOutput([path], { text: "x", around: 1, most: 50 });
  expect(places.map((place) => place.map(({ number }) => number))).toEqual([
    [1, 2, 3, 4, 5],
    [8, 9],
  ]);
});

test("who may not read a number cannot find it, and its masked form is found", async () => {
  const path = file("c", "sent to +998901234567\nyour code is 482913\n\x1b[31mER\x1b[0mROR\n");
  const search = (text: string) => searchOutput([path], { text, around: 0, most: 5 });
  expect((await search("1234567")).matches).toBe(0);
  expect((await search("482913")).matches).toBe(0);
  expect((await search("+99890••••67")).matches).toBe(1);
  expect((await search("error")).places[0]![0]!.text).toBe("ERROR");
});

test("what is found is what a look at every shown line finds", async () => {
  const piece = fc.constantFrom("a", "B", " ", "+998901234567", "code 1234", "\x1b[1m", "-", "(", "77");
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: piece, maxLength: 8 }), { maxLength: 30 }),
      fc.string({ unit: fc.constantFrom("a", "b", " ", "7", "•", "+", "-", "("), minLength: 1, maxLength: 3 }),
      async (lines, text) => {
        const path = file("d", `${lines.join("\n")}\n`);
        const { matches } = await searchOutput([path], { text, around: 0, most: 1 });
        expect(matches).toBe(lines.filter((line) => presentable(line).toLowerCase().includes(text)).length);
      },
    ),
    { numRuns: 300 },
  );
});
