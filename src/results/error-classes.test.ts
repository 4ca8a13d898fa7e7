import { expect, test } from "bun:test";
import { anna } from "../../tests/cast/people.ts";
import { refusal } from "../../tests/cast/refusal.ts";
import { ownStore } from "../../tests/cast/store.ts";
import { sqliteDocuments } from "../adapters/sqlite/documents.ts";
import { fakeClock } from "../kernel/clock.ts";
import { openErrorClasses } from "./error-classes.ts";
import { PRESETS } from "./error-presets.ts";
import { ERROR_CLASSES } from "./errors.ts";
import { pareto } from "./pareto.ts";

const documents = sqliteDocuments(await ownStore("error-classes"));
const clock = fakeClock();

test("what an admin maps lies over what is shipped, a gateway's own over everybody's, and outlives a restart", async () => {
  const classes = await openErrorClasses(documents, clock);
  expect(classes.classify("Absent Subscriber")?.name).toBe("absent");
  expect([classes.nameOf("E77"), classes.excuses("E77", null)]).toEqual(["unclassified", false]);
  await classes.set(
    [
      { code: "E77", class: "barred", gateway: null },
      { code: "1", class: "network", gateway: "Vonage1" },
      { code: "27", class: "unclassified", gateway: null },
      { code: "0x0000000B", class: "invalid_number", gateway: null },
    ],
    anna,
  );
  for (const now of [classes, await openErrorClasses(documents, clock)]) {
    expect([now.nameOf("e77"), now.excuses("E77", "any")]).toEqual(["barred", true]);
    expect([now.classify("1", "vonage1")?.name, now.classify("1", "other")?.name]).toEqual(["network", "invalid_number"]);
    expect([now.nameOf("27"), now.excuses("27", null)]).toEqual(["unclassified", false]);
    expect(now.nameOf("0xb")).toBe("invalid_number");
    expect(now.version()).toBe(1);
  }
  const [act] = await documents.acts({ subject: "setting:error-classes", limit: 1 });
  expect(act).toMatchObject({ actor: "anna", verb: "error_classes.update", detail: { set: { e77: "barred", "vonage1 1": "network" } } });
});

test("refuses classes that are not there, codes twice, and whoever read an older version", async () => {
  const classes = await openErrorClasses(documents, clock);
  const set = (...codes: [string, string][]) =>
    refusal(
      classes.set(
        codes.map(([code, name]) => ({ code, class: name, gateway: null })),
        anna,
      ),
    );
  expect(await set(["1", "nonsense"])).toMatchObject({ code: "invalid", details: { errors: [{ field: "codes[0].class" }] } });
  expect(await set(["a b", "absent"], ["A-B", "network"])).toMatchObject({
    code: "invalid",
    details: { errors: [{ field: "codes[1].code" }] },
  });
  expect(await refusal(classes.set([], anna, 0))).toMatchObject({ code: "conflict", details: { reason: "changed" } });
});

test("every preset maps its codes to classes that exist, each code once", () => {
  for (const { name, codes } of PRESETS) {
    for (const one of Object.keys(codes)) expect([name, ERROR_CLASSES.some((known) => known.name === one)]).toEqual([name, true]);
    const all = Object.values(codes).flat();
    expect(new Set(all).size).toBe(all.length);
  }
});

test("errors by class: the most frequent first, with its codes, and what nobody classified as one of them", async () => {
  const classes = { classify: (await openErrorClasses(sqliteDocuments(await ownStore("pareto")), clock)).classify };
  const list = pareto(
    [
      { code: "27", n: 3 },
      { code: "X1", n: 10 },
      { code: "6", n: 4 },
      { code: "31", n: 3 },
    ],
    classes,
  );
  expect(list.map(({ name, n, upTo }) => [name, n, upTo])).toEqual([
    ["unclassified", 10, 0.5],
    ["absent", 7, 0.85],
    ["network", 3, 1],
  ]);
  expect(list[1]?.codes).toEqual([
    { code: "6", n: 4 },
    { code: "27", n: 3 },
  ]);
  expect(pareto([], classes)).toEqual([]);
});
