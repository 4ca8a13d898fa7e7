import { expect, test } from "bun:test";
import { airtel, uzmobile } from "../../tests/cast/people.ts";
import { openTopic } from "../kernel/topic.ts";
import type { Changed } from "../pairs/directory.ts";
import { createPair, type Pair } from "../pairs/pair.ts";
import { openPlaces } from "./place.ts";

function configured(...pairs: Pair[]) {
  const changed = openTopic<Changed>();
  const place = openPlaces({
    changed,
    pair: (id) => pairs.find((pair) => pair.id === id),
    pairs: () => pairs.filter((pair) => !pair.retiredAt),
  });
  return { pairs, changed, place };
}
const { place } = configured(createPair(uzmobile, 0), createPair({ ...airtel, operator: "airtel-gj" }, 0), {
  ...createPair({ country: "GB", operator: "o2" }, 0),
  retiredAt: 1,
});

const KNOWN: [country: string, operator: string, pair: string][] = [
  ["UZ", "uzmobile", "UZ_uzmobile"],
  ["uz", "UzMobile", "UZ_uzmobile"],
  ["IN", "AirTel Gujarat", "IN_airtel-gj"],
  ["IN", "airtel_gujarat", "IN_airtel-gj"],
  ["UK", "O2", "GB_o2"],
  ["UZ", "nobody", "UZ_unassigned"],
  ["IN", "uzmobile", "IN_unassigned"],
];
for (const [country, operator, pair] of KNOWN)
  test(`${country} ${operator} is ${pair}`, () => {
    expect(place(country, operator)).toEqual({ country: pair.slice(0, 2), pair });
  });

test("refuses a country that is none", () => {
  expect(place("XQ", "uzmobile")).toMatchObject({ field: "country" });
});

test("finds a pair that was set up after its operator was first heard of", () => {
  const { pairs, changed, place } = configured();
  expect(place("UZ", "UzMobile")).toMatchObject({ pair: "UZ_unassigned" });
  pairs.push(createPair(uzmobile, 0));
  changed.publish([{ kind: "pair", id: "UZ_uzmobile" }]);
  expect(place("UZ", "UzMobile")).toMatchObject({ pair: "UZ_uzmobile" });
});
