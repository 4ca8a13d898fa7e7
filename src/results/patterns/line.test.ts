import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Found } from "./engine.ts";
import { type LineContext, type Open, saidBy, timeOf } from "./line.ts";
import { linesIn } from "./lines.ts";
import type { Groups, PatternState } from "./pattern.ts";

const UZ = { id: "UZ_uzmobile", country: "UZ", operator: "uzmobile", operatorName: "UzMobile" };
const UA = { id: "UA_3mob", country: "UA", operator: "3mob", operatorName: "3Mob" };

/** Lines of a run, told one after the other; gives `id state pair` of each message. */
function told(lines: [PatternState, Groups][], more: Partial<LineContext> = {}): string[] {
  let open: readonly Open[] = [];
  return lines.flatMap(([state, groups], i) => {
    const found: Found = { index: 0, groups };
    const context = {
      run: "r_1",
      at: (i + 1) * 100,
      ids: "program" as const,
      pairs: [UZ],
      open,
      phoneHash: (n: string) => `#${n}`,
      ...more,
    };
    const said = saidBy(found, { state, regex: "" }, context);
    open = said.open;
    return said.messages.map((message) => `${message.message_id} ${message.state} ${message.country}_${message.operator}`);
  });
}

const LINES: [what: string, lines: [PatternState, Groups][], expected: string[]][] = [
  ["a line with an id is that message", [["submitted", { message_id: "a1" }]], ["a1 submitted UZ_uzmobile"]],
  ["one without is named for its run and place", [["submitted", {}]], ["r_1.2s submitted UZ_uzmobile"]],
  [
    "a final without an id is the newest that waits",
    [
      ["submitted", {}],
      ["submitted", { message_id: "a2" }],
      ["delivered", {}],
    ],
    ["r_1.2s submitted UZ_uzmobile", "a2 submitted UZ_uzmobile", "a2 delivered UZ_uzmobile"],
  ],
  [
    "the same number's, when the line has it",
    [
      ["submitted", { phone: "1" }],
      ["submitted", { phone: "2" }],
      ["delivered", { phone: "1" }],
    ],
    ["r_1.2s submitted UZ_uzmobile", "r_1.5k submitted UZ_uzmobile", "r_1.2s delivered UZ_uzmobile"],
  ],
  [
    "a second final without an id goes to the one before",
    [
      ["submitted", {}],
      ["submitted", {}],
      ["delivered", {}],
      ["undelivered", {}],
    ],
    ["r_1.2s submitted UZ_uzmobile", "r_1.5k submitted UZ_uzmobile", "r_1.5k delivered UZ_uzmobile", "r_1.2s undelivered UZ_uzmobile"],
  ],
  ["a final with nothing to speak of is a message of its own", [["delivered", {}]], ["r_1.2s delivered UZ_uzmobile"]],
  [
    "a hand-over follows an attempt, not another hand-over",
    [
      ["attempt", {}],
      ["submitted", {}],
      ["submitted", {}],
    ],
    ["r_1.2s attempt UZ_uzmobile", "r_1.2s submitted UZ_uzmobile", "r_1.8c submitted UZ_uzmobile"],
  ],
  [
    "a failed call follows an attempt only",
    [
      ["submitted", {}],
      ["failed", {}],
    ],
    ["r_1.2s submitted UZ_uzmobile", "r_1.5k failed UZ_uzmobile"],
  ],
  [
    "n are n messages, each with its place",
    [["submitted", { n: "2" }]],
    ["r_1.2s.1 submitted UZ_uzmobile", "r_1.2s.2 submitted UZ_uzmobile"],
  ],
  ["none are none", [["submitted", { n: "0" }]], []],
  ["an ignored line counts nothing", [["ignore", { message_id: "a1" }]], []],
];

for (const [what, lines, expected] of LINES) test(what, () => expect(told(lines)).toEqual(expected));

test("a session of several pairs: by what the line names, by its message, else the first", () => {
  const lines: [PatternState, Groups][] = [
    ["submitted", { message_id: "a1", country: "ua" }],
    ["delivered", { message_id: "a1" }],
    ["submitted", { message_id: "a2", operator: "UzMobile" }],
    ["submitted", { message_id: "a3", operator: "nobody" }],
  ];
  expect(told(lines, { pairs: [UZ, UA] })).toEqual([
    "a1 submitted UA_3mob",
    "a1 delivered UA_3mob",
    "a2 submitted UZ_uzmobile",
    "a3 submitted UZ_uzmobile",
  ]);
});

test("ids that begin anew with each start are told apart by their run", () => {
  expect(told([["submitted", { message_id: "1" }]], { ids: "run" })).toEqual(["r_1.1 submitted UZ_uzmobile"]);
});

test("credit is a number as people print it", () => {
  const context = { run: "r_1", at: 0, ids: "program" as const, pairs: [UZ], open: [], phoneHash: String };
  for (const [text, credit] of [
    ["1,234.50", 1234.5],
    ["88", 88],
    ["no", null],
  ] as const)
    expect(saidBy({ index: 0, groups: { credit: text } }, { state: "ignore", regex: "" }, context).credit).toBe(credit);
});

const NOW = Date.UTC(2026, 10, 20, 12, 0, 0);
const asUtc = (text: string) => Date.parse(`${text}Z`);
const TIMES: [what: string, text: string, since: number, expected: number][] = [
  ["a time since the last look counts", "2026-11-20 11:59:30 x", NOW - 60_000, NOW - 30_000],
  ["with brackets and fractions", "[2026-11-20T11:59:30,250] x", NOW - 60_000, NOW - 29_750],
  ["with an offset", "2026-11-20 16:59:30+05:00 x", NOW - 60_000, NOW - 30_000],
  ["of another time zone: now", "2026-11-20 16:59:30 x", NOW - 60_000, NOW],
  ["before the last look: now", "2026-11-20 11:00:00 x", NOW - 60_000, NOW],
  ["no time: now", "sent successfully", NOW - 60_000, NOW],
];
for (const [what, text, since, expected] of TIMES)
  test(`when a line was printed: ${what}`, () => expect(timeOf(text, since, NOW, asUtc)).toBe(expected));

test("however output is cut into pieces, the same lines begin at the same places", () => {
  const text = fc.array(fc.oneof(fc.string({ maxLength: 20 }), fc.constant("x".repeat(5_000)), fc.constant("")), { maxLength: 12 });
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 1, max: 6_000 }), { minLength: 1, maxLength: 20 }), (parts, sizes) => {
      const bytes = new TextEncoder().encode(parts.map((part) => part.replaceAll("\n", "")).join("\n"));
      const whole = linesIn(bytes, { inLongLine: false, most: 1_000, last: true });
      const pieces: { text: string; at: number }[] = [];
      let place = 0;
      let inLongLine = false;
      let end = 0;
      for (let turn = 0; place < bytes.length; turn++) {
        end = Math.min(bytes.length, Math.max(end, place) + sizes[turn % sizes.length]!);
        const read = linesIn(bytes.subarray(place, end), { inLongLine, most: 3, last: end === bytes.length });
        for (const line of read.lines) pieces.push({ text: line.text, at: place + line.at });
        place += read.used;
        inLongLine = read.inLongLine;
      }
      expect(pieces).toEqual(whole.lines);
    }),
  );
});
