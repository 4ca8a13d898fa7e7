/** What a setting says is what the house does. */

import { expect, test } from "bun:test";
import { openHouse } from "../cast/house.ts";

async function addressNoted(flags: Record<string, string>): Promise<string> {
  const house = await openHouse(flags);
  await fetch(`${house.url}/api/pairs`, {
    method: "POST",
    headers: { authorization: `Bearer ${house.admin}`, "content-type": "application/json", "x-forwarded-for": "203.0.113.9" },
    body: JSON.stringify({ country: "UZ", operator: "uzmobile" }),
  });
  const { json } = await house.api("GET", "/api/audit?limit=10");
  return json.acts.find((act: { verb: string }) => act.verb === "pair.create").from;
}

test("behind a trusted proxy the audit names the address that the proxy saw", async () => {
  expect(await addressNoted({ trustedProxies: "127.0.0.1" })).toBe("203.0.113.9");
});

test("without one nobody can pass for another address", async () => {
  expect(await addressNoted({})).toBe("127.0.0.1");
});
