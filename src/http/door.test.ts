import { expect, test } from "bun:test";
import { type Door, openDoor } from "./door.ts";

const saying = (text: string): Door => ({ fetch: () => new Response(text) });
const ask = async (door: Door, path: string) => (await door.fetch(new Request(`http://127.0.0.1:1${path}`), {})).text();

test("health is answered without loading anything", async () => {
  const door = openDoor(saying("health"), () => Promise.reject(new Error("loaded")));
  for (const path of ["/healthz", "/readyz", "/readyz?verbose"]) expect(await ask(door, path)).toBe("health");
});

test("the house is loaded once, with the first other requests, and answers all from then on", async () => {
  let loads = 0;
  const door = openDoor(saying("health"), async () => {
    loads++;
    return saying("house");
  });
  expect(await Promise.all([ask(door, "/"), ask(door, "/api/permits"), ask(door, "/static/healthz")])).toEqual(["house", "house", "house"]);
  expect(await ask(door, "/healthz")).toBe("house");
  expect(loads).toBe(1);
});

test("a load that failed is tried again", async () => {
  const tries = [Promise.reject(new Error("a file is missing")), Promise.resolve(saying("house"))];
  const door = openDoor(saying("health"), () => tries.shift()!);
  expect(await ask(door, "/").catch((error: Error) => error.message)).toBe("a file is missing");
  expect(await ask(door, "/")).toBe("house");
});
