/** Deeds that go through Signalbox: wishes, restarts, edits, pairs, priorities, operations. Each returns what it did in words, or null when there was nobody to do it to. */

import { ask, isCalm, type Stage, type Told, told, type } from "./stage.ts";

export type Act = (stage: Stage) => Promise<string | null>;

const RESTING = new Set(["crashed", "interrupted"]);
const subjectOf = (session: Told) => `session:${session.id}`;

async function some(stage: Stage, fits: (session: Told) => boolean): Promise<Told | undefined> {
  return stage.chance.pick((await told(stage)).filter((session) => isCalm(session) && fits(session)));
}

/** Seldom for ever, and never for longer than the soak can wait. */
function untilOf({ chance }: Stage, share: number): number | null {
  return chance.next() < share ? Math.ceil(chance.between(4, 20)) : null;
}

async function want(stage: Stage, state: "up" | "down", session: Told, share: number): Promise<string> {
  const { chance, chronicle, sample } = stage;
  const verb =
    state === "down" ? "session.stop" : RESTING.has(session.state) && session.desired.state === "up" ? "session.retry" : "session.start";
  const seconds = verb === "session.retry" ? null : untilOf(stage, share);
  const word = state === "up" ? "start" : "stop";
  const reason = chronicle.reason(`${word} ${session.name}`);
  const audit = { verb, subject: subjectOf(session), reason };
  const what = `${word} ${session.name}${seconds ? ` for ${seconds} s` : ""}`;
  if (chance.next() < 0.4) {
    await type(stage, `cli ${what}`, audit, word, session.name, "--reason", reason, ...(seconds ? ["--until", `${seconds}s`] : []));
    return `cli: ${what}`;
  }
  const until = seconds ? { until: new Date(Date.now() + seconds * 1000).toISOString() } : {};
  await ask(stage, what, audit, () => sample.api.call("PUT", `/api/sessions/${session.name}/desired`, { state, reason, ...until }));
  return what;
}

export const stop: Act = async (stage) => {
  const session = await some(stage, ({ desired, priority }) => desired.state === "up" && !priority);
  return session ? want(stage, "down", session, 0.5) : null;
};

export const start: Act = async (stage) => {
  const session = await some(stage, ({ desired, state }) => desired.state === "down" || RESTING.has(state));
  return session ? want(stage, "up", session, 0.2) : null;
};

export const restart: Act = async (stage) => {
  const { chance, chronicle, sample } = stage;
  const session = await some(stage, ({ desired, state }) => desired.state === "up" && !RESTING.has(state));
  if (!session) return null;
  const reason = chronicle.reason(`restart ${session.name}`);
  const audit = { verb: "session.restart", subject: subjectOf(session), reason };
  if (chance.next() < 0.4) await type(stage, `cli restart ${session.name}`, audit, "restart", session.name, "--reason", reason);
  else
    await ask(stage, `restart ${session.name}`, audit, () => sample.api.call("POST", `/api/sessions/${session.name}/restarts`, { reason }));
  return `restart ${session.name}`;
};

export const giveUp: Act = async (stage) => {
  const session = await some(stage, ({ state, priority }) => state === "backoff" && !priority);
  if (!session) return null;
  const reason = stage.chronicle.reason(`give up ${session.name}`);
  const audit = { verb: "session.surrender", subject: subjectOf(session), reason };
  await ask(stage, `give up ${session.name}`, audit, () =>
    stage.sample.api.call("POST", `/api/sessions/${session.name}/surrenders`, { reason }),
  );
  return `give up ${session.name}`;
};

export const thaw: Act = async (stage) => {
  const session = await some(stage, ({ state }) => state === "frozen");
  if (!session) return null;
  const audit = { verb: "session.thaw", subject: subjectOf(session), reason: null };
  await ask(stage, `thaw ${session.name}`, audit, () => stage.sample.api.call("POST", `/api/sessions/${session.name}/thaws`, {}));
  return `thaw ${session.name}`;
};

/** Its policy, or what it is started with; what runs keeps the old command. */
export const edit: Act = async (stage) => {
  const { chance, sample } = stage;
  const { programs } = await sample.api.call<{
    programs: (Record<string, unknown> & { name: string; template: string[]; restart: object })[];
  }>("GET", "/api/programs");
  const program = chance.pick(programs);
  if (!program) return null;
  const { environment: _, secrets: __, sessions: ___, version: ____, created_at: _____, updated_at: ______, ...kept } = program;
  const commandToo = chance.next() < 0.5 && program.template[0] === "python3";
  const mark = program.template.indexOf("--soak");
  const template = [...(mark < 0 ? program.template : program.template.slice(0, mark)), "--soak", String(chance.below(1000))];
  const policy = chance.weighed({ "on-failure": 4, always: 2, never: 1 });
  const change = commandToo ? { template } : { restart: { ...program.restart, policy, first_delay_ms: 200 + chance.below(800) } };
  const audit = { verb: "program.update", subject: `program:${program.name}`, reason: null };
  await ask(stage, `edit ${program.name}`, audit, () => sample.api.call("PUT", `/api/programs/${program.name}`, { ...kept, ...change }));
  return `edit ${program.name}: ${commandToo ? "its command" : `policy ${policy}`}`;
};

const COUNTRIES = ["UZ", "UA", "TJ", "IN", "AZ", "KZ", "GE", "TR"];

