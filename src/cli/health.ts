/** `signalbox health`: asks the running Signalbox whether it is ready. For scripts and container probes. */

import { EXIT } from "./exit.ts";
import type { Verb } from "./verb.ts";

export const health: Verb = {
  name: "health",
  operands: "",
  summary: "Ask whether Signalbox is running and ready",
  about: "Exit status 0 ready, 1 running but not ready, 3 not running.",
  async run({ json, terminal, client }) {
    const { yes, text } = await client().probe("/readyz");
    if (json) terminal.say(text.trim());
    else if (yes) terminal.say("Signalbox is ready.");
    else terminal.note(["Signalbox is running, but not ready:", ...reasonsIn(text).map((reason) => `  ${reason}`)].join("\n"));
    return yes ? EXIT.ok : EXIT.failure;
  },
};

function reasonsIn(text: string): string[] {
  const { reasons } = JSON.parse(text) as { reasons?: string[] };
  return reasons ?? [];
}
