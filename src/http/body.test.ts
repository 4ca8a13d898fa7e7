import { expect, test } from "bun:test";
import { Hono } from "hono";
import { z } from "zod";
import { AppError } from "../kernel/errors.ts";
import { type Parser, readBody, readText } from "./body.ts";

const pairs = z.strictObject({ name: z.string(), pairs: z.array(z.strictObject({ country: z.string().length(2) })).optional() });

/** What reading a body gives, or the error it throws. */
async function read<T>(schema: Parser<T>, body: string | undefined, type?: string, maxBytes?: number): Promise<unknown> {
  const app = new Hono();
  let outcome: unknown;
  app.post("/", async (context) => {
    outcome = await readBody(context, schema, maxBytes).catch((error) => error);
    return context.body(null);
  });
  await app.request("/", { method: "POST", body, headers: type === undefined ? {} : { "content-type": type } });
  return outcome;
}

const anything = z.unknown();

test.each([
  ["JSON", '{"name":"a"}', "application/json", { name: "a" }],
  ["JSON with a charset", '{"name":"a"}', "application/json; charset=utf-8", { name: "a" }],
  ["a form", "name=a+b&tag=x&tag=y&pair[]=1", "application/x-www-form-urlencoded", { name: "a b", tag: ["x", "y"], pair: ["1"] }],
  ["JSON that curl -d calls a form", ' {"name":"a"}', "application/x-www-form-urlencoded", { name: "a" }],
  ["nothing at all", undefined, undefined, {}],
  ["text that is JSON", "[1]", "text/plain", [1]],
])("reads %s", async (_, body, type, value) => {
  expect(await read(anything, body, type)).toEqual(value);
});

test.each([
  ["a missing field", {}, [{ field: "name", message: "is required (string)" }]],
  ["a field of the wrong type", { name: 4 }, [{ field: "name", message: "must be string, not number" }]],
  ["a field inside a list", { name: "a", pairs: [{ country: 1 }] }, [{ field: "pairs[0].country", message: "must be string, not number" }]],
  ["an unknown field", { name: "a", nmae: "b" }, [{ field: "nmae", message: "is not known here" }]],
  ["an unknown field inside", { name: "a", pairs: [{ country: "UZ", x: 1 }] }, [{ field: "pairs[0].x", message: "is not known here" }]],
  ["no object", 5, [{ field: "(body)", message: "must be object, not number" }]],
])("names %s as the caller wrote it", async (_, value, errors) => {
  const error = await read(pairs, JSON.stringify(value), "application/json");
  expect(error).toMatchObject({ code: "invalid", details: { errors } });
});

test.each([
  ["half a document", '{"name":', "line 1, column 9: found the end where a value should be"],
  ["a word", '{\n  "name": yes\n}', "line 2, column 11: found yes where a value should be"],
  ["a comma too many", '{"a":1,}', "line 1, column 8: found } where a name should be"],
  ["single quotes", "{'a':1}", "line 1, column 2: found 'a' where a name or } should be"],
  ["something after the end", '{"a":1} {', "line 1, column 9: found { where the end should be"],
])("says where malformed JSON breaks: %s", async (_, text, where) => {
  const error = await read(anything, text, "application/json");
  expect(error).toMatchObject({ code: "invalid", message: `The body is not valid JSON: ${where}` });
});

test("deeply nested rubbish is refused, not crashed on", async () => {
  expect(await read(anything, "[".repeat(60_000), "application/json")).toMatchObject({ code: "invalid" });
});

test("a name like __proto__ stays a field", async () => {
  const value = await read(anything, '{"__proto__":{"admin":true}}', "application/json");
  expect((value as { admin?: boolean }).admin).toBeUndefined();
  expect(await read(anything, "__proto__=1&name=a", "application/x-www-form-urlencoded")).toMatchObject({ name: "a" });
});

test("a type it cannot read is 415", async () => {
  expect(await read(anything, "<a/>", "application/xml")).toMatchObject({ code: "unsupported" });
  expect(await read(anything, "x", "multipart/form-data; boundary=a")).toMatchObject({ code: "unsupported" });
});

test("a body over the cap is refused by its stated length", async () => {
  expect(await read(anything, JSON.stringify("x".repeat(70_000)), "application/json")).toMatchObject({ code: "too_large" });
  expect(await read(anything, "[1,2,3]", "application/json", 6)).toMatchObject({ code: "too_large" });
});

test("a body without a stated length is refused as soon as it is over the cap, and the rest is never read", async () => {
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(1000));
    },
  });
  const app = new Hono();
  app.post("/", async (context) => {
    const error = await readText(context, 10_000).catch((thrown) => thrown);
    return context.text(error instanceof AppError ? error.code : "read");
  });
  const response = await app.request(new Request("http://localhost/", { method: "POST", body: endless }));
  expect(await response.text()).toBe("too_large");
  expect(pulled).toBeLessThan(20);
});
