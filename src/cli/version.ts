/** `signalbox version`: works without settings, store or server. */

import { COMMIT, VERSION } from "../kernel/version.ts";
import { EXIT } from "./exit.ts";
import type { Verb } from "./verb.ts";

export const version: Verb = {
  name: "version",
  operands: "",
  summary: "Say which Signalbox this is",
  async run({ json, terminal }) {
    terminal.say(
      json
        ? JSON.stringify({ version: VERSION, commit: COMMIT, bun: Bun.version })
        : `signalbox ${VERSION} (${COMMIT}, bun ${Bun.version})`,
    );
    return EXIT.ok;
  },
};
