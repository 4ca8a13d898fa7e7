import { describe, expect, test } from "bun:test";
import { maskLine, presentable, stripControls } from "./mask.ts";

describe("masks", () => {
  const cases: [string, string][] = [
    [
      "2026-11-20 12:06:30 +998901234567 OTP sent successfully id=a81f3c",
      "2026-11-20 12:06:30 +99890••••67 OTP sent successfully id=a81f3c",
    ],
    ["to 998901234567", "to 99890••••67"],
    ["call +998 90 123-45-67 now", "call +99890••••67 now"],
    ["short +1234567", "short +123••••67"],
    ["eight 12345678", "eight 123••••78"],
    ["Your code is 123456", "Your code is ••••"],
    ["OTP: 4821", "OTP: ••••"],
    ["otp=4821&to=x", "otp=••••&to=x"],
    ["pin 12345678 ok", "pin •••• ok"],
    ["482910 is your verification code", "•••• is your verification code"],
    ["passcode 482910", "passcode ••••"],
  ];
  for (const [raw, masked] of cases) test(`${raw} -> ${masked}`, () => expect(maskLine(raw)).toBe(masked));
});

describe("leaves alone what tells of a failure", () => {
  const cases = [
    "2026-11-20 12:06:44 error 30003 absent subscriber",
    "failed, error 30008 unknown error",
    "error code 30008",
    "exit code 1234",
    'error_code": 30003',
    "urllib.error.URLError: <urlopen error [Errno 111] Connection refused>",
    '  File "program1.py", line 41, in <module>',
    "spinning 12345 coders",
    "encoder 4821",
  ];
  for (const line of cases) test(line, () => expect(maskLine(line)).toBe(line));
});

describe("strips what moves a cursor", () => {
  const cases: [string, string][] = [
    ["\x1b[31mred\x1b[0m", "red"],
    ["\x1b]0;title\x07text", "text"],
    ["10%\r20%\r30%\r", "30%"],
    ["bell\x07 and null\x00", "bell and null"],
    ["tab\there", "tab\there"],
    ["\x1b(Bplain\x1b=", "plain"],
    ["c1 \x9b31m", "c1 31m"],
  ];
  for (const [raw, clean] of cases) test(JSON.stringify(raw), () => expect(stripControls(raw)).toBe(clean));
});

test("a number cut up by colour is still masked", () => {
  expect(presentable("+99890\x1b[1m1234567\x1b[0m sent")).toBe("+99890••••67 sent");
});
