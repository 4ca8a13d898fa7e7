/** `signalbox countries`: the countries with what may be sent to them. */

import { EXIT } from "./exit.ts";
import { table } from "./terminal.ts";
import type { Verb } from "./verb.ts";

export interface CountryAnswer {
  code: string;
  name: string;
  limit: number;
  window_seconds: number;
}

export const countries: Verb = {
  name: "countries",
  operands: "",
  summary: "List the countries and their budgets",
  async run({ json, terminal, client }) {
    const answer = await client().call<{ countries: CountryAnswer[] }>("GET", "/api/countries");
    if (json) terminal.say(JSON.stringify(answer.countries));
    else if (answer.countries.length === 0) terminal.note("There are no countries yet: one comes with its first pair.");
    else
      for (const line of table(
        ["CODE", "LIMIT", "WINDOW, S", "NAME"],
        answer.countries.map(({ code, name, limit, window_seconds }) => [code, String(limit), String(window_seconds), name]),
      ))
        terminal.say(line);
    return EXIT.ok;
  },
};
