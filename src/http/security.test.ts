import { expect, test } from "bun:test";
import { Hono } from "hono";
import type { Env } from "./route.ts";
import { addressOf, safeNext, sameOrigin } from "./security.ts";

function ask<T>(headers: Record<string, string>, question: (context: Parameters<typeof sameOrigin>[0]) => T, peer?: string): Promise<T> {
  return new Promise((done) => {
    const app = new Hono<Env>();
    app.all("*", (context) => {
      done(question(context));
      return context.body(null);
    });
    const server = { requestIP: () => (peer === undefined ? null : { address: peer, port: 1, family: "IPv4" }) };
    app.request("http://sms.example:8080/x", { method: "POST", headers }, { server } as unknown as Env["Bindings"]);
  });
}

test.each([
  ["no browser at all", {}, true],
  ["our own page", { "sec-fetch-site": "same-origin" }, true],
  ["typed by hand", { "sec-fetch-site": "none" }, true],
  ["another site", { "sec-fetch-site": "cross-site" }, false],
  ["a sister domain", { "sec-fetch-site": "same-site" }, false],
  ["our origin, an older browser", { origin: "http://sms.example:8080", host: "sms.example:8080" }, true],
  ["our origin behind a proxy that ends TLS", { origin: "https://sms.example", host: "sms.example" }, true],
  ["another port", { origin: "http://sms.example:9090", host: "sms.example:8080" }, false],
  ["another host", { origin: "http://evil.example", host: "sms.example:8080" }, false],
  ["an origin that says nothing", { origin: "null", host: "sms.example:8080" }, false],
  ["the public address, while the proxy hides the host", { origin: "https://board.example", host: "127.0.0.1:8080" }, true],
] as const)("a write from %s is let in or not", async (...[, headers, allowed]) => {
  expect(await ask({ ...headers }, (context) => sameOrigin(context, "https://board.example"))).toBe(allowed);
});

test.each([
  ["the peer", "10.0.0.7", {}, [], "10.0.0.7"],
  ["the peer, whatever it claims", "10.0.0.7", { "x-forwarded-for": "1.2.3.4" }, [], "10.0.0.7"],
  ["what a trusted proxy says", "127.0.0.1", { "x-forwarded-for": "1.2.3.4" }, ["127.0.0.1"], "1.2.3.4"],
  [
    "the last one a trusted proxy saw, not what was made up before",
    "127.0.0.1",
    { "x-forwarded-for": "6.6.6.6, 1.2.3.4" },
    ["127.0.0.1"],
    "1.2.3.4",
  ],
  ["IPv4 on an IPv6 socket", "::ffff:10.0.0.7", {}, [], "10.0.0.7"],
] as const)("the address is %s", async (...[, peer, headers, trusted, address]) => {
  const seen = (context: Parameters<typeof sameOrigin>[0]) => {
    context.set("trusted", new Set<string>(trusted));
    return [addressOf(context), addressOf(context)];
  };
  expect(await ask({ ...headers }, seen, peer)).toEqual([address, address]);
});

test.each([
  ["/pairs?sort=rate", "/pairs?sort=rate"],
  [undefined, "/"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["https://evil.example", "/"],
  ["javascript:alert(1)", "/"],
  ["/x\r\nset-cookie: a=b", "/"],
])("after the login %p goes to %p", (asked, next) => {
  expect(safeNext(asked)).toBe(next);
});
