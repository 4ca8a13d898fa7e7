import { expect, test } from "bun:test";
import { openHouse } from "../cast/house.ts";

const house = await openHouse();

test("a logout ends the login's open streams at once, and nobody else's", async () => {
  const open = (token: string) => fetch(`${house.url}/events?topics=board&format=json`, { headers: { authorization: `Bearer ${token}` } });
  const [mine, other] = await Promise.all([open(house.viewer), open(house.operator)]);
  const ended = mine.text(); // resolves when the stream closes
  await house.api("POST", "/api/auth/logout", undefined, house.viewer);
  expect(await ended).toContain("snapshot");
  expect((await house.api("GET", "/api/pairs", undefined, house.viewer)).status).toBe(401);
  const reader = other.body!.getReader();
  expect((await reader.read()).done).toBe(false);
  await reader.cancel();
});
