/** What every store of receipts that wait for their message must do. */

import { expect, test } from "bun:test";
import { MOST_ORPHANS, type Orphans, type Receipt } from "../../src/results/orphans.ts";
import { NOON } from "../cast/results.ts";

const receipt = (gatewayMessageId: string, more: Partial<Receipt> = {}): Receipt => ({
  ...{ gateway: "smsc1", gatewayMessageId, state: "delivered", errorCode: null, part: null, parts: null },
  ...{ at: NOON, receivedAt: NOON, body: '{"id":"****"}', ...more },
});

export function orphansContract(name: string, open: () => Promise<Orphans>): void {
  const ids = (found: readonly Receipt[]) => found.map(({ gatewayMessageId }) => gatewayMessageId);

  test(`${name}: a receipt waits once, whole, the oldest first`, async () => {
    const orphans = await open();
    const all = [
      receipt("g1"),
      receipt("g1", { state: "undelivered", errorCode: "27" }),
      receipt("g1", { state: "undelivered", errorCode: "8" }),
      receipt("g1", { gateway: "smsc2" }),
      receipt("g1", { part: 2, parts: 3 }),
    ];
    expect(await orphans.add(all)).toEqual(["new", "new", "new", "new", "new"]);
    expect(await orphans.add([receipt("g1", { at: NOON + 5, receivedAt: NOON + 9 }), receipt("g2"), receipt("g2")])).toEqual([
      "duplicate",
      "new",
      "duplicate",
    ]);
    const waiting = await orphans.waiting(0, 100);
    expect(waiting.map(({ id: _, ...rest }) => rest)).toEqual([...all, receipt("g2")]);
    expect(await orphans.count()).toBe(6);
  });

  test(`${name}: is read in pages, forwards by those who look for messages, backwards by people`, async () => {
    const orphans = await open();
    await orphans.add(Array.from({ length: 7 }, (_, n) => receipt(`g${n}`, { receivedAt: NOON + n })));
    const first = await orphans.waiting(0, 3);
    expect(ids(first)).toEqual(["g0", "g1", "g2"]);
    expect(ids(await orphans.waiting(first.at(-1)!.id, 100))).toEqual(["g3", "g4", "g5", "g6"]);
    // What came a moment ago may still find its message: it is not listed.
    const listed = await orphans.list(null, NOON + 5, 2);
    expect(ids(listed)).toEqual(["g4", "g3"]);
    expect(ids(await orphans.list(listed.at(-1)!.id, NOON + 5, 100))).toEqual(["g2", "g1", "g0"]);
  });

  test(`${name}: what found its message goes, and what is too old; it may come anew then`, async () => {
    const orphans = await open();
    await orphans.add([receipt("g0", { receivedAt: NOON - 10 }), receipt("g1"), receipt("g2")]);
    const [, second] = await orphans.waiting(0, 10);
    await orphans.remove([second!.id, 999_999]);
    await orphans.remove([]);
    await orphans.forget(NOON);
    expect(ids(await orphans.waiting(0, 10))).toEqual(["g2"]);
    expect(await orphans.add([receipt("g1")])).toEqual(["new"]);
    // Whoever reads on behind the last one it saw meets it.
    expect((await orphans.waiting(second!.id, 10)).map(({ gatewayMessageId }) => gatewayMessageId)).toEqual(["g2", "g1"]);
  });

  test(`${name}: never keeps more than ${MOST_ORPHANS}: the oldest go`, async () => {
    const orphans = await open();
    for (let first = 0; first < MOST_ORPHANS + 500; first += 500)
      await orphans.add(Array.from({ length: 500 }, (_, n) => receipt(`g${first + n}`)));
    expect(await orphans.count()).toBe(MOST_ORPHANS);
    expect(ids(await orphans.waiting(0, 1))).toEqual(["g500"]);
  });
}
