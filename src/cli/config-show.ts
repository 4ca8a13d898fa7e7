/** `signalbox config show`: every setting, its value and where it came from. Secrets are hidden. */

import { type Config, fileKey, SETTINGS, type Setting } from "../config.ts";
import { EXIT } from "./exit.ts";
import { table } from "./terminal.ts";
import type { Verb } from "./verb.ts";

/** Settings whose values are never shown. None yet: the first one that holds a secret is named here. */
const SECRETS: ReadonlySet<Setting> = new Set();

export const configShow: Verb = {
  name: "config show",
  operands: "",
  summary: "Show every setting and where it came from",
  about: "Sources, the first that has a value wins: flag, environment (SIGNALBOX_<KEY>), file, default.",
  async run({ json, terminal, settings }) {
    const { config, origins } = settings();
    if (json) {
      const all = SETTINGS.map((name) => [fileKey(name), { value: shownValue(config, name), from: origins[name] }]);
      terminal.say(JSON.stringify(Object.fromEntries(all), null, 2));
    } else {
      const rows = SETTINGS.map((name) => [fileKey(name), text(shownValue(config, name)), origins[name]]);
      for (const line of table(["SETTING", "VALUE", "FROM"], rows)) terminal.say(line);
    }
    return EXIT.ok;
  },
};

function shownValue(config: Config, name: Setting): unknown {
  return SECRETS.has(name) && config[name] !== null ? "(hidden)" : config[name];
}

function text(value: unknown): string {
  return value === null ? "(unset)" : String(value);
}
