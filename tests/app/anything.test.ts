/** Whatever is sent to whatever address: an answer in time, never a 500, a problem that names what is wrong; and what was refused changed nothing. */

import { expect, test } from "bun:test";
import fc from "fast-check";
import { pathOf } from "../../src/http/openapi.tsx";
import { type RouteServices, routes } from "../../src/http/routes.ts";
import type { DocumentKind } from "../../src/pairs/documents.ts";
import { openHouse } from "../cast/house.ts";

const house = await openHouse();
const KINDS: readonly DocumentKind[] = ["country", "pair", "program", "session", "user", "setting"];

const everything = async () => JSON.stringify(await house.app.services.documents.load(KINDS));
await house.api("POST", "/api/programs", { name: "program1", template: "sleep 600", folder: "/tmp" });
await house.api("POST", "/api/pairs", { country: "UZ", operator: "uzmobile", programs: ["program1"] });
await house.api("POST", "/api/pairs", { country: "IN", operator: "vi" });
const spec = (await house.api("GET", "/api/openapi.json")).json;

/** Stands for every part of the house: a list of routes only names them. */
const nothing: unknown = new Proxy(() => nothing, { get: () => nothing });
// Streams never end, and a login that ends or another password would be the end of the test.
const APART = /^\/events$|^\/log(in|out)|^\/setup$|^\/api\/auth\/|^\/api\/users\/\{name\}$|\*/;
const PARTS =
  "access assets client clock desired directory documents errorClasses events fleet holds loops metrics nodeName operations permits publicUrl results roster stalled storeWritable strangers";
const targets = routes(Object.fromEntries(PARTS.split(" ").map((part) => [part, nothing])) as unknown as RouteServices)
  .map(({ method, path, page }) => ({ method, path: pathOf(path), page: page === true }))
  .filter(({ path }) => !APART.test(path));

// No word that does anything as a program: some of these become a template.
const words = [
  "",
  " ",
  "UZ",
  "uz",
  "ZZ",
  "uzmobile",
  "UZ_uzmobile",
  "IN_vi",
  "program1",
  "program1_UZ_uzmobile",
  "up",
  "down",
  "true",
  "-1",
  "1e400",
  "NaN",
  "null",
  "2026-12-01T00:00:00Z",
  "9999-99-99",
  "__proto__",
  "constructor",
  "../../nowhere",
  "a\r\nX-Injected: 1",
  "\0",
  "\ud800",
  "💩",
  "\u202e",
  "a".repeat(70_000),
]; // prettier-ignore
const numbers = [0, -0, -1, 1, 1.5, 10, 1e9, 2 ** 53, 1e308, -1e308];
const odd = fc.oneof(
  fc.constantFrom<unknown>(...words, ...numbers, null, true, false, [], {}, [[]], [null], { a: { b: [{}] } }),
  fc.jsonValue({ maxDepth: 3 }),
  fc.integer(),
);
const THERE: Readonly<Record<string, readonly string[]>> = {
  pairs: ["UZ_uzmobile", "IN_vi"],
  programs: ["program1"],
  sessions: ["program1_UZ_uzmobile"],
  countries: ["UZ"],
  permits: ["UZ", "IN"],
};
const segment = (noun: string) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...(THERE[noun] ?? ["1-1", "nobody"])) },
    { weight: 1, arbitrary: fc.constantFrom(...words, "..", "%").map((word) => encoded(word.slice(0, 5_000))) },
    { weight: 1, arbitrary: fc.constantFrom("%00", "%ff%fe", "%zz", "%2e%2e%2fetc%2fpasswd", "%0d%0aX-Injected:%201") },
  );
const query = fc.oneof(
  { weight: 4, arbitrary: fc.constant("") },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          "limit",
          "tail",
          "run",
          "search",
          "cursor",
          "topics",
          "q",
          "next",
          "back",
          "done",
          "from",
          "to",
          "preview",
          "sort",
          "format",
        ),
        fc.constantFrom(...words, "99999999999", "//elsewhere.example", "(((((", "<script>"),
      )
      .map(([name, value]) => `?${name}=${encoded(value.slice(0, 5_000))}`),
  },
);

interface Asked {
  method: string;
  path: string;
  page: boolean;
  type: string;
  body: string | undefined;
}

const request: fc.Arbitrary<Asked> = fc.constantFrom(...targets).chain(({ method, path, page }) => {
  const schema = spec.paths[path]?.[method.toLowerCase()]?.requestBody?.content?.["application/json"]?.schema;
  const parts = fc.array(segment(path.replace("/api", "").split("/")[1] ?? ""), { minLength: 4, maxLength: 4 });
  const ways = fc.constantFrom(...Array<string>(12).fill(method), "GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "PURGE");
  return fc.tuple(parts, query, ways, body(schema, page)).map(([names, asked, way, [type, text]]) => {
    let at = 0;
    const address = path.replace(/\{[^}]+\}/g, () => names[at++ % names.length]!);
    return { method: way, path: address + asked, page, type, body: way === "GET" || way === "HEAD" ? undefined : text };
  });
});

