/** Fills a store the way programs do, over HTTP: messages of the last 40 hours, over all pairs, none of them a send in the present minute. */

import { PAIRS } from "./bodies.ts";
import { type Box, bearer, programToken, registerPairs } from "./signalbox.ts";

const BATCH = 1000;
const AT_ONCE = 4;
const OVER_MS = 40 * 3_600_000; // reports older than 48 h are refused

export async function fillHistory(box: Box, messages: number): Promise<void> {
  await registerPairs(box);
  const headers = bearer(await programToken(box, "program1"));
  const from = Date.now() - OVER_MS;
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < messages) {
        const first = next;
        next += BATCH;
        const items = Array.from({ length: Math.min(BATCH, messages - first) }, (_, index) => message(first + index));
        const response = await fetch(`${box.url}/api/results`, { method: "POST", headers, body: JSON.stringify(items) });
        const answer = await response.text();
        if (response.status !== 202 || !answer.includes(`"accepted":${items.length}`))
          throw new Error(`${response.status} ${answer.slice(0, 600)}`);
      }
    }),
  );

  function message(n: number) {
    const { country, operator } = PAIRS[n % PAIRS.length]!;
    const at = new Date(from + (n / messages) * OVER_MS).toISOString();
    return { country, operator, message_id: `history-${String(n).padStart(9, "0")}`, state: "attempt", at };
  }
}
