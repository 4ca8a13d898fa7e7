import { expect, test } from "bun:test";
import { type MomentAnswer, told } from "./history.ts";

const base: MomentAnswer = {
  at: "2026-01-05T12:00:03.500Z",
  event: "run.start",
  by: "signalbox",
  who: "signalbox",
  why: null,
  subject: null,
  end: null,
};
const end = { words: "exit code 3", outcome: "crashed", lasted_seconds: 725, last_lines: ["Traceback", "boom"] };

test("a line for each, with the last lines of an end below it when asked for", () => {
  const moments: MomentAnswer[] = [
    { ...base, event: "program.update", by: "person", who: "anna", subject: "program:program1" },
    { ...base, event: "run.end", by: "program", who: null, end },
  ];
  expect(told(moments, false)).toEqual([
    "TIME                 WHAT                     BY      LASTED  WHY",
    "2026-01-05 12:00:03  program.update program1  anna",
    "2026-01-05 12:00:03  crashed: exit code 3     itself  12m 5s",
  ]);
  expect(told(moments, true).slice(2)).toEqual([
    "2026-01-05 12:00:03  crashed: exit code 3     itself  12m 5s",
    "  | Traceback",
    "  | boom",
  ]);
});
