import { expect, test } from "bun:test";
import { parse } from "./arguments.ts";
import type { Failed } from "./exit.ts";
import { EXIT } from "./exit.ts";
import { overview, page } from "./help.ts";
import { words } from "./log-format.ts";
import { joined, outputOf } from "./logs.ts";
import { row } from "./ps.ts";
import type { SessionAnswer } from "./sessions.ts";
import { duration, table } from "./terminal.ts";
import { verbs } from "./verbs.ts";

function refused(argv: string[]): Failed {
  try {
    parse(argv, verbs);
  } catch (error) {
    return error as Failed;
  }
  throw new Error("was accepted");
}

test("a verb takes its own flags, the settings as flags, and operands in any order", () => {
  const parsed = parse(["stop", "-r", "maintenance", "program1_UZ_uzmobile", "--data-dir=/srv/a", "--json", "--", "--odd"], verbs);
  expect(parsed.verb.name).toBe("stop");
  expect(parsed.operands).toEqual(["program1_UZ_uzmobile", "--odd"]);
  expect(parsed.flags.reason).toBe("maintenance");
  expect(parsed.settings).toEqual({ dataDir: "/srv/a" });
  expect(parsed.json).toBe(true);
});

test("two-word verbs are found by both words", () => {
  expect(parse(["user", "add", "anna"], verbs)).toMatchObject({ verb: { name: "user add" }, operands: ["anna"] });
  expect(parse(["config", "check", "--config", "x.toml"], verbs)).toMatchObject({ file: "x.toml" });
});

const wrong: [string[], string][] = [
  [["fly"], 'there is no verb "fly"'],
  [["user"], "user needs one of: add, list, password"],
  [["user", "fly"], "user needs one of: add, list, password"],
  [["ps", "--fly"], "Unknown option '--fly'"],
  [["stop", "--reason"], "argument missing"],
  [["stop", "--reason", "--json"], "--reason needs a value, and what follows it is another flag. "],
  [["serve", "--json=yes"], "does not take an argument"],
  [["permits", "verify", "UZ.csv"], 'permits verify takes no "UZ.csv"'],
];
test.each(wrong)("%p is a usage error that says what is possible", (argv, sentence) => {
  const failed = refused(argv);
  expect(failed.code).toBe(EXIT.usage);
  expect(failed.message).toContain(sentence);
});

test("every verb has a page that names it, its flags and the exit codes", () => {
  const all = overview(verbs).join("\n");
  for (const verb of verbs) {
    const text = page(verb).join("\n");
    expect(all).toContain(verb.name);
    expect(text).toContain(`signalbox ${verb.name} - ${verb.summary}`);
    for (const flag of Object.keys(verb.flags ?? {})) expect(text).toContain(`--${flag}`);
    expect(text).toContain("3 Signalbox is not running");
    for (const line of text.split("\n")) expect(line.length).toBeLessThan(160);
  }
});

const session: SessionAnswer = {
  id: "s_1",
  name: "program1_UZ_uzmobile",
  program: "program1",
  pairs: ["UZ_uzmobile"],
  state: "running",
  why: "running for 2 h",
  run: "r_1",
  pid: 4242,
  screen_pid: 4240,
  started_at: "2026-01-05T10:00:00.000Z",
  restarts: 1,
  desired: { state: "up" },
  total: { sent: 120, delivered: 98, undelivered: 2, failed: 1 },
  rate: { kind: "rate", value: 0.8167, lower: 0.7, upper: 0.9, n: 98 },
};
const noon = Date.UTC(2026, 0, 5, 12);

test("ps shows what the board shows: the word, pid, uptime, counts and rate, and why when it is not running", () => {
  expect(row(session, noon).join(" | ")).toBe(
    "● running | program1_UZ_uzmobile | program1 | UZ_uzmobile | 4242 | 2h 0m | 1 | 120 | 98 | 3 | 81.7% | ",
  );
  const retrying = {
    ...session,
    state: "backoff" as const,
    pid: null,
    why: "killed by signal 9 (KILL)",
    rate: { kind: "insufficient" as const, n: 2, needed: 30 },
  };
  expect(row(retrying, noon).join(" | ")).toBe(
    "△ retrying | program1_UZ_uzmobile | program1 | UZ_uzmobile | - | - | 1 | 120 | 98 | 3 | - | killed by signal 9 (KILL)",
  );
});

test("tables line up, numbers to the right, wide letters counted as they are seen", () => {
  expect(
    table(
      ["NAME", "N", "WHY"],
      [
        ["ä", "5", "x"],
        ["bcdef", "12", ""],
      ],
    ),
  ).toEqual(["NAME    N  WHY", "ä       5  x", "bcdef  12"]);
});

test("durations read like people say them", () => {
  expect([0, 41_000, 725_000, 10_920_000, 435_600_000].map(duration)).toEqual(["0s", "41s", "12m 5s", "3h 2m", "5d 1h"]);
});

test("followed output comes from the stream's chunks, wherever they are cut, and beats are not output", () => {
  const heard: string[] = [];
  const read = outputOf((lines) => heard.push(...lines));
  const stream =
    'retry: 1000\nevent: beat\ndata: 1\n\nevent: session:a\ndata: {"kind":"snapshot","parts":{}}\n\nevent: session:a\ndata: {"kind":"content","data":{"output":["zero"]}}\n\nevent: session:a\ndata: {"kind":"append","data":{"output":["one","two"]}}\n\nevent: session:a\ndata: {"kind":"append","data":{"output":["three"]}}\n\n';
  for (const letter of stream) read(letter);
  expect(heard).toEqual(["one", "two", "three"]);
});

test("lines that came while the past was asked for are neither lost nor said twice", () => {
  expect(joined(["a", "b", "c"], ["b", "c", "d"])).toEqual(["a", "b", "c", "d"]);
  expect(joined(["a"], ["b"])).toEqual(["a", "b"]);
  expect(joined(["a", "a"], ["a", "a", "a"])).toEqual(["a", "a", "a"]);
  expect(joined([], ["x"])).toEqual(["x"]);
});

test("a log line for the terminal keeps its time, level, words and fields", () => {
  const line = JSON.stringify({ at: "2026-01-05T12:00:01.000Z", level: "warn", message: "store: slow", ms: 42, path: "/x y" });
  expect(words(line)).toBe("12:00:01 warn  store: slow ms=42 path=/x y\n");
});
