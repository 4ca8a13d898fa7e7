import { expect, test } from "bun:test";
import { ASSETS } from "../../tests/cast/door.ts";
import { quiet } from "../kernel/log.ts";
import { buildApp } from "./app.ts";
import type { Route } from "./route.ts";
import { addressOf } from "./security.ts";
import { listen } from "./server.ts";

const routes: Route[] = [
  { method: "GET", path: "/api/from", least: "public", summary: "", handle: (context) => context.text(addressOf(context)) },
];
const app = buildApp(routes, {
  log: quiet,
  gate: { callerOf: () => null, renew: async () => null },
  publicUrl: null,
  trustedProxies: [],
  metricsFromLoopback: false,
  assets: ASSETS,
});

test("listens where it was told, knows who calls, and stops", async () => {
  const server = listen(app, { host: "127.0.0.1", port: 0 });
  expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
  expect(await (await fetch(`${server.url}/api/from`)).text()).toBe("127.0.0.1");
  await server.stop();
  expect(
    await fetch(server.url).then(
      () => "answered",
      () => "closed",
    ),
  ).toBe("closed");
});

test("HEAD over the wire keeps the length", async () => {
  const server = listen(app, { host: "127.0.0.1", port: 0 });
  const response = await fetch(`${server.url}/api/from`, { method: "HEAD" });
  expect(response.headers.get("content-length")).toBe("9");
  await server.stop(true);
});

test("a body above the server's cap is 413 before any handler", async () => {
  const server = listen(app, { host: "127.0.0.1", port: 0, maxBodyBytes: 1000 });
  const response = await fetch(`${server.url}/api/from`, { method: "POST", body: "x".repeat(2000) });
  expect(response.status).toBe(413);
  await server.stop(true);
});

test("a port that is taken is named, with how to see who has it", async () => {
  const server = listen(app, { host: "127.0.0.1", port: 0 });
  expect(() => listen(app, { host: "127.0.0.1", port: server.port })).toThrow(
    new RegExp(`^Port ${server.port} on 127.0.0.1 is taken. See who has it: ss -ltnp 'sport = :${server.port}'; or choose another`),
  );
  await server.stop(true);
});

test("an address that is not this machine's is said so", () => {
  expect(() => listen(app, { host: "192.0.2.1", port: 0 })).toThrow(/192.0.2.1 is not an address of this machine/);
});
