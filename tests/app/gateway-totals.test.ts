/** What went through each gateway, from the results programs post to the lines of the invoice. */

import { expect, test } from "bun:test";
import { openHouse } from "../cast/house.ts";

const house = await openHouse();
for (const [country, operator] of [
  ["UZ", "uzmobile"],
  ["GB", "o2"],
])
  await house.api("POST", "/api/pairs", { country, operator });
await house.api("POST", "/api/gateways", { id: "smpp1" });
await house.api("PATCH", "/api/pairs/GB_o2", { gateway: "smpp1" });

const post = (items: unknown[]) => house.api("POST", "/api/results", items);
const uz = { country: "UZ", operator: "uzmobile" };
const gb = { country: "GB", operator: "o2" };
await post([
  { ...uz, message_id: "u1", state: "submitted", gateway: "=http2" },
  { ...uz, message_id: "u1", state: "delivered" },
  { ...uz, message_id: "u2", state: "submitted" },
  { ...gb, message_id: "g1", state: "submitted", credit: 88.5 },
  { ...gb, message_id: "g1", state: "undelivered", error_code: "30008" },
  { ...uz, message_id: "u2", state: "delivered", gateway: "smpp1", credit: 12 },
]);
// Going and coming rolls what is there.
await house.reopen();

test("each message counts for the gateway it named, late too, else for its pair's", async () => {
  const { status, json } = await house.api("GET", "/api/metrics/gateways", undefined, house.viewer);
  expect(status).toBe(200);
  expect(
    json.countries.map((one: Record<string, unknown>) => [one.gateway, one.country, one.sent, one.delivered, one.undelivered]),
  ).toEqual([
    ["=http2", "UZ", 1, 1, 0],
    ["smpp1", "GB", 1, 0, 1],
    ["smpp1", "UZ", 1, 1, 0],
  ]);
  const smpp1 = json.gateways.find(({ gateway }: { gateway: string }) => gateway === "smpp1");
  expect(smpp1).toMatchObject({
    sent: 2,
    success_rate: { value: 0.5, n: 2 },
    errors: [{ code: "30008", n: 1 }],
    credit: [{ program: "manual", credit: 12 }],
  });
});

test("the invoice is a line for each gateway and country, and no formula", async () => {
  const { json: text, headers } = await house.api("GET", "/api/metrics/gateways?format=csv");
  expect(headers.get("content-type")).toContain("text/csv");
  const lines = (text as string).trim().split("\n");
  expect(lines).toHaveLength(4);
  expect(lines[0]).toStartWith("from,to,gateway,country,attempts,sent,delivered");
  expect(lines[1]).toContain(",'=http2,UZ,1,1,1,0,0,0,0,1.0000");
});

test("a month without messages is empty, and what is no month or runs backwards says so", async () => {
  expect((await house.api("GET", "/api/metrics/gateways?month=2020-02")).json).toMatchObject({ to: "2020-02-29", gateways: [] });
  expect((await house.api("GET", "/api/metrics/gateways?month=2020-13")).status).toBe(400);
  expect((await house.api("GET", "/api/metrics/gateways?from=2026-02-02&to=2026-02-01")).status).toBe(400);
});

test("the page and its export are there for a viewer", async () => {
  const page = await house.api("GET", "/gateways", undefined, house.viewer);
  expect(page.status).toBe(200);
  expect(page.json).toContain("smpp1");
  expect((await house.api("GET", "/gateways/export", undefined, house.viewer)).json).toContain("smpp1,GB");
});
