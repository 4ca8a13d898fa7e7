import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { newPair, programInput } from "./input.ts";
import { createPair } from "./pair.ts";
import { fillTemplate, placeholders, splitTemplate, takesOnePair } from "./template.ts";

describe("a template is split as people type it", () => {
  const cases: [string, string[]][] = [
    ["python3 program1.py --country {country}", ["python3", "program1.py", "--country", "{country}"]],
    ['python3 "my program.py"', ["python3", "my program.py"]],
    ["python3 'it is'  here", ["python3", "it is", "here"]],
    ["a\\ b c", ["a b", "c"]],
    ['say "" end', ["say", "", "end"]],
    ['"a\\"b"', ['a"b']],
    ["x; rm -rf /", ["x;", "rm", "-rf", "/"]],
  ];
  for (const [text, parts] of cases) test(text, () => expect(splitTemplate(text)).toEqual(parts));

  test("an open quote is refused", () => expect(() => splitTemplate("python3 'oops")).toThrow("never closed"));
  test("nothing is refused", () => expect(() => splitTemplate("  ")).toThrow("must name a command"));
});

test("whatever a name holds, it stays one argument", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (operatorName, session) => {
      const pair = createPair(newPair.parse({ country: "IN", operator: "vi", operator_name: operatorName.trim() || "Vi" }), 0);
      const filled = fillTemplate(["run", "{session}", "--op={operator}", "{pairs}"], "p", session, [pair]);
      expect(filled).toEqual(["run", session, "--op=vi", "IN_vi"]);
    }),
  );
});

test("a template that names one pair takes one", () => {
  expect(takesOnePair(["a", "{country}"])).toBe(true);
  expect(takesOnePair(["a", "{pairs}", "{session}"])).toBe(false);
  expect(placeholders(["{a}-{b}", "c"])).toEqual(["a", "b"]);
});

describe("a program is refused with the field and what it must be", () => {
  const good = { name: "program1", template: "python3 p.py {pair}", folder: "/srv/sms" };
  const cases: [string, Record<string, unknown>, string, string][] = [
    ["a name for a shell", { name: "p; rm -rf /" }, "name", "letters, digits"],
    ["an unknown placeholder", { template: "run {contry}" }, "template", "{contry}"],
    ["a relative folder", { folder: "sms" }, "folder", "absolute"],
    ["an empty command", { template: "" }, "template", ""],
    ["a bad variable", { environment: { "A-B": "1" } }, "environment", "variable name"],
    ["an unknown field", { colour: "red" }, "", "colour"],
  ];
  for (const [name, change, field, words] of cases)
    test(name, () => {
      const result = programInput.safeParse({ ...good, ...change });
      expect(result.success).toBe(false);
      const text = JSON.stringify(result.error?.issues);
      expect(text).toContain(field);
      expect(text).toContain(words);
    });
});
