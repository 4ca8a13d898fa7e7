/** `signalbox unhold`: ends a hold before its time. */

import { exactly } from "./arguments.ts";
import { EXIT, Failed } from "./exit.ts";
import type { HoldAnswer } from "./holds.ts";
import type { Verb } from "./verb.ts";

export const unhold: Verb = {
  name: "unhold",
  operands: "<country|pair|all>",
  summary: "End a hold before its time",
  examples: ["signalbox unhold UZ"],
  async run({ operands, json, terminal, client }) {
    exactly(unhold, operands, 1);
    const what = operands[0]!;
    const { holds } = await client().call<{ holds: HoldAnswer[] }>("GET", "/api/holds");
    const found = holds.find((hold) => hold.what.toLowerCase() === what.toLowerCase() || hold.id === what);
    if (!found) throw new Failed(EXIT.refused, `${what} is not held: signalbox holds lists what is`);
    await client().call("DELETE", `/api/holds/${encodeURIComponent(found.id)}`);
    terminal.say(json ? JSON.stringify(found) : `${found.what} is held no more.`);
    return EXIT.ok;
  },
};
