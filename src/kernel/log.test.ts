import { expect, test } from "bun:test";
import { openLog } from "./log.ts";

function capture(level: "debug" | "warn", journal = false) {
  const lines: string[] = [];
  return { lines, log: openLog({ level, journal, now: () => 0, write: (line) => lines.push(line) }) };
}

test("one JSON line an event, with the fields of its part", () => {
  const { lines, log } = capture("debug");
  log.with({ part: "fleet" }).info("started", { session: "s_1" });
  expect(lines.length).toBe(1);
  expect(JSON.parse(lines[0]!)).toEqual({
    at: "1970-01-01T00:00:00.000Z",
    level: "info",
    message: "started",
    part: "fleet",
    session: "s_1",
  });
});

test("says nothing below its level", () => {
  const { lines, log } = capture("warn");
  log.info("hidden");
  log.error("shown", { error: new Error("disk") });
  expect(lines.length).toBe(1);
  expect(JSON.parse(lines[0]!)).toMatchObject({ error: "disk" });
});

test("for the journal each line carries its priority", () => {
  const { lines, log } = capture("warn", true);
  log.warn("slow");
  expect(lines[0]).toStartWith("<4>{");
});
