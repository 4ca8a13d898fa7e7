import { expect, test } from "bun:test";
import { codeAt } from "./code.ts";

const START = 1_000;
const NOW = 1_050;

for (const [what, at, found] of [
  ["that was there at the start is what began", 900, 900],
  ["that was edited as it began is what began", START, START],
  ["that was edited since is not what began", 1_020, null],
  ["that was edited this very moment is not what began", NOW, null],
  ["with a time that is still to come was always there", 5_000, 5_000],
] as const)
  test(`a file ${what}`, () => {
    expect(codeAt({ commit: "abc", newest: { file: "send.py", at } }, START, NOW)).toEqual({
      commit: "abc",
      newest: found === null ? null : { file: "send.py", at: found },
    });
  });
