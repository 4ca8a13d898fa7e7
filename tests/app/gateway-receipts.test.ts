/** The simulated gateway posts its receipts to Signalbox: late ones, doubled and out of order. What is shown is what its log says. */

import { afterAll, expect, test } from "bun:test";
import { join } from "node:path";
import { openGateway } from "../../scripts/gateway/gateway.ts";
import { systemClock } from "../../src/adapters/linux/libc.ts";
import { openHouse } from "../cast/house.ts";
import { readTruth } from "../cast/truth.ts";
import { until } from "../cast/until.ts";

const MESSAGES = 60;

test("receipts in disorder end in the numbers of the gateway's own log", async () => {
  const house = await openHouse();
  await house.api("POST", "/api/pairs", { country: "UZ", operator: "uzmobile" });
  await house.api("POST", "/api/programs", { name: "program1", template: ["sleep", "60"], folder: "/" });
  const token = (await house.api("POST", "/api/tokens", { name: "sim", program: "program1", scopes: ["results"] })).json.token as string;
  const logPath = join(house.folder, "gateway.ndjson");
  const gateway = openGateway({ clock: systemClock(), seed: 21, logPath });
  afterAll(gateway.close);
  const put = (path: string, body: object) => fetch(gateway.url + path, { method: "PUT", body: JSON.stringify(body) });
  const at = (median_ms: number) => ({ median_ms, p90_ms: 2 * median_ms });
  const receipts = { late: 0.2, late_by_ms: 300, buffered: 0.4, disordered: 0.5, twice: 0.4 };
  await put("/profiles/default", { success_rate: 0.6, answer: { median_ms: 0, p90_ms: 0 }, receipt: at(50), receipts });
  await put("/callback", { url: `${house.url}/api/receipts/sim`, token });

  for (let n = 0; n < MESSAGES; n++) {
    const form = new URLSearchParams({ to: "+999000000001", text: "hello", pair: "UZ_uzmobile" });
    const answer = await (await fetch(`${gateway.url}/send`, { method: "POST", body: form })).text();
    const id = /id=(\w+)/.exec(answer)?.[1];
    const result = id
      ? { state: "submitted", gateway: "sim", gateway_message_id: id }
      : { state: "failed", error_code: answer.split(" ")[1] };
    await house.api("POST", "/api/results", { country: "UZ", operator: "uzmobile", message_id: `m-${n}`, ...result }, token);
  }

  const total = async () => (await house.api("GET", "/api/metrics/realtime")).json.fleet.total as Record<string, number>;
  await until("no message is pending", async () => (await total()).pending === 0, 20_000);
  const { messages } = readTruth(logPath);
  const count = (outcome: string, answer: string) => messages.filter((one) => one.outcome === outcome && one.answer === answer).length;
  expect(await total()).toMatchObject({
    attempts: MESSAGES,
    delivered: count("delivered", "accepted"),
    undelivered: count("failed", "accepted"),
    failed: count("failed", "refused"),
  });
}, 60_000);
