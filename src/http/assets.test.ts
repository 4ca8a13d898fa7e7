import { expect, test } from "bun:test";
import { Hono } from "hono";
import { LAMPS } from "../fleet/states.ts";
import { AppError } from "../kernel/errors.ts";
import { assetRoutes, openAssets } from "./assets.ts";
import type { Env } from "./route.ts";

const assets = openAssets();
const app = new Hono<Env>();
for (const route of assetRoutes(assets)) app.on(route.method, route.path, route.handle);
app.onError((error, context) => context.text("", error instanceof AppError && error.code === "not_found" ? 404 : 500));

test("an asset may be kept for ever under the address of its content", async () => {
  const answer = await app.request(assets.frame.css);
  expect(answer.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect(answer.headers.get("content-type")).toBe("text/css; charset=utf-8");
  expect(await answer.text()).toContain("--paper: #f6f5f1");
});

test("it comes compressed to whoever can read that", async () => {
  const answer = await app.request(assets.frame.htmx, { headers: { "accept-encoding": "gzip, br" } });
  expect(answer.headers.get("content-encoding")).toBe("gzip");
  expect(Buffer.from(Bun.gunzipSync(await answer.arrayBuffer())).toString()).toContain("htmx");
});

test("each state a lamp can show has a sign of its own", () => {
  const css = Buffer.from(assets.get(assets.url("app.css").split("/")[2]!, "app.css")!.plain).toString();
  const signs = Object.keys(LAMPS).map((state) => new RegExp(`\\.is-${state}::before \\{\\s+clip-path: ([^;]+);`).exec(css)?.[1]);
  expect(signs).not.toContain(undefined);
  expect(new Set(signs).size).toBe(signs.length);
});

test("modules find each other under one address", async () => {
  const folder = assets.frame.app.replace(/[^/]+$/, "");
  const source = await (await app.request(assets.frame.app)).text();
  const wanted = [...source.matchAll(/"\.\/([\w-]+\.js)"/g)].map(([, name]) => `${folder}${name}`);
  expect(wanted).toEqual([...assets.frame.modules]);
});

test("all that the first page loads is small", () => {
  let sum = 0;
  for (const url of [...Object.values(assets.frame).flat(), assets.url("scripts/live.js")]) {
    const [, , hash, ...name] = url.split("/");
    const asset = assets.get(hash!, name.join("/"))!;
    sum += (asset.gzip ?? asset.plain).length;
  }
  expect(sum).toBeLessThan(35_000);
});

test("another hash, a way out of the folder, a file that is not there: 404", async () => {
  for (const path of ["/static/000000000000/app.css", "/static/x/../../package.json", "/static/x/%2e%2e/package.json"])
    expect((await app.request(path)).status, path).toBe(404);
});
