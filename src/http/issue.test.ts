import { expect, test } from "bun:test";
import { type ZodType, z } from "zod";
import { plainIssues, wordsOfIssue } from "./issue.ts";

// Zod's own sentences, so that a new version of it that words them differently is seen here.
const cases: [ZodType, unknown, string][] = [
  [z.string(), undefined, "is required (string)"],
  [z.string(), 4, "must be string, not number"],
  [z.number(), Number.NaN, "must be number, not NaN"],
  [z.number().min(0), -1, "must be at least 0"],
  [z.int().min(0), -1, "must be at least 0"],
  [z.number().gt(0), 0, "must be more than 0"],
  [z.number().max(1000), 1e9, "must be at most 1000"],
  [z.number().lt(5), 5, "must be less than 5"],
  [z.number().int(), 1.5, "must be a whole number"],
  [z.string().min(1), "", "must not be empty"],
  [z.string().min(10), "short", "must have at least 10 characters"],
  [z.string().max(2), "abc", "must have at most 2 characters"],
  [z.array(z.string()).min(1), [], "must name at least one"],
  [z.array(z.string()).max(1), ["a", "b"], "must name at most 1"],
  [z.enum(["up", "down"]), "sideways", "must be up or down"],
  [z.enum(["viewer", "operator", "admin"]), "boss", "must be viewer, operator or admin"],
  [z.string().regex(/^a$/, "must be an a"), "b", "must be an a"],
  [z.literal(true), false, "must be true"],
  [z.iso.datetime({ offset: true }), "tomorrow", "must be a time with its offset, like 2026-12-31T18:00:00Z"],
];

test.each(cases)("%#: what zod says of it is said in plain words", (schema, value, words) => {
  const message = schema.safeParse(value).error?.issues[0]?.message ?? "";
  expect(wordsOfIssue(message)).toBe(words);
});

const shapes = z.object({
  who: z.union([z.strictObject({ name: z.string(), age: z.int() }), z.strictObject({ names: z.array(z.string()) }), z.array(z.string())]),
});
const environment = z.object({ environment: z.record(z.string().regex(/^[A-Z]+$/, "must be capitals"), z.string()) });
const faults: [string, ZodType, unknown, string[]][] = [
  ["of no shape", shapes, { who: 4 }, ["who must be object or array, not number"]],
  ["that is missing", shapes, {}, ["who is required (object or array)"]],
  ["of a shape, with a fault", shapes, { who: { name: "a", age: "b" } }, ["who.age must be number, not string"]],
  ["with a field too many", shapes, { who: { names: [], "": 1 } }, ["who. is not known here"]],
  ["in a list", shapes, { who: ["a", 4] }, ["who.1 must be string, not number"]],
  ["whose name is none", environment, { environment: { a: "x" } }, ["environment.a must be capitals"]],
];

test.each(faults)("a field %s is named with what is wrong", (_, schema, value, said) => {
  const issues = plainIssues(schema.safeParse(value).error!.issues);
  expect(issues.map(({ path, message }) => `${path.map(String).join(".")} ${message}`)).toEqual(said);
});
