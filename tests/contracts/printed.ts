/** What everything that keeps what programs print must do. */

import { expect, test } from "bun:test";
import type { Printed } from "../../src/results/patterns/printed.ts";

export interface Printing {
  printed: Printed;
  /** A run begins, of which and of whose predecessors so many are kept. */
  begin(session: string, run: string, keep: number): void;
  print(session: string, run: string, text: string): void;
  /** Cuts the run's output to about so many bytes. */
  cut(session: string, run: string, bytes: number): void;
}

export function printedContract(name: string, open: () => Printing): void {
  test(`${name}: a byte keeps its number in the run's whole output, however often that is cut to its cap`, () => {
    const { printed, begin: start, print, cut } = open();
    start("s_1", "r_1", 10);
    let whole = "";
    for (let line = 0; line < 400; line++) {
      const text = `line ${line} ${"x".repeat(line % 37)}\n`;
      whole += text;
      print("s_1", "r_1", text);
      if (line % 7 === 0) cut("s_1", "r_1", 2_000);
      const { begin, end } = printed.span("s_1", "r_1");
      expect(end).toBe(whole.length);
      expect(end - begin).toBeLessThanOrEqual(2_500);
      expect(new TextDecoder().decode(printed.read("s_1", "r_1", begin, 5_000).bytes)).toBe(whole.slice(begin));
    }
    expect(printed.span("s_1", "r_1").begin).toBeGreaterThan(5_000);
    // What is asked for from before the kept part begins there; never more than was asked for.
    const { from, bytes, begin } = printed.read("s_1", "r_1", 0, 10);
    expect([from, bytes.length]).toEqual([begin, 10]);
    start("s_1", "r_2", 1);
    expect(printed.runs("s_1")).toEqual(["r_2"]);
    expect(printed.span("s_1", "r_1")).toEqual({ begin: 0, end: 0 });
  });

  test(`${name}: what is printed is told; what is not there yet is not watched`, async () => {
    const { printed, begin, print } = open();
    expect(printed.watch("s_1", () => {})).toBeNull();
    begin("s_1", "r_1", 10);
    const { promise, resolve } = Promise.withResolvers<void>();
    const leave = printed.watch("s_1", resolve);
    print("s_1", "r_1", "hello\n");
    await promise;
    leave?.();
  });
}
