import { expect, test } from "bun:test";
import { chmodSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../../../tests/cast/folder.ts";
import { openSecrets } from "./secrets.ts";

test("a key is 32 bytes, its own by name, the same at the next start, and readable by us alone", () => {
  const folder = join(ownFolder("secrets"), "secrets");
  const jwt = openSecrets(folder).key("jwt")();
  expect(jwt).toHaveLength(32);
  expect(Buffer.compare(openSecrets(folder).key("jwt")(), jwt)).toBe(0);
  expect(Buffer.compare(openSecrets(folder).key("run")(), jwt)).not.toBe(0);
  expect(statSync(join(folder, "jwt.key")).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(readdirSync(folder).sort()).toEqual(["jwt.key", "run.key"]);
});

test("a key is made when it is first used, and is the same for all who asked before", () => {
  const folder = join(ownFolder("secrets"), "secrets");
  const [one, other] = [openSecrets(folder).key("jwt"), openSecrets(folder).key("jwt")];
  expect(readdirSync(folder)).toEqual([]);
  expect(Buffer.compare(one(), other())).toBe(0);
  expect(one()).toBe(one());
});

test("a key that others can read is refused, with how to mend it", () => {
  const folder = ownFolder("secrets");
  openSecrets(folder).key("jwt")();
  chmodSync(join(folder, "jwt.key"), 0o644);
  expect(() => openSecrets(folder).key("jwt")).toThrow(/chmod 600/);
});

test("a file that is no key is refused, not replaced", () => {
  const folder = ownFolder("secrets");
  writeFileSync(join(folder, "jwt.key"), "short", { mode: 0o600 });
  expect(() => openSecrets(folder).key("jwt")).toThrow(/not a key/);
});
