import { expect, test } from "bun:test";
import { newPair, programInput } from "../pairs/input.ts";
import { createPair, type Pair } from "../pairs/pair.ts";
import { type Program, programFrom } from "../pairs/program.ts";
import { openGuesser } from "./guess.ts";

const pair = (country: string, operator: string, name?: string): Pair =>
  createPair(newPair.parse({ country, operator, ...(name ? { operator_name: name } : {}) }), 0);
const program = (name: string, template: string): Program => programFrom(programInput.parse({ name, template, folder: "/opt/sms" }), 0);

const pairs = [
  pair("UZ", "uzmobile", "UzMobile"),
  pair("UZ", "uz"),
  pair("IN", "vi", "Vi India"),
  pair("IN", "airtel"),
  pair("AZ", "azercell"),
  pair("UA", "3mob"),
  pair("GB", "ee"),
];
const programs = [
  program("program1", "python3 program1.py --country {country} --operator {operator} --session {session}"),
  program("program2", "python3 program2.py {country} {operator}"),
  program("program3", "python3 program3.py --pairs={pairs}"),
];
const { guess } = openGuesser({ programs: () => programs, pairs: () => pairs });

// The names as they stand in a real `screen -ls`: spaces and underscores mean the same.
const names: [string, string | null, string[]][] = [
  ["program1 IN vi", "program1", ["IN_vi"]],
  ["program1_AZ_azercell", "program1", ["AZ_azercell"]],
  ["program2 UA 3mob", "program2", ["UA_3mob"]],
  ["program1_UZ_uzmobile", "program1", ["UZ_uzmobile"]],
  ["program1_UZ_uz", "program1", ["UZ_uz"]],
  ["PROGRAM1  IN  Vi India", "program1", ["IN_vi"]],
  ["program2-UK-ee", "program2", ["GB_ee"]],
  ["IN airtel", null, ["IN_airtel"]],
  ["program3", "program3", []],
  ["program1 IN", null, []],
  ["program9_IN_vi", null, []],
  ["backup", null, []],
  ["", null, []],
];
test.each(names)("the name %p is looked up and never split: %p %p", (name, program, found) => {
  expect(guess(name, [["bash"]])).toMatchObject({ program, pairs: found });
});

const commands: [string, string[], string | null, string[]][] = [
  ["as defined", ["python3", "program1.py", "--country", "IN", "--operator", "vi", "--session", "x"], "program1", ["IN_vi"]],
  [
    "in another order, with another spelling",
    ["/usr/bin/python3", "./program1.py", "--operator=vi", "--country=IN", "-v"],
    "program1",
    ["IN_vi"],
  ],
  ["by place", ["python3", "/opt/sms/program2.py", "UA", "3mob"], "program2", ["UA_3mob"]],
  ["with more behind it", ["python3", "program2.py", "UA", "3mob", "--fast"], "program2", ["UA_3mob"]],
  ["several pairs", ["python3", "program3.py", "--pairs=IN_vi,IN_airtel"], "program3", ["IN_vi", "IN_airtel"]],
  ["one of several unknown", ["python3", "program3.py", "--pairs=IN_vi,IN_nobody"], "program3", []],
  ["an unknown pair", ["python3", "program2.py", "XX", "nobody"], "program2", []],
  ["another script", ["python3", "program4.py", "UA", "3mob"], null, []],
];
test.each(commands)("a command %s", (_, command, program, found) => {
  expect(guess("screen", [command])).toMatchObject({ program, pairs: found });
});

test("the command is believed before the name, and the name fills in what the command leaves open", () => {
  const vi = ["python3", "program2.py", "IN", "vi"];
  expect(guess("program1_UZ_uzmobile", [vi])).toEqual({ program: "program2", pairs: ["IN_vi"], by: "command" });
  expect(guess("program1_UZ_uzmobile", [["python3", "program1.py"]])).toEqual({ program: "program1", pairs: ["UZ_uzmobile"], by: "name" });
  expect(guess("x", [["bash", "run.sh"], vi])).toMatchObject({ program: "program2" });
});

test("two programs that fit equally well are no answer, unless the name decides", () => {
  const twins = openGuesser({ programs: () => [program("one", "run.py {pair}"), program("two", "run.py {pair}")], pairs: () => pairs });
  expect(twins.guess("x", [["run.py", "IN_vi"]])).toEqual({ program: null, pairs: [], by: null });
  expect(twins.guess("two IN vi", [["run.py", "IN_vi"]])).toEqual({ program: "two", pairs: ["IN_vi"], by: "command" });
});

test("retired pairs are not guessed", () => {
  const retired = openGuesser({ programs: () => programs, pairs: () => [{ ...pairs[2]!, retiredAt: 1 }] });
  expect(retired.guess("program1 IN vi", [])).toMatchObject({ program: null, pairs: [] });
});
