/** The catalogue of networks, over the list that is shipped. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openCatalogue } from "./open-catalogue.ts";

const catalogue = await openCatalogue();
const named = (country: string, operatorName: string, ...mccmnc: string[]) => ({ country, operator: "x", operatorName, mccmnc });

test("numbers are strings: 405037 is TATA DOCOMO of Maharashtra & Goa, 40537 is somebody else", () => {
  expect(catalogue.networks("405037").map(({ name, operational }) => [name, operational])).toEqual([
    ["TATA DOCOMO Maharashtra & Goa", false],
  ]);
  expect(catalogue.networks("40537").some(({ name }) => name.startsWith("TATA DOCOMO"))).toBe(false);
  expect(catalogue.networks("43403")).toMatchObject([{ countries: ["UZ"], name: "UzMobile", operational: true }]);
});

test("suggests the operators of a country, the working ones first, all networks of a name together", () => {
  const uzbek = catalogue.operators("UZ");
  expect(uzbek.find(({ name }) => name === "UzMobile")).toEqual({
    ...{ name: "UzMobile", mccmnc: ["43403", "43408"], operational: true, status: "Operational" },
  });
  const rank = uzbek.map(({ operational }) => Number(operational));
  expect(rank).toEqual([...rank].sort((a, b) => b - a));
  expect(catalogue.operators("IN", "maharashtra goa vi").map(({ name }) => name)).toEqual(["Vi India Maharashtra & Goa"]);
  expect(catalogue.operators("AQ")).toEqual([]);
});

test("warns of a network that is not operational, that is another country's, and that nobody knows", () => {
  expect(catalogue.warnings(named("IN", "TATA DOCOMO Maharashtra & Goa", "405037"))).toEqual([
    { field: "mccmnc", message: "405037 (TATA DOCOMO Maharashtra & Goa) is listed as not operational" },
  ]);
  expect(catalogue.warnings(named("UZ", "UzMobile", "25001", "99999"))).toEqual([
    { field: "mccmnc", message: "25001 belongs to MTS in Russia" },
    { field: "mccmnc", message: "99999 is in no public list of networks" },
  ]);
});

test.each([
  ["UZ", "Uzmobil", "UzMobile"],
  ["UZ", "Usell", "Ucell"],
  ["AZ", "Azersell", "Azercell"],
  ["TJ", "Magafon", "MegaFon"],
])("%s: %s looks like a slip for %s", (country, typed, meant) => {
  expect(catalogue.warnings(named(country, typed))).toEqual([
    { field: "operator_name", message: `${typed} is near to ${meant}, a known operator there: a typo?` },
  ]);
});

test.each([
  ["UZ", "uzmobile"],
  ["TJ", "MegaFon TT Mobile"],
  ["IN", "AirTel Gujarat"],
  ["UZ", "Our own route"],
  ["UZ", "Мобиуз"],
  ["UZ", "GTS"],
])("%s: %s is a name of one's own, and no slip", (country, name) => {
  expect(catalogue.warnings(named(country, name))).toEqual([]);
});

test("of the user's own pairs only the one is warned of that is marked so in public lists", async () => {
  const { readCsv } = await import("./sheet.ts");
  const file = readFileSync(join(import.meta.dir, "../../tests/cast/pairs-sample.csv"), "utf8");
  const rows = (await readCsv(file)).map(
    ({ value }) => value as { country: string; operator: string; operator_name: string; mccmnc: string[] },
  );
  const warned = rows.flatMap((row) => catalogue.warnings({ ...row, operatorName: row.operator_name }));
  expect(rows).toHaveLength(8);
  expect(warned.map(({ message }) => message)).toEqual(["405037 (TATA DOCOMO Maharashtra & Goa) is listed as not operational"]);
});
