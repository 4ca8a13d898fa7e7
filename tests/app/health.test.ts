/** The health of a session through the whole house: what a program does over HTTP decides what is said of it. */

import { expect, test } from "bun:test";
import { openHouse } from "../cast/house.ts";
import { until } from "../cast/until.ts";

const house = await openHouse();
const session = (name: string) => house.api("GET", `/api/sessions/${name}`).then(({ json }) => json);

async function seen(name: string, state: string, withinMs = 15_000) {
  const look = async () => {
    const now = await session(name);
    return now.state === state ? now : null;
  };
  return until(`${name} is ${state}`, look, withinMs);
}

test("a program that sent once and then neither asks nor tells is silent, and asking for a permit ends it", async () => {
  const program = { name: "sender", template: ["sleep", "600"], folder: "/tmp", silent_after_ms: 10_000 };
  expect((await house.api("POST", "/api/programs", program)).status).toBe(201);
  await house.api("POST", "/api/pairs", { country: "UZ", operator: "uzmobile", programs: ["sender"] });
  await seen("sender_UZ_uzmobile", "running");
  const made = await house.api("POST", "/api/tokens", { name: "sender", scopes: ["permits", "results"], program: "sender" });
  const { token } = made.json;
  const message = { message_id: "m1", country: "UZ", operator: "uzmobile", state: "submitted", session: "sender_UZ_uzmobile" };
  const told = await house.api("POST", "/api/results", message, token);
  expect([told.status, told.json]).toEqual([202, expect.anything()]);
  const silent = await seen("sender_UZ_uzmobile", "silent", 25_000);
  expect(silent.why).toMatch(/^no message for less than a minute although UZ has \d+ free slots$/);
  const asked = await house.api("POST", "/api/permits", { country: "UZ", operator: "uzmobile", session: "sender_UZ_uzmobile" }, token);
  expect(asked.status).toBe(201);
  await seen("sender_UZ_uzmobile", "running");
}, 50_000);

test("give up and thaw answer what they cannot do", async () => {
  const thaw = await house.api("POST", "/api/sessions/sender_UZ_uzmobile/thaws", {});
  expect([thaw.status, thaw.json.reason]).toEqual([409, "not_frozen"]);
  const surrender = await house.api("POST", "/api/sessions/sender_UZ_uzmobile/surrenders", {});
  expect([surrender.status, surrender.json.reason]).toEqual([409, "not_retrying"]);
  expect((await house.api("POST", "/api/sessions/nobody/thaws", {})).status).toBe(404);
});
