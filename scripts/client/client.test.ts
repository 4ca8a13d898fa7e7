/** Runs the Python client's own tests, so that they count here. */

import { expect, test } from "bun:test";

test("the Python client keeps its promises", async () => {
  const tests = Bun.spawn(["python3", "-B", "-m", "unittest", "test_signalbox"], {
    cwd: import.meta.dir,
    stdout: "ignore",
    stderr: "pipe",
  });
  const [code, output] = await Promise.all([tests.exited, new Response(tests.stderr).text()]);
  expect(code, output).toBe(0);
}, 60_000);
