import { expect, test } from "bun:test";
import { openRunTokens } from "./run-token.ts";

const KEY = () => new Uint8Array(32).fill(7);
const OTHER_KEY = () => new Uint8Array(32).fill(8);
const RUN = { program: "program1", session: "s_1", run: "r_1" };

test("a run's token names its program, session and run while the run is known", () => {
  let known = true;
  const tokens = openRunTokens(KEY, (run, session) => known && run === "r_1" && session === "s_1");
  const token = tokens.mint(RUN);
  expect(token).toMatch(/^sbr_[\w-]+\.[\w-]{43}$/);
  expect(tokens.read(token)).toEqual({ kind: "run", ...RUN, scopes: ["permits", "results"] });
  known = false;
  expect(tokens.read(token)).toBeNull();
});

test("the same run gets the same token from another start, so that programs keep theirs over ours", () => {
  expect(openRunTokens(KEY, () => true).mint(RUN)).toBe(openRunTokens(KEY, () => true).mint(RUN));
});

test.each([
  ["nothing", () => "sbr_"],
  ["another key", () => openRunTokens(OTHER_KEY, () => true).mint(RUN)],
  ["a changed head", (token: string) => token.replace("sbr_", "sbr_A")],
  ["a cut seal", (token: string) => token.slice(0, -1)],
  ["a third part", (token: string) => `${token}.x`],
])("%s opens nothing", (_, forge) => {
  const tokens = openRunTokens(KEY, () => true);
  expect(tokens.read(forge(tokens.mint(RUN)))).toBeNull();
});