/** With sessions of its own, or bare, for somebody to start one by hand. */
export async function newPair(stage: Stage, programs: readonly string[]): Promise<string | null> {
  const country = stage.chance.pick(COUNTRIES)!;
  const operator = `soak-${++stage.pairs}`;
  const id = `${country}_${operator}`;
  const audit = { verb: "pair.create", subject: `pair:${id}`, reason: null };
  const done = await ask(stage, `add ${id}`, audit, () =>
    stage.sample.api.call("POST", "/api/pairs", { country, operator, programs: [...programs] }),
  );
  return done === null ? null : id;
}

export const addPair: Act = async (stage) => {
  const programs = stage.chance.pick([["program1"], ["program2", "program6"], ["leaver"], ["stubborn", "program5"], ["printer"]])!;
  const id = await newPair(stage, programs);
  return id && `add ${id} with ${programs.join(", ")}`;
};

export const retirePair: Act = async (stage) => {
  const { pairs } = await stage.sample.api.call<{ pairs: { id: string; priority: boolean }[] }>("GET", "/api/pairs");
  const pair = stage.chance.pick(pairs.filter(({ id, priority }) => !priority && /_(soak|mobile)-/.test(id)));
  if (!pair) return null;
  const reason = stage.chronicle.reason(`retire ${pair.id}`);
  const audit = { verb: "pair.retire", subject: `pair:${pair.id}`, reason };
  await ask(stage, `retire ${pair.id}`, audit, () => stage.sample.api.call("DELETE", `/api/pairs/${pair.id}`, { reason }));
  return `retire ${pair.id}`;
};

export const retireSession: Act = async (stage) => {
  const session = await some(stage, ({ name, priority }) => !priority && name.includes("soak-"));
  if (!session) return null;
  const audit = { verb: "session.retire", subject: subjectOf(session), reason: null };
  await ask(stage, `delete ${session.name}`, audit, () => stage.sample.api.call("DELETE", `/api/sessions/${session.name}`));
  return `delete ${session.name}`;
};

export const priority: Act = async (stage) => {
  const { chance, chronicle, sample } = stage;
  const { pairs } = await sample.api.call<{ pairs: { id: string; priority: boolean }[] }>("GET", "/api/pairs");
  const high = pairs.filter((pair) => pair.priority);
  // About as many high as the fleet began with.
  const lower = high.length > 2 + chance.below(4);
  const pair = chance.pick(lower ? high : pairs.filter((each) => !each.priority));
  if (!pair) return null;
  const reason = chronicle.reason(`priority of ${pair.id}`);
  const audit = { verb: lower ? "pair.deprioritise" : "pair.prioritise", subject: `pair:${pair.id}`, reason };
  await ask(stage, `priority of ${pair.id}`, audit, () =>
    sample.api.call(lower ? "DELETE" : "PUT", `/api/pairs/${pair.id}/priority`, { reason }),
  );
  return `${pair.id} is ${lower ? "no longer " : ""}high priority`;
};

interface OperationTold {
  id: string;
  action: string;
  ended_at: string | null;
  undone_by: string | null;
}

export async function openOperations({ sample }: Stage): Promise<OperationTold[]> {
  const { operations } = await sample.api.call<{ operations: OperationTold[] }>("GET", "/api/operations");
  return operations.filter(({ ended_at }) => ended_at === null);
}

async function operate(stage: Stage, what: string, order: Record<string, unknown>): Promise<string | null> {
  const { sample, chronicle } = stage;
  const reason = chronicle.reason(what);
  const whole = { ...order, reason };
  const { count, hash } = await sample.api.call<{ count: number; hash: string }>("POST", "/api/sessions/actions", {
    ...whole,
    preview: true,
  });
  if (count === 0) return null;
  await ask(stage, what, { verb: "operation.begin", subject: null, reason }, () =>
    sample.api.call("POST", "/api/sessions/actions", { ...whole, expected: hash }),
  );
  return `${what}: ${count} sessions`;
}

export const rolling: Act = async (stage) => {
  if ((await openOperations(stage)).length > 1) return null;
  const country = stage.chance.pick(COUNTRIES)!;
  const program = stage.chance.pick(["program1", "program2", "program3", "program5", "program6"])!;
  const filter = stage.chance.pick([{ country }, { program }, { restart_pending: true }])!;
  return operate(stage, `rolling restart of ${Object.values(filter).join()}`, {
    action: "restart",
    filter,
    rolling: "country",
    settle_seconds: 1,
  });
};

export const stopMany: Act = async (stage) => {
  const country = stage.chance.pick(COUNTRIES)!;
  const until = new Date(Date.now() + Math.ceil(stage.chance.between(8, 20)) * 1000).toISOString();
  return operate(stage, `stop all of ${country}`, { action: "stop", filter: { country }, ...(stage.chance.next() < 0.5 ? { until } : {}) });
};

export const undo: Act = async (stage) => {
  const { operations } = await stage.sample.api.call<{ operations: OperationTold[] }>("GET", "/api/operations");
  const ended = operations.find(({ action, undone_by }) => action === "stop" && undone_by === null);
  if (!ended) return null;
  await ask(stage, `undo ${ended.id}`, { verb: "operation.begin", subject: null, reason: null }, () =>
    stage.sample.api.call("POST", `/api/operations/${ended.id}/undos`, {}),
  );
  return `undo ${ended.id}`;
};
