import { expect, test } from "bun:test";
import { ownDoor } from "../../tests/cast/door.ts";

interface Document {
  openapi: string;
  paths: Record<string, Record<string, { "x-least": string; parameters: { name: string; in: string }[]; requestBody?: unknown }>>;
}

test("every route of the API is described, with who may, its parameters and what it takes", async () => {
  const { as, routes, call } = await ownDoor("openapi");
  expect((await call("/api/openapi.json")).status).toBe(401);
  const viewer = await as("viewer");
  const document = (await (await viewer("/api/openapi.json")).json()) as Document;
  expect(document.openapi).toBe("3.1.0");
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const api = routes.filter((route) => !route.page).map((route) => `${route.method} ${route.path.replace(/:(\w+)/g, "{$1}")}`);
  expect(described.sort()).toEqual(api.sort());
  const patch = document.paths["/api/pairs/{id}"]?.patch;
  expect(patch).toMatchObject({
    "x-least": "operator",
    parameters: [{ name: "id", in: "path" }],
    requestBody: {
      content: { "application/json": { schema: { type: "object", properties: { weight: { type: "number", minimum: 0 } } } } },
    },
  });
  expect(document.paths["/api/audit"]?.get?.parameters.map((each) => each.name)).toEqual(["subject", "actor", "before", "cursor", "limit"]);
});

test("the reference is a page without scripts", async () => {
  const { as } = await ownDoor("reference");
  const page = await (await (await as("viewer"))("/api/docs")).text();
  expect(page).toContain('<b class="patch">PATCH</b> /api/pairs/{id}');
  expect(page).not.toContain("<script");
});

test("the reference goes noun by noun, and says what an address may ask", async () => {
  const { as } = await ownDoor("reference-nouns");
  const page = await (await (await as("viewer"))("/api/docs")).text();
  const nouns = [...page.matchAll(/<li><a href="#(\w[\w-]*)"/g)].map((match) => match[1]!);
  expect(nouns).toContain("pairs");
  for (const noun of nouns) expect(page).toContain(`<section id="${noun}"`);
  expect(page).toContain("<code>?subject=</code>");
  expect(page).not.toContain("[object Object]");
  expect(page).not.toContain("<script");
});
