/** Runs the Python client's own tests with the oldest and the newest Python from 3.8 on that are here and with `python3`, so that they count. */

import { expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const MINORS = [8, 9, 10, 11, 12, 13, 14];

const byVersion = pythons();
const versions = [...byVersion.keys()].sort(Bun.semver.order);
const chosen = new Set([versions[0]!, versions.at(-1)!, versionOf("python3")!]);

for (const version of chosen)
  test(`the Python client keeps its promises on Python ${version}`, async () => {
    const tests = Bun.spawn([byVersion.get(version)!, "-B", "-m", "unittest", "test_signalbox", "test_processes"], {
      cwd: import.meta.dir,
      stdout: "ignore",
      stderr: "pipe",
    });
    const [code, output] = await Promise.all([tests.exited, new Response(tests.stderr).text()]);
    expect(code, output).toBe(0);
  }, 120_000);

function pythons(): Map<string, string> {
  const found = new Map<string, string>();
  for (const path of ["python3", ...MINORS.map((minor) => `python3.${minor}`), ...ofPyenv()]) {
    const version = versionOf(path);
    if (version && !found.has(version) && Bun.semver.satisfies(version, ">=3.8.0")) found.set(version, path);
  }
  return found;
}

/** pyenv's shims answer only for the versions it is set to; those it has lie here. */
function ofPyenv(): string[] {
  const folder = join(process.env.PYENV_ROOT ?? join(homedir(), ".pyenv"), "versions");
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name, "bin/python")) : [];
}

function versionOf(path: string): string | null {
  if (!Bun.which(path)) return null;
  const { success, stdout } = Bun.spawnSync([path, "-c", "import platform; print(platform.python_version())"], { stderr: "ignore" });
  return success ? stdout.toString().trim() : null;
}
