/** What must hold after any stretch of sending, told by the gateway's log and by the rows on disk; each is a list of faults, empty when it holds. */

import type { Sample } from "./sample.ts";
import { densest, densestByCountry } from "./truth.ts";
import { until } from "./until.ts";

/** Countries that had more than their limit in one window: at the gateway, and by the permits. */
export function brokenWindows(sample: Sample, windowMs: number, limit = 10): string[] {
  const atGateway = densestByCountry(sample.truth().messages, windowMs);
  const byGrants = new Map<string, number[]>();
  const rows = sample.store<{ country: string; at: number }>("SELECT country, granted_uptime_ms AS at FROM grants WHERE abandoned = 0");
  for (const { country, at } of rows) byGrants.set(country, [...(byGrants.get(country) ?? []), at]);
  return [
    ...[...atGateway]
      .filter(([, most]) => most > limit)
      .map(([country, most]) => `${country}: ${most} messages reached the gateway within ${windowMs} ms`),
    ...[...byGrants].flatMap(([country, at]) => {
      const most = densest(at, windowMs);
      return most > limit ? [`${country}: ${most} permits within ${windowMs} ms`] : [];
    }),
  ];
}

/** Waits until everything the gateway had confirmed by now is counted, then says what is missing, doubled or contradicts its receipt. */
export async function miscounted(sample: Sample): Promise<string[]> {
  const { messages, receipts } = sample.truth();
  const accepted = messages.filter((message) => message.answer === "accepted").map((message) => message.id);
  const counted = () =>
    new Map(
      sample
        .store<{ id: string; state: string; n: number }>(
          "SELECT gateway_message_id AS id, min(state) AS state, count(*) AS n FROM messages WHERE gateway_message_id IS NOT NULL GROUP BY 1",
        )
        .map((row) => [row.id, row]),
    );
  const told = new Map(receipts.map((receipt) => [receipt.id, receipt.outcome]));
  const faults = () => {
    const known = counted();
    return [
      ...accepted.filter((id) => !known.has(id)).map((id) => `${id} was accepted and is not counted`),
      ...[...known.values()].filter((row) => row.n > 1).map((row) => `${row.id} is counted ${row.n} times`),
      ...[...told].flatMap(([id, outcome]) => {
        const state = known.get(id)?.state;
        const fits =
          outcome === "delivered" ? state === "delivered" : state === "undelivered" || state === "failed" || state === "rejected";
        return state === undefined || fits ? [] : [`${id} was ${outcome} and is counted ${state}`];
      }),
    ];
  };
  // Reports are on their way for a moment after the gateway's answer; what is late for ever is a fault.
  await until("every confirmed message is counted", () => faults().length === 0, 30_000).catch(() => null);
  return faults();
}

/** The sums people see against the rows they are folded from. */
export async function wrongSums(sample: Sample): Promise<string[]> {
  interface Sums {
    sent: number;
    delivered: number;
  }
  let faults: string[] = [];
  const look = async () => {
    const rows = () =>
      sample.store<Sums>(
        `SELECT count(*) FILTER (WHERE state NOT IN ('attempt', 'blocked', 'failed')) AS sent, count(*) FILTER (WHERE state = 'delivered') AS delivered FROM messages`,
      )[0]!;
    const before = rows();
    const { fleet } = await sample.api.call<{ fleet: { total: Sums } }>("GET", "/api/metrics/realtime");
    const after = rows();
    // The fleet goes on sending: what is shown lies between two looks at the rows.
    faults = (["sent", "delivered"] as const)
      .filter((name) => fleet.total[name] < before[name] || fleet.total[name] > after[name])
      .map((name) => `${name}: ${fleet.total[name]} shown, ${before[name]} to ${after[name]} on disk`);
    return faults.length === 0;
  };
  await until("the sums agree with the rows", look, 5_000).catch(() => null);
  return faults;
}

/** Sends the limiter did not foresee: none, when every program asks. */
export function uncontrolled(sample: Sample): string[] {
  return sample
    .store<{ pair: string; program: string; reason: string; n: number }>(
      "SELECT pair, program, reason, sum(n) AS n FROM uncontrolled GROUP BY 1, 2, 3",
    )
    .map((row) => `${row.pair} of ${row.program}: ${row.n} ${row.reason}`);
}
