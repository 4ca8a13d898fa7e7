import { expect, test } from "bun:test";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { ownFolder } from "../../../tests/cast/folder.ts";
import { openOutput, trimOutput } from "./output.ts";
import { screenPrinted } from "./printed.ts";

test("a byte keeps its number in the run's whole output, however often that is cut to its cap", () => {
  const data = ownFolder("printed");
  const folder = join(data, "output", "s_1");
  openOutput(folder, "r_1", 10);
  const printed = screenPrinted(data);
  let whole = "";
  for (let line = 0; line < 400; line++) {
    const text = `line ${line} ${"x".repeat(line % 37)}\n`;
    whole += text;
    appendFileSync(join(folder, "r_1.log"), text);
    if (line % 7 === 0) trimOutput(folder, "r_1", 2_000);
    const { begin, end } = printed.span("s_1", "r_1");
    expect(end).toBe(whole.length);
    expect(end - begin).toBeLessThanOrEqual(2_500);
    expect(new TextDecoder().decode(printed.read("s_1", "r_1", begin, 5_000).bytes)).toBe(whole.slice(begin));
  }
  expect(printed.span("s_1", "r_1").begin).toBeGreaterThan(5_000);
  openOutput(folder, "r_2", 1);
  expect(printed.runs("s_1")).toEqual(["r_2"]);
  expect(printed.span("s_1", "r_1")).toEqual({ begin: 0, end: 0 });
});

test("what is printed is told", async () => {
  const data = ownFolder("printed-watch");
  const printed = screenPrinted(data);
  expect(printed.watch("s_1", () => {})).toBeNull();
  openOutput(join(data, "output", "s_1"), "r_1", 10);
  const { promise, resolve } = Promise.withResolvers<void>();
  const leave = printed.watch("s_1", resolve);
  appendFileSync(join(data, "output", "s_1", "r_1.log"), "hello\n");
  await promise;
  leave?.();
});