// biome-ignore lint/suspicious/noExplicitAny: a JSON schema, as OpenAPI holds it.
function body(schema: any, page: boolean): fc.Arbitrary<[string, string | undefined]> {
  const json = (value: unknown) => JSON.stringify(value);
  const names = [...Object.keys(schema?.properties ?? {}), "name", "country", "reason", "pairs", "version", "until", "action", "priority"];
  const some = fc.dictionary(fc.constantFrom(...names), odd, { maxKeys: 8 });
  const form = fc
    .array(fc.tuple(fc.constantFrom(...names, "template", "folder", "limit", "expected", "strangers"), fc.constantFrom(...words)), {
      maxLength: 8,
    })
    .map((fields) => fields.map(([name, value]) => `${name}=${encoded(value.slice(0, 9_000))}`).join("&"));
  const type = fc.constantFrom(
    ...Array<string>(6).fill(page ? FORM : "application/json"),
    "application/json",
    FORM,
    "application/x-ndjson",
    "multipart/form-data; boundary=b",
    "text/csv",
    "application/json; charset=utf-16",
    "a/b;;;",
    "",
  );
  const text = fc.oneof(
    { weight: 6, arbitrary: page ? form : fitting(schema).map(json) },
    { weight: 4, arbitrary: some.map(json) },
    { weight: 2, arbitrary: odd.map(json) },
    { weight: 1, arbitrary: fc.array(some, { maxLength: 5 }).map((list) => list.map(json).join("\n")) },
    { weight: 1, arbitrary: form },
    {
      weight: 2,
      arbitrary: fc.constantFrom<string | undefined>(
        ...[
          "",
          "{",
          "NaN",
          "\ufeff{}",
          "[".repeat(20_000) + "]".repeat(20_000),
          '{"a":'.repeat(10_000),
          '{"a":1,"a":2}',
          "x".repeat(70_000),
        ],
        ...['--b\r\ncontent-disposition: form-data; name="x"\r\n\r\ny\r\n--b--', "a=%ff&=&&%zz", undefined],
      ),
    },
  );
  return fc.tuple(type, text);
}

const FORM = "application/x-www-form-urlencoded";

/** What the schema asks for, one field of it perhaps anything. */
// biome-ignore lint/suspicious/noExplicitAny: as above.
function fitting(schema: any, depth = 0): fc.Arbitrary<unknown> {
  if (!schema || depth > 5) return odd;
  const choices = schema.anyOf ?? schema.oneOf;
  let good: fc.Arbitrary<unknown> = odd;
  if (choices) good = fc.oneof(...choices.map((choice: unknown) => fitting(choice, depth + 1)));
  else if (schema.enum) good = fc.constantFrom(...schema.enum);
  else if (schema.type === "array") good = fc.array(fitting(schema.items, depth + 1), { maxLength: 3 });
  else if (schema.type === "boolean") good = fc.boolean();
  else if (schema.type === "string") good = fc.constantFrom(...words);
  else if (schema.type === "integer" || schema.type === "number")
    good = fc.constantFrom(0, 1, 5, schema.minimum ?? 0, schema.maximum ?? 10, -1);
  else if (schema.type === "object") {
    const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => [name, fitting(field, depth + 1)] as const);
    good = fc.record(Object.fromEntries(fields), { requiredKeys: schema.required ?? [] });
  }
  return fc.oneof({ weight: 8, arbitrary: good }, { weight: 1, arbitrary: odd });
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

test("anything at all", async () => {
  let before = await everything();
  await fc.assert(
    fc.asyncProperty(request, async (asked) => {
      const headers: Record<string, string> = { authorization: `Bearer ${house.admin}`, "content-type": asked.type };
      if (asked.type === "") delete headers["content-type"];
      const response = await fetch(house.url + asked.path, {
        method: asked.method,
        headers,
        body: asked.body,
        redirect: "manual",
        signal: AbortSignal.timeout(10_000),
      });
      const text = await response.text();
      const { status } = response;
      const now = await everything();
      const changed = now !== before;
      done.add(status);
      before = now;
      const said = { ...asked, body: asked.body?.slice(0, 500), status, text: text.slice(0, 500) };
      const wrong: string[] = [];
      if (status >= 500) wrong.push("an error of ours");
      if (status === 401) wrong.push("the login is gone");
      if (response.headers.has("x-injected")) wrong.push("a header of the caller's");
      if (status >= 400 && changed) wrong.push("refused, and yet something changed");
      if (/elsewhere/.test(response.headers.get("location") ?? "")) wrong.push("sends people elsewhere");
      if (status >= 400 && asked.path.startsWith("/api/") && asked.method !== "HEAD") wrong.push(...faultsOf(response, text));
      expect([wrong, wrong.length > 0 ? said : null]).toEqual([[], null]);
    }),
    { seed: 4, numRuns: RUNS },
  );
  for (const status of [200, 204, 303, 409, 413, 415, 422]) expect([...done]).toContain(status);
}, 120_000);

const RUNS = 2_000;

/** A test of refusals is worth nothing when all is refused at the door. */
const done = new Set<number>();

/** What a problem document must hold. */
function faultsOf(response: Response, text: string): string[] {
  if (!response.headers.get("content-type")?.startsWith("application/problem+json")) return ["no problem document"];
  const { status, code, detail, errors } = JSON.parse(text);
  if (status !== response.status || !code || !detail) return ["a problem that does not say what it is"];
  if (code === "invalid" && !(errors?.length > 0)) return ["names no field"];
  const unnamed = (errors ?? []).filter(
    ({ field, message }: { field: string; message: string }) => !field || /^invalid|^expected/i.test(message),
  );
  return unnamed.length > 0 ? [`a field without a reason: ${JSON.stringify(unnamed)}`] : [];
}
