/** Actions on many sessions by filter: what would be touched is printed, and more than one is confirmed by typing their number. */

import { LAMPS } from "../fleet/states.ts";
import { EXIT, type Exit, Failed, usage } from "./exit.ts";
import { untilTime } from "./until.ts";
import type { Call, Flag, Verb } from "./verb.ts";

type Action = "start" | "stop" | "restart";

/** What selects; each is a condition that must hold. */
const SELECTING: Record<string, Flag> = {
  program: { type: "string", value: "<name>", about: "all sessions of a program" },
  country: { type: "string", value: "<UZ>", about: "all sessions with a pair of this country" },
  operator: { type: "string", value: "<slug>", about: "all sessions with a pair of this operator" },
  tag: { type: "string", value: "<tag>", about: "all sessions with a pair that has this tag" },
  state: { type: "string", value: "<state>", about: "all sessions seen in this state, such as crashed" },
  words: { type: "string", value: "<text>", about: "all sessions the words match, as in the filter of the page" },
  all: { type: "boolean", about: "all sessions" },
};

export const manyFlags: Record<string, Flag> = {
  ...SELECTING,
  yes: { type: "string", value: "<count>", about: "for scripts: how many sessions are expected, instead of being asked" },
};

export const rollingFlags: Record<string, Flag> = {
  pending: { type: "boolean", about: "all sessions whose program was edited since they started" },
  "code-changed": { type: "boolean", about: "all sessions whose program's folder changed since they started" },
  rolling: { type: "boolean", about: "country by country, each when the one before has settled; stops at the first failure" },
  "one-by-one": { type: "boolean", about: "rolling, session by session" },
  settle: { type: "string", value: "<seconds>", about: "rolling: how long a restarted session must run; default 10" },
};

const WHICH = [...Object.keys(SELECTING), "pending", "code-changed"];

export function selectsMany(call: Call): boolean {
  const chosen = WHICH.some((flag) => call.flags[flag] !== undefined);
  if (chosen && call.operands.length > 0) throw usage("name sessions, or select them with flags, not both");
  const idle = ["yes", "rolling", "one-by-one", "settle"].find((flag) => !chosen && call.flags[flag] !== undefined);
  if (idle) throw usage(`--${idle} goes with a selection: --all, --program, --country, --tag, --state ...`);
  return chosen;
}

interface Entry {
  name: string;
  country: string;
  why?: string;
}
interface Preview {
  hash: string;
  count: number;
  touched: Entry[];
  refused: Entry[];
  unchanged: Entry[];
  spread: { country: string; sessions: number }[];
}
interface OperationAnswer {
  id: string;
  state: string;
  why: string | null;
  ended_at: string | null;
  counts: { waiting: number; asked: number; done: number; refused: number; failed: number; left: number };
  steps: { name: string; state: string; why: string | null }[];
}

export async function actOnMany(verb: Verb, call: Call, action: Action): Promise<Exit> {
  const client = call.client();
  const order = orderOf(call, action);
  const preview = await client.call<Preview>("POST", "/api/sessions/actions", { ...order, preview: true });
  if (!call.json) print(call, action, preview);
  if (preview.count === 0) throw new Failed(EXIT.refused, "Nothing would be done: no session of this selection needs it and may have it.");
  await confirm(verb, call, preview.count);
  const begun = await client.call<OperationAnswer>("POST", "/api/sessions/actions", { ...order, expected: preview.hash });
  const operation = call.flags.wait || order.rolling ? await follow(call, begun.id) : begun;
  if (call.json) call.terminal.say(JSON.stringify(operation));
  else if (operation.ended_at === null) call.terminal.say(`Operation ${operation.id} goes on; its page is /operations/${operation.id}.`);
  else call.terminal.say(`Operation ${operation.id} is ${operation.state}${operation.why ? `: ${operation.why}` : ""}.`);
  return operation.state === "failed" || operation.counts.failed > 0 ? EXIT.failure : EXIT.ok;
}

function orderOf({ flags }: Call, action: Action) {
  const filter = {
    program: flags.program,
    country: flags.country,
    operator: flags.operator,
    tag: flags.tag,
    state: stateNamed(flags.state),
    q: flags.words,
    all: flags.all,
    restart_pending: flags.pending,
    code_changed: flags["code-changed"],
  };
  const settle = typeof flags.settle === "string" ? Number(flags.settle) : undefined;
  if (Number.isNaN(settle)) throw usage("--settle takes a number of seconds");
  return {
    action,
    filter,
    reason: flags.reason,
    until: typeof flags.until === "string" ? untilTime(flags.until, Date.now()) : undefined,
    rolling: flags["one-by-one"] ? "session" : flags.rolling ? "country" : undefined,
    settle_seconds: settle,
  };
}

/** By its name or by the word people read: `backoff` or `retrying`. */
function stateNamed(text: string | boolean | undefined): unknown {
  return Object.entries(LAMPS).find(([, { word }]) => word === text)?.[0] ?? text;
}

function print({ terminal }: Call, action: Action, { count, touched, refused, unchanged, spread }: Preview): void {
  const where = spread.map(({ country, sessions }) => `${country} ${sessions}`).join(", ");
  terminal.note(`${action} ${count === 1 ? "1 session" : `${count} sessions`}${where ? ` (${where})` : ""}:`);
  for (const { name } of touched) terminal.note(`  ${name}`);
  for (const { name, why } of refused) terminal.note(`  left out: ${name}: ${why}`);
  if (unchanged.length > 0) terminal.note(`  ${unchanged.length} more of the selection need nothing`);
}

/** More than one is confirmed by typing their number, or by `--yes`. Throws `Failed`. */
export async function confirm(verb: Verb, { flags, terminal }: Call, count: number): Promise<void> {
  if (flags.yes !== undefined) {
    if (Number(flags.yes) === count) return;
    throw new Failed(EXIT.refused, `${flags.yes} expected, but it would be ${count}: nothing was done`);
  }
  if (count === 1) return;
  if (!terminal.asks) throw usage(`nobody is there to confirm: signalbox ${verb.name} ... --yes ${count}`);
  const typed = await terminal.ask(`Type ${count} to go on: `);
  if (typed.trim() !== String(count)) throw new Failed(EXIT.refused, "Not confirmed: nothing was done");
}

const LOOK_EVERY_MS = 250;

/** Tells each session as it is done; Ctrl-C ends the telling, not the operation. */
async function follow(call: Call, id: string): Promise<OperationAnswer> {
  const told = new Map<string, string>();
  for (;;) {
    const operation = await call.client().call<OperationAnswer>("GET", `/api/operations/${id}`);
    for (const { name, state, why } of operation.steps) {
      if (told.get(name) === state || state === "waiting") continue;
      told.set(name, state);
      if (!call.json) call.terminal.note(`  ${name}: ${state === "asked" ? "under way" : state}${why ? `: ${why}` : ""}`);
    }
    if (operation.ended_at !== null) return operation;
    await Bun.sleep(LOOK_EVERY_MS);
  }
}
