import { expect, test } from "bun:test";
import { commandLine, maskedCommand } from "./masked-command.ts";

const cases: [string, string[], string[]][] = [
  ["a flag's value", ["--token", "abc"], ["--token", "••••"]],
  ["a flag with an equals sign", ["--api-key=abc"], ["--api-key=••••"]],
  ["an assignment", ["DB_PASSWORD=abc"], ["DB_PASSWORD=••••"]],
  ["short dashes", ["-password", "abc"], ["-password", "••••"]],
  ["a flag without a value", ["--token", "--verbose"], ["--token", "--verbose"]],
  ["a login in a URL", ["https://user:pw@gw.example/send"], ["https://••••@gw.example/send"]],
  ["a URL's query", ["https://gw.example/?key=abc&to=x"], ["https://gw.example/?key=••••&to=x"]],
  ["a header", ["-H", "Authorization: Bearer abc"], ["-H", "Authorization: ••••"]],
  ["a script after -c", ["sh", "-c", "run --password 'a b' TOKEN=x y"], ["sh", "-c", "run --password •••• TOKEN=•••• y"]],
  ["a Telegram token", ["123456789:AAHfiqksKZ8WmR2zMRPbZs0cvF3QzaUkDcw"], ["••••"]],
  ["our own tokens", ["x", "sbt_abcdefgh12345"], ["x", "••••"]],
  ["a phone number", ["--to", "+998901234567"], ["--to", "+99890••••67"]],
  ["controls", ["\x1b[31mred\x07"], ["red"]],
  [
    "what only sounds like one",
    ["--keyboard", "us", "--monkey=x", "--country", "IN"],
    ["--keyboard", "us", "--monkey=x", "--country", "IN"],
  ],
];
test.each(cases)("%s", (_, command, shown) => {
  expect(maskedCommand(command)).toEqual(shown);
});

test("a line has quotes only where people need them", () => {
  expect(commandLine(["python3", "my program.py", "--x=1", "it's"])).toBe("python3 'my program.py' --x=1 'it'\\''s'");
});
