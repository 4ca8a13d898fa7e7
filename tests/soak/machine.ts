/** Deeds against Signalbox itself and the gateway. Programs may be ended while Signalbox is away: it has to understand that afterwards. */

import { killProgram, killScreen } from "./hands.ts";
import type { Stage } from "./stage.ts";
import { type Act, restart, start, stop } from "./wishes.ts";

export const kill9: Act = async (stage) => {
  const ended = await away(stage, () => stage.sample.kill9());
  return `kill -9 of Signalbox, ${ended} ended meanwhile`;
};

/** In the middle of an answer: whatever was asked is either done and told, or neither. */
export const kill9Amid: Act = async (stage) => {
  const deed = stage.chance.pick([stop, start, restart])!;
  // A deed that cannot even look at the fleet any more was not done.
  const asked = deed(stage).catch(() => null);
  await Bun.sleep(stage.chance.between(0, 25));
  await away(stage, async () => {
    await stage.sample.kill9();
    await asked;
  });
  return `kill -9 of Signalbox amid: ${(await asked) ?? "nothing"}`;
};

export const term: Act = async (stage) => {
  const ended = await away(stage, () => stage.sample.term());
  return `restart of Signalbox, ${ended} ended meanwhile`;
};

async function away(stage: Stage, end: () => Promise<void>): Promise<number> {
  const { chance, chronicle, sample } = stage;
  let ended = 0;
  await chronicle.during("signalbox", async () => {
    await end();
    for (let more = chance.below(4); more > 0; more--) {
      await Bun.sleep(chance.between(0, 400));
      if ((await (chance.next() < 0.8 ? killProgram : killScreen)(stage)) !== null) ended++;
    }
    await sample.serve();
  });
  return ended;
}

export const gateway: Act = async ({ chance, chronicle, sample }) => {
  const awayMs = chance.between(300, 3_000);
  await chronicle.during("gateway", async () => {
    await sample.stopGateway();
    await Bun.sleep(awayMs);
    await sample.startGateway();
  });
  return `restart of the gateway, ${Math.round(awayMs)} ms away`;
};
