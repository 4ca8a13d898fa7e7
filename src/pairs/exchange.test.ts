/** What goes out as a file comes in again as it was, and a file is told line by line before anything happens. */

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { aPair, directoryOf } from "../../tests/cast/directory.ts";
import { fieldErrors } from "../http/body.ts";
import { planImport } from "./import.ts";
import { newPair } from "./input.ts";
import { createPair, type Pair } from "./pair.ts";
import { jsonOf, readCsv, readJsonRows, writeCsv } from "./sheet.ts";

const options = { now: 1, explain: fieldErrors, warn: () => [], breathe: async () => {} };

const slug = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,39}$/);
const wild = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
  fc.constantFrom(
    "=1+1",
    "'=1",
    "''@x",
    "+998",
    "-",
    "@cmd",
    "＝a",
    "'",
    `a"b`,
    "a,b;c|d",
    "Мегафон & Ко",
    "Türk Telekom",
    "UZ_a_b",
    "yes",
    "007",
  ),
);
const anyInput = fc
  .record({
    country: fc.constantFrom("UZ", "UA", "IN", "GB"),
    operator: slug,
    operator_name: wild,
    mccmnc: fc.array(fc.stringMatching(/^\d{5,6}$/), { maxLength: 4 }),
    weight: fc.double({ min: 0, max: 1000, noNaN: true }),
    threshold: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    limit: fc.option(fc.nat(100_000)),
    window_seconds: fc.option(fc.integer({ min: 1, max: 86_400 })),
    active: fc.boolean(),
    tags: fc.array(fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,29}$/), { maxLength: 4 }),
  })
  .map((value) => newPair.safeParse(value))
  .filter((parsed) => parsed.success)
  .map(({ data }) => data!);
const anyPairs = fc.uniqueArray(anyInput, { maxLength: 12, selector: ({ country, operator }) => `${country}_${operator}` });

async function directoryWith(pairs: readonly Pair[]) {
  return directoryOf(...pairs.map((value) => ({ kind: "pair" as const, value })));
}

