import { expect, test } from "bun:test";
import { sleeper } from "../../tests/cast/people.ts";
import { newPair } from "../pairs/input.ts";
import { createPair } from "../pairs/pair.ts";
import { programFrom } from "../pairs/program.ts";
import type { Session } from "../pairs/session.ts";
import { wantedOf } from "./wanted.ts";

const pair = createPair(newPair.parse({ country: "UZ", operator: "uzmobile" }), 0);
const program = programFrom(sleeper(), 0);
const session: Session = {
  id: "s_1",
  node: "here",
  name: "program1_UZ_uzmobile",
  program: "program1",
  pairs: [pair.id],
  desired: { state: "up", by: "anna", reason: "season", at: 0, until: null },
  retiredAt: null,
  version: 1,
  createdAt: 0,
};

test("a retired session is ended by whoever retired it, not by whoever wanted it up", () => {
  const wanted = wantedOf({ ...session, retiredAt: 1, retiredBy: "boris" }, program, [pair]);
  expect(wanted).toMatchObject({ up: false, by: "boris", reason: "retired" });
});

test("what follows from another act is Signalbox's doing, and names what it follows from", () => {
  const off = wantedOf(session, program, [{ ...pair, active: false }]);
  expect(off).toMatchObject({ up: false, by: "signalbox", reason: "UZ_uzmobile switched off" });
  const gone = wantedOf(session, undefined, [pair]);
  expect(gone).toMatchObject({ up: false, by: "signalbox", reason: "program program1 is gone" });
});

test("a wish carries the name and the reason of whoever wished", () => {
  expect(wantedOf(session, program, [pair])).toMatchObject({ up: true, by: "anna", reason: "season" });
});
