/** What everything that looks messages up must do. */

import { expect, test } from "bun:test";
import type { Journal } from "../../src/results/journal.ts";
import { type Messages, spellings, type Wanted } from "../../src/results/messages.ts";
import { message, NOON } from "../cast/results.ts";

export function messagesContract(name: string, open: () => Promise<{ journal: Journal; messages: Messages }>): void {
  const found = async (messages: Messages, wanted: Wanted, limit = 10) =>
    (await messages.find(wanted, limit)).map(({ program, messageId, state }) => `${program} ${messageId} ${state}`);

  test(`${name}: a message is found by its id, in every program that uses it, the newest first`, async () => {
    const { journal, messages } = await open();
    await journal.append(
      [
        message("m1", "submitted"),
        message("m1", "delivered", { at: NOON + 1_000 }),
        message("m1", "failed", { program: "program2", at: NOON + 5_000 }),
        message("m2", "submitted"),
      ],
      NOON + 5_000,
    );
    expect(await found(messages, { messageId: "m1" })).toEqual(["program2 m1 failed", "program1 m1 delivered"]);
    expect(await found(messages, { messageId: "m1" }, 1)).toEqual(["program2 m1 failed"]);
    expect(await found(messages, { messageId: "M1" })).toEqual([]);
  });

  test(`${name}: and by the gateway's id in any of its spellings, and by the hash of its number`, async () => {
    const { journal, messages } = await open();
    await journal.append(
      [
        message("m1", "submitted", { gateway: "smsc1", gatewayMessageId: "0E99A1", phoneHash: "hash-1", phoneMask: "+998*****67" }),
        message("m2", "submitted", { gateway: "smsc1", gatewayMessageId: "42", phoneHash: "hash-1", at: NOON + 1 }),
        message("m3", "submitted", { phoneHash: "hash-2" }),
      ],
      NOON,
    );
    for (const spelt of ["0e99a1", "E99A1", " 956833 "])
      expect(await found(messages, { gatewayMessageIds: spellings(spelt) })).toEqual(["program1 m1 submitted"]);
    expect(await found(messages, { gatewayMessageIds: [] })).toEqual([]);
    expect(await found(messages, { phoneHash: "hash-1" })).toEqual(["program1 m2 submitted", "program1 m1 submitted"]);
    expect((await messages.find({ messageId: "m1" }, 1))[0]).toMatchObject({
      ...{ pair: "UZ_uzmobile", gateway: "smsc1", gatewayMessageId: "0E99A1", phoneMask: "+998*****67", submitAt: NOON },
    });
  });

  test(`${name}: contradictions come newest first, in pages, each with what stands and what was told against it`, async () => {
    const { journal, messages } = await open();
    for (const id of ["m1", "m2", "m3"])
      await journal.append(
        [
          message(id, "submitted"),
          message(id, "delivered", { at: NOON + 10 }),
          message(id, "rejected", { at: NOON + 20, errorCode: "2053" }),
        ],
        NOON + 30,
      );
    const first = await messages.contradictions(null, 2);
    expect(first.map(({ messageId }) => messageId)).toEqual(["m3", "m2"]);
    expect(first[0]).toMatchObject({
      ...{ program: "program1", pair: "UZ_uzmobile", stands: "delivered", told: "rejected", errorCode: "2053" },
      ...{ at: NOON + 20, receivedAt: NOON + 30 },
    });
    expect((await messages.contradictions(first[1]!.seq, 2)).map(({ messageId }) => messageId)).toEqual(["m1"]);
  });
}
