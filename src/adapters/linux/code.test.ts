import { describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../../../tests/cast/folder.ts";
import { codeChange } from "../../fleet/code.ts";
import { openCode } from "./code.ts";

const folder = ownFolder("code");
const code = openCode(process.env);
const time = (ms: number) => new Date(ms).toISOString().slice(11, 19);

function write(path: string, at: number, text = "x"): void {
  writeFileSync(path, text);
  utimesSync(path, at, at);
}

describe("a folder of files", () => {
  const plain = join(folder, "plain");
  mkdirSync(join(plain, "lib", "deep"), { recursive: true });
  mkdirSync(join(plain, "__pycache__"));
  write(join(plain, "send.py"), 1_000);
  write(join(plain, "lib", "gateway.py"), 2_000);
  write(join(plain, "lib", "deep", "too.py"), 9_000);
  write(join(plain, "__pycache__", "send.cpython.py"), 9_000);
  write(join(plain, "send.log"), 9_000);
  write(join(plain, "numbers.json"), 9_000);

  test("is its newest source, two folders deep, and nothing the program writes itself", async () => {
    expect(await code.state(plain)).toEqual({ commit: null, newest: { file: "lib/gateway.py", at: 2_000_000 } });
  });

  test("that is not there cannot be told", async () => {
    expect(await code.state(join(folder, "nowhere"))).toBeNull();
  });
});

test("a git work tree is its commit and what was edited since", async () => {
  const tree = join(folder, "tree bun");
  mkdirSync(tree);
  const git = (...command: string[]) => {
    const asked = Bun.spawnSync(["git", "-C", tree, "-c", "user.name=anna", "-c", "user.email=anna@example.org", ...command], {
      // Run from a git hook, git's own variables would mean another tree.
      env: { PATH: process.env.PATH, HOME: process.env.HOME },
    });
    expect([command[0], asked.exitCode]).toEqual([command[0], 0]);
    return asked.stdout.toString().trim();
  };
  git("init", "-q");
  write(join(tree, "send me.py"), 1_000);
  git("add", ".");
  git("commit", "-qm", "first");
  const first = (await code.state(tree))!;
  expect(first).toEqual({ commit: git("rev-parse", "--short", "HEAD"), newest: null });
  write(join(tree, "send me.py"), 5_000, "edited");
  const edited = (await code.state(tree))!;
  expect(edited.newest).toEqual({ file: "send me.py", at: 5_000_000 });
  expect(codeChange(first, edited, time)).toBe("send me.py edited 01:23:20");
  write(join(tree, "untracked.py"), 9_000);
  expect(await code.state(tree)).toEqual(edited);
  git("mv", "send me.py", "sent.py");
  expect((await code.state(tree))!.newest?.file).toBe("sent.py");
  git("mv", "sent.py", "send me.py");
  git("commit", "-qam", "second");
  const second = (await code.state(tree))!;
  expect(codeChange(first, second, time)).toBe(`${first.commit} -> ${second.commit}`);
  expect(codeChange(edited, first, time)).toBe("edits taken back");
  expect(codeChange(first, first, time)).toBeNull();
  expect(codeChange(null, second, time)).toBeNull();
  rmSync(tree, { recursive: true });
});
