/** `signalbox health`: asks the running Signalbox whether it is ready. For scripts and container probes. */

import { EXIT, Failed } from "./exit.ts";
import type { Verb } from "./verb.ts";

export const health: Verb = {
  name: "health",
  operands: "",
  summary: "Ask whether Signalbox is running and ready",
  about: "Exit status 0 ready, 1 running but not ready, 3 not running.",
  async run({ json, terminal, client }) {
    const text = await client().text("/readyz");
    if (text === "") throw new Failed(EXIT.failure, "/readyz answered nothing");
    terminal.say(json ? text.trim() : "Signalbox is ready.");
    return EXIT.ok;
  },
};
