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
  await sessionsOf(call);
  for (const name of call.operands) {
    await client.call("PUT", `${sessionPath(name)}/desired`, { state, ...(reason ? { reason } : {}), until });
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

/** The named sessions as they are. Throws when one does not exist: before anything was asked of the others. */
export async function sessionsOf(call: Call): Promise<SessionAnswer[]> {
  return Promise.all(call.operands.map((name) => call.client().call<SessionAnswer>("GET", sessionPath(name))));
}

export const sessionPath = (name: string) => `/api/sessions/${encodeURIComponent(name)}`;

/** `past`: a run that does not count, because it is the one to be ended. */
export async function arrival(call: Call, name: string, state: "up" | "down", past: string | null = null): Promise<SessionAnswer> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const session = await call.client().call<SessionAnswer>("GET", sessionPath(name));
    if (ARRIVED[state].has(session.state) && (past === null || session.run !== past)) return session;
    if (performance.now() > deadline) throw new Failed(EXIT.failure, `${name} is still ${lampWord(session)} after 60 s: ${session.why}`);
    await Bun.sleep(LOOK_EVERY_MS);
  }
}