describe("the round trip", () => {
  test("an exported CSV imports as unchanged, whatever the names hold, with and without the mark of spreadsheets", async () => {
    await fc.assert(
      fc.asyncProperty(anyPairs, fc.boolean(), async (inputs, bom) => {
        const directory = await directoryWith(inputs.map((input) => createPair(input, 0)));
        const plan = await planImport(await readCsv(await writeCsv(directory.pairs(), bom)), directory, options);
        expect(plan.lines.filter(({ verdict }) => verdict !== "unchanged")).toEqual([]);
        expect(plan.lines).toHaveLength(inputs.length);
      }),
      { numRuns: 200 },
    );
  });

  test("an exported CSV makes the same pairs in an empty house", async () => {
    await fc.assert(
      fc.asyncProperty(anyPairs, async (inputs) => {
        const pairs = inputs.map((input) => createPair(input, 0));
        const plan = await planImport(await readCsv(await writeCsv(pairs)), await directoryWith([]), options);
        const made = plan.edits.flatMap((edit) => (edit.kind === "create" ? [createPair(edit.input, 0)] : []));
        expect(made).toEqual(pairs);
      }),
      { numRuns: 100 },
    );
  });

  test("an exported JSON imports as unchanged", async () => {
    await fc.assert(
      fc.asyncProperty(anyPairs, async (inputs) => {
        const directory = await directoryWith(inputs.map((input) => createPair(input, 0)));
        const file = JSON.parse(JSON.stringify({ pairs: directory.pairs().map(jsonOf) }));
        expect((await planImport(readJsonRows(file), directory, options)).counts).toEqual({
          ...{ create: 0, change: 0, error: 0 },
          unchanged: inputs.length,
        });
      }),
      { numRuns: 100 },
    );
  });

  test("no cell of an export begins as a formula", async () => {
    await fc.assert(
      fc.asyncProperty(anyPairs, async (inputs) => {
        const { parse } = await import("csv-parse/sync");
        const cells = parse(await writeCsv(inputs.map((input) => createPair(input, 0)))).flat() as string[];
        expect(cells.filter((cell) => /^[=+\-@\t\r＝＋－＠]/.test(cell))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

const told = async (text: string, ...ids: string[]) => {
  const directory = await directoryOf(...ids.map((id) => aPair(id)));
  return planImport(await readCsv(text), directory, options);
};

describe("line by line", () => {
  test("create, change with the fields, unchanged, and errors with the field and the reason", async () => {
    const plan = await told(
      [
        "country,operator,weight,mccmnc",
        "UZ,uzmobile,250,43403|43408",
        "UA,3mob,100,",
        "UA,kyivstar,100,25503",
        "XX,ghost,100,",
        "UZ,has space,100,",
        "UZ,beeline,heavy,1",
        "UZ,uzmobile,1,",
        "UZ,ucell",
      ].join("\n"),
      "UZ_uzmobile",
      "UA_3mob",
    );
    expect(
      plan.lines.map(({ line, pair, verdict, changes, errors }) => [line, pair, verdict, changes.length > 0 ? changes : errors]),
    ).toEqual([
      [
        2,
        "UZ_uzmobile",
        "change",
        [
          { field: "mccmnc", from: [], to: ["43403", "43408"] },
          { field: "weight", from: 100, to: 250 },
        ],
      ],
      [3, "UA_3mob", "unchanged", []],
      [4, "UA_kyivstar", "create", []],
      [5, "XX_ghost", "error", [{ field: "country", message: "is not an ISO 3166-1 alpha-2 country code, like UZ" }]],
      [6, "UZ_has space", "error", [{ field: "operator", message: "must be letters, digits and dashes, like uzmobile" }]],
      [
        7,
        "UZ_beeline",
        "error",
        [
          { field: "mccmnc[0]", message: "must be 5 or 6 digits, like 43403" },
          { field: "weight", message: "must be a number, not heavy" },
        ],
      ],
      [8, "UZ_uzmobile", "error", [{ field: "operator", message: "is named by line 2 already" }]],
      [9, null, "error", [{ field: "", message: "has 2 cells, the first line has 4" }]],
    ]);
    expect(plan.counts).toEqual({ create: 1, change: 1, unchanged: 1, error: 5 });
  });

  test("columns that are not there leave their fields as they are", async () => {
    const directory = await directoryOf(aPair("UZ_uzmobile", { weight: 7, tags: ["otp"], threshold: 0.5, operatorName: "UzMobile" }));
    const { counts } = await planImport(await readCsv("country,operator\nuz,UzMobile\n"), directory, options);
    expect(counts.unchanged).toBe(1);
    const { lines } = await planImport(await readCsv("country,operator,threshold\nUZ,uzmobile,\n"), directory, options);
    expect(lines[0]?.changes).toEqual([{ field: "threshold", from: 0.5, to: null }]);
  });

  test("a sheet saved with semicolons, decimal commas and percents is read as it is meant", async () => {
    const { lines, edits } = await told("\uFEFFcountry;operator;operator_name;weight;threshold\r\nUZ;beeline;Beeline, UZ;12,5;70%\r\n");
    expect(lines.map(({ verdict }) => verdict)).toEqual(["create"]);
    expect(edits[0]).toMatchObject({ input: { operator_name: "Beeline, UZ", weight: 12.5, threshold: 0.7 } });
  });

  test("a cell with line breaks does not shift the lines that follow it", async () => {
    const { lines } = await told('country,operator,operator_name\nUZ,a,"two\nlines"\nUZ,b c,x\n');
    expect(lines.map(({ line, verdict }) => [line, verdict])).toEqual([
      [2, "error"],
      [4, "error"],
    ]);
  });

  test("a quotation mark that is never closed is told with its line, and the lines before it are read", async () => {
    const { lines } = await told('country,operator\nUZ,a\nUZ,"b\n');
    expect(lines.map(({ verdict, errors }) => [verdict, errors[0]?.message])).toEqual([
      ["create", undefined],
      ["error", "has a quotation mark that is never closed"],
    ]);
  });

  test.each([
    ["", "The file is empty"],
    ["country,weight\nUZ,1", "lacks the column operator"],
    ["country,operator,wieght\nUZ,a,1", "not known: wieght"],
    ["country,operator,country\nUZ,a,UZ", "names country twice"],
  ])("a head that cannot be read refuses the file: %j", async (text, why) => {
    expect(await readCsv(text).then(String, String)).toContain(why);
  });

  test("neither stops a high-priority pair nor takes or gives a priority on the way", async () => {
    const directory = await directoryOf(aPair("UZ_uzmobile", { priority: true }), aPair("UA_3mob"));
    const verdicts = async (text: string) => {
      const { lines } = await planImport(await readCsv(text), directory, options);
      return lines.map(({ errors }) => errors[0]);
    };
    expect(await verdicts("country,operator,active\nUZ,uzmobile,no")).toMatchObject([{ field: "priority" }]);
    expect(await verdicts("country,operator,weight\nUZ,uzmobile,0")).toMatchObject([{ field: "priority" }]);
    expect(await verdicts("country,operator,limit\nUZ,uzmobile,0")).toMatchObject([{ field: "priority" }]);
    expect(await verdicts("country,operator,priority\nUZ,uzmobile,no\nUA,3mob,yes")).toMatchObject([
      { field: "priority", message: expect.stringContaining("is high here") },
      { field: "priority", message: expect.stringContaining("is not high here") },
    ]);
    expect(await verdicts("country,operator,priority,weight\nUZ,new,yes,0")).toMatchObject([{ field: "priority" }]);
    expect(await verdicts("country,operator,priority\nUZ,new,yes")).toEqual([undefined]);
  });
});
