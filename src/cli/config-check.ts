/** `signalbox config check`: whether Signalbox would start with these settings; says every wrong one at once. */

import { EXIT } from "./exit.ts";
import type { Verb } from "./verb.ts";

export const configCheck: Verb = {
  name: "config check",
  operands: "",
  summary: "Check the settings and say what is wrong with them",
  about:
    "Reads flags, environment and file as `serve` would, starts nothing and changes nothing.\nExit status 78 when a setting is unknown or bad.",
  examples: ["signalbox config check --config /etc/signalbox/signalbox.toml"],
  async run({ json, terminal, settings }) {
    settings();
    terminal.say(json ? JSON.stringify({ ok: true }) : "The configuration is good.");
    return EXIT.ok;
  },
};
