/** `signalbox adopt`: makes a screen that was started by hand a session, without a restart. */

import { exactly } from "./arguments.ts";
import type { Client } from "./client.ts";
import { EXIT, usage } from "./exit.ts";
import type { SessionAnswer } from "./sessions.ts";
import type { StrangerAnswer } from "./strangers.ts";
import type { Verb } from "./verb.ts";

interface Adoptions {
  adopted: { stranger: string; session: string }[];
  refused: { stranger: string; detail: string }[];
}

export const adopt: Verb = {
  name: "adopt",
  operands: "<stranger>",
  summary: "Make a screen that was started by hand a session",
  about:
    "The program goes on as it is: nothing is signalled or typed. From then on it is watched, stopped and restarted like any session.\n" +
    "Without --program and --pair it is taken for what it looks like. With --all: every stranger that looks like a program and its pair.",
  flags: {
    program: { type: "string", value: "<name>", about: "the program it runs" },
    pair: { type: "string", value: "<pair,...>", about: "the pair it serves, or several" },
    name: { type: "string", value: "<name>", about: "name of the session; default: program and first pair" },
    all: { type: "boolean", about: "all that look like a program and its pair" },
  },
  examples: ["signalbox adopt 4242-130095 --program program1 --pair IN_vi", "signalbox adopt --all"],
  async run({ operands, flags, json, terminal, client }) {
    if (flags.all === true) {
      exactly(adopt, operands, 0);
      const answer = await adoptAll(client());
      if (json) terminal.say(JSON.stringify(answer));
      for (const { stranger, session } of json ? [] : answer.adopted) terminal.say(`${stranger} is ${session} now.`);
      for (const { stranger, detail } of json ? [] : answer.refused) terminal.note(`${stranger}: ${detail}`);
      if (!json && answer.adopted.length + answer.refused.length === 0) terminal.note("No stranger looks like a program and its pair.");
      return answer.refused.length > 0 ? EXIT.failure : EXIT.ok;
    }
    exactly(adopt, operands, 1);
    const stranger = operands[0]!;
    const asked = { program: text(flags.program), pairs: text(flags.pair)?.split(",").filter(Boolean) };
    const guess = asked.program && asked.pairs ? null : (await all(client())).find((each) => each.stranger === stranger)?.guess;
    const program = asked.program ?? guess?.program;
    const pairs = asked.pairs ?? guess?.pairs;
    if (!program || !pairs?.length) throw usage("say what it runs: --program <name> --pair <pair>");
    const body = { program, pairs, ...(flags.name ? { name: flags.name } : {}) };
    const session = await client().call<SessionAnswer>("POST", `/api/strangers/${encodeURIComponent(stranger)}/adoption`, body);
    terminal.say(json ? JSON.stringify(session) : `${stranger} is ${session.name} now.`);
    return EXIT.ok;
  },
};

async function adoptAll(client: Client): Promise<Adoptions> {
  const adoptions = (await all(client)).flatMap(({ stranger, state, doubles, refusal, guess: { program, pairs } }) =>
    state === "stranger" && doubles === null && refusal === null && program !== null && pairs.length > 0
      ? [{ stranger, program, pairs }]
      : [],
  );
  if (adoptions.length === 0) return { adopted: [], refused: [] };
  return client.call<Adoptions>("POST", "/api/strangers/adoptions", { adoptions });
}

async function all(client: Client): Promise<StrangerAnswer[]> {
  return (await client.call<{ strangers: StrangerAnswer[] }>("GET", "/api/strangers")).strangers;
}

const text = (flag: string | boolean | undefined) => (typeof flag === "string" ? flag : undefined);
