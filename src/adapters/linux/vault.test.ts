import { expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { aesVault } from "./vault.ts";

const key = randomBytes(32);
const vault = aesVault(() => key);

test("what was sealed opens in its own place, and says nothing about itself", () => {
  const sealed = vault.seal("hunter2 ключ", "program:program1:API_KEY");
  expect(vault.open(sealed, "program:program1:API_KEY")).toBe("hunter2 ключ");
  expect(sealed).not.toContain("hunter2");
  expect(vault.seal("hunter2 ключ", "program:program1:API_KEY")).not.toBe(sealed);
  expect(vault.open(vault.seal("", "p"), "p")).toBe("");
});

const sealed = vault.seal("hunter2", "here");
// One bit is flipped, so that it is another byte whatever stood there.
const changed = `v1:${Buffer.from(Buffer.from(sealed.slice(3), "base64").map((byte, place) => (place === 30 ? byte ^ 1 : byte))).toString("base64")}`;
const refused: [string, () => string][] = [
  ["in another place", () => vault.open(sealed, "there")],
  ["with another key", () => aesVault(() => randomBytes(32)).open(sealed, "here")],
  ["when it was changed", () => vault.open(changed, "here")],
  ["when it was cut", () => vault.open(sealed.slice(0, 20), "here")],
  ["when it is no seal", () => vault.open("hunter2", "here")],
];
for (const [what, open] of refused) test(`a seal does not open ${what}`, () => expect(open).toThrow("cannot be opened"));
