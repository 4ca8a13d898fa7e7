/** docs/api.md names every route of the API with who may use it, and no other; every route has a least role and a line about itself. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROLES, SCOPES } from "../../src/access/role.ts";
import { leastInWords, pathOf } from "../../src/http/openapi.tsx";
import type { Route } from "../../src/http/route.ts";
import { type RouteServices, routes } from "../../src/http/routes.ts";

/** Stands for every part of the house: a list of routes only names them. */
const nothing: unknown = new Proxy(() => nothing, { get: () => nothing });
const PARTS =
  "access asked assets client clock desired directory documents errorClasses events fleet holds loops metrics nodeName operations permits publicUrl results roster stalled storeWritable strangers";
const all = routes(Object.fromEntries(PARTS.split(" ").map((part) => [part, nothing])) as unknown as RouteServices);
const text = readFileSync(join(import.meta.dir, "..", "..", "docs", "api.md"), "utf8");

const lineOf = (route: Route) => `| ${route.method} | \`${pathOf(route.path)}\` | ${leastInWords(route.least)} |`;

test("docs/api.md has a line for every route of the API, and for no other", () => {
  const asked = all.filter((route) => !route.page).map(lineOf);
  const written = [...text.matchAll(/^\| (?:GET|POST|PUT|PATCH|DELETE) \| `[^`]+` \| [^|]+ \|/gm)].map((match) => match[0]);
  expect(written.sort()).toEqual(asked.sort());
});

test("every route says who may and what it is for", () => {
  for (const { least, summary, path } of all) {
    const known = typeof least === "string" ? ["public", ...ROLES].includes(least) : SCOPES.includes(least.scope);
    expect([path, known, summary.length > 5]).toEqual([path, true, true]);
  }
});

test("nothing but the login, the health and the files of the pages is open to everybody", () => {
  const open = all.filter((route) => route.least === "public").map((route) => `${route.method} ${route.path}`);
  expect(open.sort()).toEqual([
    "GET /client/signalbox.py",
    "GET /healthz",
    "GET /login",
    "GET /login/link",
    "GET /readyz",
    "GET /setup",
    "GET /static/:hash/:name{.+}",
    "POST /api/auth/login",
    "POST /api/auth/logout",
    "POST /api/auth/refresh",
    "POST /login",
    "POST /logout",
    "POST /setup",
  ]);
});

test("no two routes have the same method and path", () => {
  const names = all.map((route) => `${route.method} ${route.path}`);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
