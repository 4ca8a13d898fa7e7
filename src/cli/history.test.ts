import { expect, test } from "bun:test";
import { type MomentAnswer, told } from "./history.ts";

const base: MomentAnswer = {
  at: "2026-01-05T12:00:03.500Z",
  title: "Started",
  by: "signalbox",
  who: "signalbox",
  why: null,
  end: null,
};
const end = { lasted_seconds: 725, last_lines: ["Traceback", "boom"] };

test("a line for each, with the last lines of an end below it when asked for", () => {
  const moments: MomentAnswer[] = [
    { ...base, title: "Program edited: program1", by: "person", who: "anna" },
    { ...base, title: "Ended: exit code 3", by: "program", who: null, end },
  ];
  expect(told(moments, false)).toEqual([
    "TIME                 WHAT                      BY      LASTED  WHY",
    "2026-01-05 12:00:03  Program edited: program1  anna",
    "2026-01-05 12:00:03  Ended: exit code 3        itself  12m 5s",
  ]);
  expect(told(moments, true).slice(2)).toEqual([
    "2026-01-05 12:00:03  Ended: exit code 3        itself  12m 5s",
    "  | Traceback",
    "  | boom",
  ]);
});
