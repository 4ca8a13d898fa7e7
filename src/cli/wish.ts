/** What start and stop share: telling the wish for each session, and waiting until it has come true. */

import { EXIT, type Exit, Failed } from "./exit.ts";
import { lampWord, type SessionAnswer } from "./sessions.ts";
import { untilTime } from "./until.ts";
import type { Call, Flag } from "./verb.ts";

export const reasonFlag: Flag = { type: "string", short: "r", value: "<text>", about: "why; kept in the audit" };
export const waitFlag = (until: string): Flag => ({ type: "boolean", short: "w", about: `wait until each ${until}, at most 60 s` });

const WAIT_MS = 60_000;
const LOOK_EVERY_MS = 100;
const ARRIVED = { up: new Set(["running", "silent", "frozen"]), down: new Set(["stopped", "interrupted", "crashed", "lost"]) };

export async function wish(call: Call, state: "up" | "down"): Promise<Exit> {
  const client = call.client();
  const reason = call.flags.reason;
  const until = typeof call.flags.until === "string" ? untilTime(call.flags.until, Date.now()) : undefined;
  for (const name of call.operands) {
    await client.call("PUT", `/api/sessions/${encodeURIComponent(name)}/desired`, { state, ...(reason ? { reason } : {}), until });
    if (!call.json && !call.flags.wait) call.terminal.say(`${name} is wanted ${state}${until ? ` until ${until}` : ""}.`);
  }
  const answers: SessionAnswer[] = [];
  for (const name of call.operands) {
    const session = call.flags.wait ? await arrival(call, name, state) : await client.call<SessionAnswer>("GET", sessionPath(name));
    answers.push(session);
    if (!call.json && call.flags.wait) call.terminal.say(`${name} is ${lampWord(session)}.`);
  }
  if (call.json) call.terminal.say(JSON.stringify(answers));
  return EXIT.ok;
}

export const sessionPath = (name: string) => `/api/sessions/${encodeURIComponent(name)}`;

async function arrival(call: Call, name: string, state: "up" | "down"): Promise<SessionAnswer> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const session = await call.client().call<SessionAnswer>("GET", sessionPath(name));
    if (ARRIVED[state].has(session.state)) return session;
    if (performance.now() > deadline) throw new Failed(EXIT.failure, `${name} is still ${lampWord(session)} after 60 s: ${session.why}`);
    await Bun.sleep(LOOK_EVERY_MS);
  }
}
